/**
 * How large a datagram may be probed for on a path (RFC 8899).
 *
 * @module
 */

import { isLoopback, withoutMapping } from "./format_address.ts";

/** Ethernet's 1500 bytes less the IPv4 and UDP headers. */
const ETHERNET_IPV4 = 1472;
/** Ethernet's 1500 bytes less the IPv6 and UDP headers. */
const ETHERNET_IPV6 = 1452;
/** The loopback interface's 65 536 bytes less the IPv6 and UDP headers; fits IPv4 too. */
const LOOPBACK = 65_488;

/**
 * The largest datagram that never becomes IP fragments on the way to
 * `hostname`. Larger ones could be probed for only if the socket forbade
 * fragmentation, which Deno's cannot: a probe would then arrive in fragments
 * and prove nothing.
 */
export function datagramCeiling(hostname: string): number {
  if (isLoopback(hostname)) return LOOPBACK;
  return withoutMapping(hostname).includes(":") ? ETHERNET_IPV6 : ETHERNET_IPV4;
}
