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
/**
 * Three of these fit the socket buffer of Linux, so that one is on its way while
 * one is sealed and one is opened; larger ones are hardly cheaper per byte. The
 * loopback interface would carry 65 488 bytes under IPv6 and UDP headers.
 */
const LOOPBACK = 61_440;

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
