/** What one end lets the other send on streams. */

import type { WindowBounds } from "./receive_window.ts";

/** Limits one end sets for the other. */
export interface StreamLimits {
  /** Bytes on all streams together, at the start. */
  initialMaxData: number;
  /** Bytes on each stream, at the start. */
  initialMaxStreamData: number;
  /** Streams open at once. */
  initialMaxStreamsBidi: number;
}

/** How large the windows of {@linkcode StreamLimits} may become. */
export interface WindowGrowth {
  /** That of all streams together. */
  readonly connection: WindowBounds;
  /** That of each stream. */
  readonly stream: WindowBounds;
}
