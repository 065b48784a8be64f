/**
 * What a holder tells about its work, for logs, metrics and the progress of a
 * share.
 *
 * @module
 */

import type { Request } from "../protocol/request.ts";
import type { StreamErrorCode } from "../protocol/stream_error_code.ts";

/** A request has been read and is being answered. */
export interface HolderRequestEvent {
  /** Discriminant. */
  type: "request";
  /** Id of the stream, unique in its session. */
  stream: number;
  /** What is asked. */
  request: Request;
}

/** Bytes of an answer have been taken by the stream. */
export interface HolderSentEvent {
  /** Discriminant. */
  type: "sent";
  /** Id of the stream. */
  stream: number;
  /** How many, headers included. */
  bytes: number;
}

/** An answer is complete. */
export interface HolderAnsweredEvent {
  /** Discriminant. */
  type: "answered";
  /** Id of the stream. */
  stream: number;
  /** Bytes of the answer, headers included. */
  bytes: number;
  /** Chunks that were sent. */
  chunks: number;
  /** Chunks that are not held. */
  missing: number;
}

/** A request ended without a complete answer. */
export interface HolderFailedEvent {
  /** Discriminant. */
  type: "failed";
  /** Id of the stream. */
  stream: number;
  /** What the client was told. */
  code: StreamErrorCode;
  /** Why. */
  error: unknown;
}

/** The store could not read a chunk; the client is told that it is not held. */
export interface HolderStoreErrorEvent {
  /** Discriminant. */
  type: "store_error";
  /** BLAKE3 of the chunk. */
  hash: Uint8Array;
  /** What the store threw. */
  error: unknown;
}

/** One event of a holder. */
export type HolderEvent =
  | HolderRequestEvent
  | HolderSentEvent
  | HolderAnsweredEvent
  | HolderFailedEvent
  | HolderStoreErrorEvent;
