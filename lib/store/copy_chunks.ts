/** Copying chunks from one store to another. */

import { orderedMap } from "../async/ordered_map.ts";
import { HashMismatchError } from "../errors.ts";
import { toHex } from "../text/hex.ts";
import type { ChunkStore, WritableChunkStore } from "./chunk_store.ts";
import type { ChunkCount } from "./collect_garbage.ts";

/** Options of {@linkcode copyChunks}. */
export interface CopyChunksOptions {
  /** Chunks that are on their way at once, at most. */
  readonly atOnce: number;
  /**
   * Whether a chunk is missing that the source does not give: what a reference
   * names is, and what only a listing named if there is a trace of it, as it may
   * have been collected meanwhile.
   */
  readonly isMissing: (hash: Uint8Array) => boolean | Promise<boolean>;
  /** Ends the work; its reason is thrown. What was copied stays. */
  readonly signal?: AbortSignal;
  /** Told how much has been copied or was there. */
  readonly onProgress?: (progress: { files: number; bytes: number }) => void;
}

/** Where chunks are copied to. */
export interface CopyTarget extends WritableChunkStore {
  /**
   * Whether a chunk need not be copied, where that is told by its name: what is
   * far away and appears whole or not at all is not read.
   */
  isThere?(hash: Uint8Array): Promise<boolean>;
}

/** What {@linkcode copyChunks} did. */
export interface CopiedChunks {
  /** Chunks that were written. */
  readonly copied: ChunkCount;
  /** Chunks that were there, and right. */
  readonly present: ChunkCount;
  /** Names of chunks that the source lacks, or has damaged. */
  readonly missing: readonly string[];
}

/**
 * Copies chunks. What is there already is read, where it is not far away, and
 * written again only if it is damaged: so a run that was stopped is gone on with,
 * and nothing has to be believed of it.
 *
 * @param from What it gives is checked by it.
 * @param to Where they go.
 * @param hashes 32 bytes each, each once.
 * @throws {StoreError} When one of the two cannot be read or written.
 */
export async function copyChunks(
  from: ChunkStore,
  to: CopyTarget,
  hashes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { atOnce, isMissing, signal, onProgress }: CopyChunksOptions,
): Promise<CopiedChunks> {
  const copied = { chunks: 0, bytes: 0 };
  const present = { chunks: 0, bytes: 0 };
  const missing: string[] = [];
  const copy = async (hash: Uint8Array) => {
    const there = to.isThere === undefined
      ? (await to.get(hash, { signal }))?.length
      : await to.isThere(hash)
      ? from.sizeOf?.(hash) ?? 0
      : undefined;
    if (there !== undefined) return { count: present, bytes: there };
    const bytes = await readRight(from, hash, signal);
    if (bytes === undefined) {
      if (await isMissing(hash)) missing.push(toHex(hash));
      return undefined;
    }
    await to.put(hash, bytes);
    return { count: copied, bytes: bytes.length };
  };
  for await (
    const done of orderedMap(hashes, copy, { ahead: atOnce, signal })
  ) {
    if (done === undefined) continue;
    done.count.chunks++;
    done.count.bytes += done.bytes;
    onProgress?.({
      files: copied.chunks + present.chunks,
      bytes: copied.bytes + present.bytes,
    });
  }
  return { copied, present, missing: missing.sort() };
}

/** A chunk; what has other bytes under its name does not have it. */
async function readRight(
  from: ChunkStore,
  hash: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  try {
    return await from.get(hash, { signal });
  } catch (error) {
    if (error instanceof HashMismatchError) return undefined;
    throw error;
  }
}
