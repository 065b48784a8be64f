/**
 * What a pull-through cache tells about its work, for logs.
 *
 * @module
 */

import type { CloseInfo } from "../../mesh/mod.ts";

/** The upstream is attached. */
export interface UpstreamAttachedEvent {
  /** Discriminant. */
  type: "attached";
  /** Where it is, as `host:port`. */
  address: string;
}

/** The session with the upstream is over; it is attached to again. */
export interface UpstreamDetachedEvent {
  /** Discriminant. */
  type: "detached";
  /** How it ended. */
  close: CloseInfo;
}

/** The upstream could not be attached to. */
export interface UpstreamAttachFailedEvent {
  /** Discriminant. */
  type: "attach_failed";
  /** Why. */
  error: unknown;
  /** Milliseconds until the next attempt. */
  retryMs: number;
}

/** What became of one chunk that somebody asked for. */
export interface UpstreamChunkEvent {
  /**
   * `hit`: it was in the local store. `miss`: it was not, the upstream is
   * asked. `fetched`: it came from there and is verified. `absent`: the
   * upstream does not have it either.
   */
  type: "hit" | "miss" | "fetched" | "absent";
  /** BLAKE3 of the chunk, 32 bytes. */
  hash: Uint8Array;
  /** Its length, where it is known. */
  bytes?: number;
}

/** The chunk could not be fetched, or the local store not be read or written. */
export interface UpstreamFailedEvent {
  /**
   * `fetch_failed`: whoever asked gets nothing. `local_failed`: the work goes
   * on without the local store.
   */
  type: "fetch_failed" | "local_failed";
  /** BLAKE3 of the chunk, 32 bytes. */
  hash: Uint8Array;
  /** Why. */
  error: unknown;
}

/** One event of a pull-through cache. */
export type UpstreamEvent =
  | UpstreamAttachedEvent
  | UpstreamDetachedEvent
  | UpstreamAttachFailedEvent
  | UpstreamChunkEvent
  | UpstreamFailedEvent;
