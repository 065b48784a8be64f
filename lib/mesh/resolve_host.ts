import { abortable } from "@std/async";
import { lookup } from "node:dns/promises";
import { HandshakeError, TimeoutError } from "../errors.ts";
import {
  isIpv4,
  isIpv6,
  isLinkLocal,
  parseHostPort,
  type SocketAddress,
} from "./address.ts";
import { knownInterfaces, withZones } from "./link_local.ts";

/** Most addresses of one name that are tried. */
const ADDRESSES_MAX = 16;

/**
 * The addresses behind `host:port`, in the order the system prefers, but the
 * families by turns (RFC 8305 §4): many of one that leads nowhere must not keep
 * the other waiting. A link-local literal without a zone is one on each link.
 */
export async function resolveHost(
  text: string,
  { signal, timeoutMs }: { signal?: AbortSignal; timeoutMs: number },
): Promise<SocketAddress[]> {
  signal?.throwIfAborted();
  const { hostname, port } = parseHostPort(text);
  if (isIpv4(hostname) || isIpv6(hostname)) {
    const address = { hostname, port };
    return isLinkLocal(hostname)
      ? withZones(address, knownInterfaces()).slice(0, ADDRESSES_MAX)
      : [address];
  }
  const fields = { address: text };
  const timeout = AbortSignal.timeout(Math.min(timeoutMs, 2 ** 31 - 1));
  const signals = signal === undefined ? [timeout] : [signal, timeout];
  try {
    // A lookup cannot be stopped; what it brings afterwards is ignored.
    const found: { address: string }[] = await abortable(
      lookup(hostname, { all: true }),
      AbortSignal.any(signals),
    );
    const unique = new Set(found.map(({ address }) => address));
    return byTurns([...unique]).slice(0, ADDRESSES_MAX)
      .map((hostname) => ({ hostname, port }));
  } catch (error) {
    signal?.throwIfAborted();
    if (error === timeout.reason) {
      throw new TimeoutError(
        `the name of ${text} could not be looked up in time`,
        { hint: "check the name service, or give the IP address", fields },
      );
    }
    throw new HandshakeError(
      `cannot resolve ${hostname}: ${
        error instanceof Error ? error.message : String(error)
      }`,
      {
        cause: error,
        hint: "check the name, or give the IP address",
        fields,
      },
    );
  }
}

/** The families of addresses by turns, that of the first one first. */
export function byTurns(addresses: readonly string[]): string[] {
  const first = addresses.filter((one) => isIpv6(one) === isIpv6(addresses[0]));
  const second = addresses.filter((one) => !first.includes(one));
  const longer = Math.max(first.length, second.length);
  return Array.from({ length: longer }, (_, i) => [first[i], second[i]])
    .flat().filter((one) => one !== undefined);
}
