/** What a pull-through cache tells about its work, for logs. */

import type { CloseInfo } from "../../mesh/mod.ts";

/** One event of a pull-through cache; `hash` is the BLAKE3 of a chunk. */
export type UpstreamEvent =
  /** The upstream is attached; `address` is its `host:port`. */
  | { type: "attached"; address: string }
  /** The session with the upstream is over; it is attached to again. */
  | { type: "detached"; close: CloseInfo }
  /**
   * The upstream could not be attached to, and why; in `retryMs` milliseconds
   * it is tried again.
   */
  | { type: "attach_failed"; error: unknown; retryMs: number }
  /** A chunk was in the local store. */
  | { type: "hit"; hash: Uint8Array; bytes: number }
  /** It was not, and is fetched. */
  | { type: "miss"; hash: Uint8Array }
  /** It came from the upstream and is verified. */
  | { type: "fetched"; hash: Uint8Array; bytes: number }
  /** The upstream does not have it either. */
  | { type: "absent"; hash: Uint8Array }
  /** It could not be fetched: those who wait get nothing. */
  | { type: "fetch_failed"; hash: Uint8Array; error: unknown }
  /** The local store could not be read or written and is bypassed. */
  | { type: "local_failed"; hash: Uint8Array; error: unknown };
