/**
 * Link-local IPv6 addresses: each interface has such a network, so that an
 * address says where a node is only together with its zone, the interface.
 */

import { isLinkLocal, type SocketAddress, zoneOf } from "./address.ts";

/** What {@linkcode withZones} looks at in an interface. */
type Interface = Pick<Deno.NetworkInterfaceInfo, "name" | "address">;

/**
 * The addresses that a link-local one without a zone may mean: one for each
 * interface with such a network. Others mean themselves.
 */
export function withZones(
  address: SocketAddress,
  interfaces: readonly Interface[],
): SocketAddress[] {
  const { hostname } = address;
  if (!isLinkLocal(hostname) || zoneOf(hostname) !== undefined) {
    return [address];
  }
  const zones = new Set(
    interfaces.filter((one) => isLinkLocal(one.address))
      .map(({ name }) => name),
  );
  if (zones.size === 0) return [address];
  return Array.from(
    zones,
    (zone) => ({ ...address, hostname: `${hostname}%${zone}` }),
  );
}

/** The interfaces of this machine, none where the process may not know them. */
export function knownInterfaces(): Interface[] {
  const { state } = Deno.permissions.querySync({
    name: "sys",
    kind: "networkInterfaces",
  });
  return state === "granted" ? Deno.networkInterfaces() : [];
}
