/** What is remembered of a frame until its packet is acknowledged or lost. */

import type { Stream } from "./stream.ts";

/** What a packet carried: enough to send it again, or to know that it arrived. */
export interface SentFrame {
  /** Which frame; `ack` is kept to know when ranges may be forgotten. */
  readonly kind:
    | "ack"
    | "ack_frequency"
    | "addresses"
    | "observed"
    | "stream"
    | "reset"
    | "stop"
    | "max_data"
    | "max_rate"
    | "max_stream_data"
    | "max_streams";
  /** The stream it belongs to; `undefined` for frames of the whole connection. */
  readonly stream: Stream | undefined;
  /**
   * Stream offset; of an ACK the largest number it told, of ADDRESSES the round.
   */
  readonly offset: number;
  readonly length: number;
  readonly fin: boolean;
}

/**
 * The record of a frame without data.
 *
 * @param offset Of an ACK the largest number it told. @default {0}
 */
export function sentControl(
  kind: SentFrame["kind"],
  stream: Stream | undefined,
  offset = 0,
): SentFrame {
  return { kind, stream, offset, length: 0, fin: false };
}
