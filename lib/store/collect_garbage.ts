/** Removing from a store what no reference needs any more. */

import type { BlobRef } from "../content/mod.ts";
import { toHex } from "../text/hex.ts";
import type { DiskStore } from "./disk_store.ts";
import { markChunks } from "./mark_chunks.ts";
import { TimeSlice } from "./time_slice.ts";

/** Options of {@linkcode collectGarbage}. */
export interface CollectOptions {
  /** What is needed; everything else is not. */
  readonly keep: readonly BlobRef[];
  /**
   * Chunks stored after this stay, in milliseconds of the Unix epoch: somebody
   * may be storing the content of a reference that is not known yet.
   */
  readonly since: number;
  /** Whether chunks are only counted. */
  readonly dryRun: boolean;
  /** Ends the work; its reason is thrown. What was removed before is gone. */
  readonly signal?: AbortSignal;
  /** Told how many chunks have been looked at. */
  readonly onProgress?: (chunks: number) => void;
}

/** Chunks, and the bytes of their content. */
export interface ChunkCount {
  chunks: number;
  bytes: number;
}

/** What {@linkcode collectGarbage} found. */
export interface Collected {
  /** What a kept reference needs and the store has. */
  readonly kept: ChunkCount;
  /** What no kept reference needs, but may be new. */
  readonly recent: ChunkCount;
  /** What was removed, or would be. */
  readonly removed: ChunkCount;
  /** Chunks that kept references need and the store lacks. */
  readonly missing: number;
}

/**
 * Removes the chunks of a store that no kept reference needs, and the empty
 * places that lookups of other programs leave. It may run beside programs that
 * serve from the store or add to it.
 *
 * @throws {StoreError} When the store cannot be read, or lacks what says which
 * chunks a kept reference needs; then nothing was removed.
 */
export async function collectGarbage(
  store: DiskStore,
  { keep, since, dryRun, signal, onProgress }: CollectOptions,
): Promise<Collected> {
  const marked = new Set<string>();
  for (const ref of keep) {
    signal?.throwIfAborted();
    await markChunks(store, ref, marked);
  }
  const kept = { chunks: 0, bytes: 0 };
  const recent = { chunks: 0, bytes: 0 };
  const removed = { chunks: 0, bytes: 0 };
  const slice = new TimeSlice();
  let looked = 0;
  for await (const hash of store.hashes()) {
    if (slice.isOver) await slice.giveWay(signal);
    const bytes = store.sizeOf(hash) ?? 0;
    let count = kept;
    if (!marked.has(toHex(hash))) {
      const goes = dryRun
        ? !store.isRecent(hash, since)
        : await store.collect(hash, since);
      count = goes ? removed : recent;
    } else if (!await store.has(hash)) continue;
    count.chunks++;
    count.bytes += bytes;
    onProgress?.(++looked);
  }
  return { kept, recent, removed, missing: marked.size - kept.chunks };
}
