/**
 * What a holder tells about its work, for logs, metrics and the progress of a
 * share.
 */

import type { Request } from "../protocol/request.ts";
import type { StreamErrorCode } from "../protocol/stream_error_code.ts";

/**
 * One event of a holder. `stream` is an id unique in its session, `bytes` are
 * those of the response with its headers, `hash` is the BLAKE3 of a chunk.
 */
export type HolderEvent =
  /** A request has been read and is responded to. */
  | { type: "request"; stream: number; request: Request }
  /** The stream has taken some bytes of the response. */
  | { type: "sent"; stream: number; bytes: number }
  /** The response is complete; how many chunks were sent and how many are not held. */
  | {
    type: "answered";
    stream: number;
    bytes: number;
    chunks: number;
    missing: number;
  }
  /** A request ended without a complete response: what the peer was told, and why. */
  | { type: "failed"; stream: number; code: StreamErrorCode; error: unknown }
  /** The store could not read a chunk; the peer is told that it is not held. */
  | { type: "store_error"; hash: Uint8Array; error: unknown };
