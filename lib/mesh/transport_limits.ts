/**
 * The transport parameters a node announces, with the credit in them, and how
 * large its datagrams may be.
 *
 * @module
 */

import { DATAGRAM_MAX, IDLE_TIMEOUT_MS, STREAMS_MAX } from "../limits.ts";
import type { TransportParameters } from "../wire/mod.ts";
import { isLoopback, withoutMapping } from "./address.ts";

/** Credit for one stream: two chunks, so that a reader's pause does not stop the sender. */
const STREAM_WINDOW = 8 * 1024 * 1024;
/** Credit for all streams of a connection: what one peer may make us hold. */
const CONNECTION_WINDOW = 24 * 1024 * 1024;
/** Credit for one stream of a peer that attached to us: two requests of the largest size. */
const REQUEST_WINDOW = 128 * 1024;
/** Credit for all streams of a peer that attached to us. */
const REQUESTS_WINDOW = 2 * 1024 * 1024;
/** Longest an acknowledgement is held back, in milliseconds. */
const MAX_ACK_DELAY_MS = 25;

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
 * The parameters of this end.
 *
 * @param listens Whether peers attach to it. They send requests: a thousand of
 * them must not be able to make us hold a thousand downloads.
 * @param receiveBufferBytes Bytes the socket keeps unread.
 */
export function localParameters(
  listens: boolean,
  receiveBufferBytes: number,
): TransportParameters {
  return {
    maxIdleTimeoutMs: IDLE_TIMEOUT_MS,
    initialMaxData: listens ? REQUESTS_WINDOW : CONNECTION_WINDOW,
    initialMaxStreamData: listens ? REQUEST_WINDOW : STREAM_WINDOW,
    initialMaxStreamsBidi: STREAMS_MAX,
    maxAckDelayMs: MAX_ACK_DELAY_MS,
    maxDatagramSize: DATAGRAM_MAX,
    receiveBufferBytes,
  };
}

/**
 * The largest datagram that may be probed for (RFC 8899) on the way to
 * `hostname` and never becomes IP fragments. Larger ones could be probed for
 * only if the socket forbade fragmentation, which Deno's cannot: a probe would
 * then arrive in fragments and prove nothing.
 */
export function datagramCeiling(hostname: string): number {
  if (isLoopback(hostname)) return LOOPBACK;
  return withoutMapping(hostname).includes(":") ? ETHERNET_IPV6 : ETHERNET_IPV4;
}
