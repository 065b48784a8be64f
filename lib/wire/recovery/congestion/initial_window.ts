/** What is sent before anything is known of a path. */

/**
 * Datagrams of the first flight when the round trip is known, so that it is
 * spread over it; what nothing spreads keeps to RFC 9002 §7.2.
 */
const PACED_DATAGRAMS = 32;
/** Longest datagram of which so many are few, in bytes. */
const ETHERNET_DATAGRAM = 1472;

/** The window at the start of a connection, in bytes (RFC 9002 §7.2). */
export function initialWindow(maxDatagramSize: number): number {
  return Math.min(10 * maxDatagramSize, Math.max(14_720, 2 * maxDatagramSize));
}

/** The same, in bytes, for a flight that is paced over a known round trip. */
export function pacedInitialWindow(maxDatagramSize: number): number {
  return maxDatagramSize > ETHERNET_DATAGRAM
    ? initialWindow(maxDatagramSize)
    : PACED_DATAGRAMS * maxDatagramSize;
}
