import {
  CONNECTION_WINDOW,
  CONNECTION_WINDOW_MAX,
  DATAGRAM_MAX,
  DATAGRAM_MIN,
  IDLE_TIMEOUT_MS,
  REQUEST_MAX,
  REQUESTS_WINDOW,
  STREAM_WINDOW,
  STREAM_WINDOW_MAX,
  STREAMS_MAX,
  UNREAD_MAX,
  WINDOW_GROWTH_MAX,
} from "../limits.ts";
import {
  type TransportParameters,
  UnreadBudget,
  WindowBudget,
  type WindowGrowth,
} from "../wire/mod.ts";
import { isLoopback, withoutMapping } from "./address.ts";

/**
 * Credit for one stream of a peer that attached to us: a request of the largest
 * size.
 */
const REQUEST_WINDOW = REQUEST_MAX;
/**
 * Seconds' worth of a limited rate that a peer may send before it gets more
 * credit: whatever the round trip, the rate and not the credit is the limit.
 */
const RATE_WINDOW_S = 4;
/** Smallest credit at a limited rate, in bytes: a burst that no line notices. */
const RATE_WINDOW_MIN = 256 * 1024;
/** How far the first two windows grow on paths that need more. */
export const WINDOW_GROWTH: WindowGrowth = {
  connection: {
    max: CONNECTION_WINDOW_MAX,
    budget: new WindowBudget(WINDOW_GROWTH_MAX),
  },
  // What waits on a stream counts against its connection's.
  stream: { max: STREAM_WINDOW_MAX },
};
/** What peers that attached to us have sent and nobody has read. */
export const UNREAD_BUDGET: UnreadBudget = new UnreadBudget(UNREAD_MAX);
/** Longest an acknowledgement is held back, in milliseconds. */
const MAX_ACK_DELAY_MS = 25;

/** Bytes of the IPv4 and UDP headers. */
const HEADERS_IPV4 = 28;
/** Bytes of the IPv6 and UDP headers. */
const HEADERS_IPV6 = 48;
/** MTU of Ethernet, above which nothing is probed for. */
const ETHERNET_MTU = 1500;
/** MTU of every link (RFC 8200 §5): what may be sent where nothing is known. */
const EVERY_MTU = 1280;
/**
 * Three fit the socket buffer of Linux: one on its way, one being sealed, one opened. Larger
 * ones are hardly cheaper per byte; 65 488 bytes would fit loopback under IPv6 and UDP.
 */
const LOOPBACK = 61_440;

/**
 * A peer that attached sends requests: a thousand must not make us hold a
 * thousand downloads.
 *
 * @param receiveRate What peers are asked to send at most, in bytes per second.
 */
export function localParameters(
  listens: boolean,
  receiveBufferBytes: number,
  receiveRate = Infinity,
): TransportParameters {
  const limited = Math.max(
    RATE_WINDOW_MIN,
    Math.ceil(RATE_WINDOW_S * receiveRate),
  );
  return {
    maxIdleTimeoutMs: IDLE_TIMEOUT_MS,
    initialMaxData: Math.min(
      limited,
      listens ? REQUESTS_WINDOW : CONNECTION_WINDOW,
    ),
    initialMaxStreamData: listens ? REQUEST_WINDOW : STREAM_WINDOW,
    initialMaxStreamsBidi: STREAMS_MAX,
    maxAckDelayMs: MAX_ACK_DELAY_MS,
    maxDatagramSize: DATAGRAM_MAX,
    receiveBufferBytes,
  };
}

/**
 * The largest datagram that may be probed for (RFC 8899), so that none leaves in
 * IP fragments: Deno's sockets allow those, and a probe that arrives in them
 * proves nothing.
 *
 * @param carried Longest datagram that the interface of the way there takes
 * whole, where that is known.
 */
export function datagramCeiling(hostname: string, carried?: number): number {
  if (isLoopback(hostname)) return LOOPBACK;
  return Math.min(
    carried ?? udpPayload(hostname, EVERY_MTU),
    udpPayload(hostname, ETHERNET_MTU),
  );
}

/**
 * What to announce as the largest datagram: one that the interface here takes
 * whole comes over its link, too.
 */
export function announcedDatagramSize(carried = DATAGRAM_MAX): number {
  return Math.min(DATAGRAM_MAX, Math.max(DATAGRAM_MIN, carried));
}

/** Bytes of a datagram to a host in an IP packet of `mtu` bytes. */
export function udpPayload(hostname: string, mtu: number): number {
  const ipv6 = withoutMapping(hostname).includes(":");
  return mtu - (ipv6 ? HEADERS_IPV6 : HEADERS_IPV4);
}
