/** Hashing an open file where a reference cuts it. */

import { equals } from "@std/bytes/equals";
import { orderedMap } from "../../async/ordered_map.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { SYNC_BYTES } from "../file_slices.ts";
import type { Batch, HashPool } from "../hash_pool.ts";
import { fill, fillSync, type RegularFile } from "../regular_file.ts";

/** Some bytes of a file. */
export interface ByteRange {
  /** Where they start. */
  readonly offset: number;
  /** How many they are. */
  readonly length: number;
}

/** Some bytes of a file and what they should be. */
export interface ExpectedSlice extends ByteRange {
  /** Their BLAKE3, 32 bytes. */
  readonly hash: Uint8Array;
}

interface SliceOptions {
  readonly pool: HashPool;
  readonly signal?: AbortSignal;
  /** Told after each slice how long it was; must not throw. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Reads slices of a file one after another, hashes them on all threads of the
 * pool, and gives those that are not as they should be, in order.
 */
export async function* wrongSlices(
  file: RegularFile,
  slices: Iterable<ExpectedSlice> | AsyncIterable<ExpectedSlice>,
  { pool, signal, onBytes }: SliceOptions,
): AsyncGenerator<ByteRange, void, undefined> {
  const checked = orderedMap(
    readSlices(file, slices, pool, signal),
    async ({ slice, batch, isWhole }) => {
      const hashed = await pool.hash(batch);
      if (hashed.batch.bytes.length <= BATCH_ROOM) pool.recycle(hashed.batch);
      return { slice, isRight: isWhole && equals(hashed.hashes, slice.hash) };
    },
    { ahead: () => pool.ahead, signal },
  );
  for await (const { slice, isRight } of checked) {
    const { offset, length } = slice;
    onBytes?.(length);
    if (!isRight) yield { offset, length };
  }
}

/** What the buffers of a pool hold: others are not given back to it. */
const BATCH_ROOM = CHUNK_SIZE + 8;

interface ReadSlice {
  slice: ExpectedSlice;
  batch: Batch;
  isWhole: boolean;
}

/** One after another: an open file has one place where it is read. */
async function* readSlices(
  file: RegularFile,
  slices: Iterable<ExpectedSlice> | AsyncIterable<ExpectedSlice>,
  pool: HashPool,
  signal: AbortSignal | undefined,
): AsyncGenerator<ReadSlice, void, undefined> {
  for await (const slice of slices) {
    signal?.throwIfAborted();
    const { offset, length } = slice;
    const batch = batchFor(length, pool);
    const room = batch.bytes.subarray(0, length);
    const filled = length <= SYNC_BYTES
      ? fillSync(file, room, offset)
      : await fill(file, room, offset);
    batch.chunks.push({ file: 0, offset, start: 0, length: filled });
    batch.filled = filled;
    yield { slice, batch, isWhole: filled === length };
  }
}

/** Room for a slice; chunks of trees may be longer than ours ever are. */
function batchFor(length: number, pool: HashPool): Batch {
  if (length <= CHUNK_SIZE) return pool.batch("part");
  return { bytes: new Uint8Array(length), chunks: [], filled: 0, kind: "part" };
}
