/** A place of this machine where chunks are, and which ones a fetch may use. */

import type { ChunkStore, HashCache } from "../../store/mod.ts";

/** Where a fetch may take content from, besides what is at the target. */
export interface PlaceOptions {
  /**
   * Files and directories whose content is taken where it is wanted, by its hash:
   * copied, as a file of somebody else must not become one of the tree. Links
   * are not followed in there.
   *
   * @default {none}
   */
  reuse?: readonly string[];
  /** A store whose chunks are taken; nothing is put there. */
  store?: Pick<ChunkStore, "has" | "get" | "sizeOf">;
}

/** A place. What is read there may have changed: who writes it verifies it. */
export interface ChunkPlace {
  /** Whether a chunk is there, or was a moment ago. */
  has(hash: Uint8Array, size: number): boolean | Promise<boolean>;
  /** Reads a chunk, if it still is there. */
  read(hash: Uint8Array): Promise<Uint8Array | undefined>;
}

/** How places are looked at. */
export interface LookOptions {
  /** Threads that hash. */
  jobs?: number;
  /** Knows files that need not be read. */
  hashCache?: HashCache;
  signal?: AbortSignal;
}
