/**
 * The transport parameters a node announces, and the credit in them.
 *
 * @module
 */

import { DATAGRAM_MAX, IDLE_TIMEOUT_MS, STREAMS_MAX } from "../limits.ts";
import type { TransportParameters } from "../wire/mod.ts";

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
