/** The addresses under which others reach a listening node. */

import { formatAddress, type SocketAddress } from "../../mesh/mod.ts";

export interface LocalAddress {
  readonly family: "IPv4" | "IPv6";
  readonly address: string;
}

function rank({ family, address }: LocalAddress): number {
  const loopback = address === "::1" || address.startsWith("127.");
  return (loopback ? 2 : 0) + (family === "IPv6" ? 1 : 0);
}

/**
 * Expands a wildcard to the addresses of this machine that others can reach,
 * the likeliest first.
 */
export function dialableAddresses(
  bound: SocketAddress,
  interfaces: readonly LocalAddress[],
): string[] {
  const { hostname, port } = bound;
  if (hostname !== "::" && hostname !== "0.0.0.0") {
    return [formatAddress(bound)];
  }
  const usable = interfaces.filter(({ family, address }) =>
    (hostname === "::" || family === "IPv4") && !/^fe[89ab].:/i.test(address)
  ).sort((a, b) => rank(a) - rank(b));
  const texts = usable.map(({ address }) =>
    formatAddress({ hostname: address, port })
  );
  return [...new Set(texts)];
}

/** The addresses of this machine, if the process may know them. */
export function localAddresses(): LocalAddress[] {
  const { state } = Deno.permissions.querySync({
    name: "sys",
    kind: "networkInterfaces",
  });
  if (state !== "granted") return [{ family: "IPv4", address: "127.0.0.1" }];
  return Deno.networkInterfaces();
}
