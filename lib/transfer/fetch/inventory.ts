import { TaskGroup } from "../../async/task_group.ts";
import { FETCH_CONCURRENCY, GET_MANY_MAX } from "../../limits.ts";
import type { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import type { BlobChunk } from "./blob_chunks.ts";

/** A chunk that would be fetched. */
export type InventoryChunk = Pick<BlobChunk, "hash" | "size">;

/** What {@linkcode takeInventory} has counted. */
export interface Inventory {
  chunks: number;
  /** Bytes of chunks whose length is known. */
  bytes: number;
  /** Chunks that the holder lacks. */
  chunksMissing: number;
  /** Bytes of these. */
  bytesMissing: number;
}

/**
 * Counts chunks, and asks a holder, many at a time, which of them it lacks.
 *
 * @param chunksOf Lists the chunks; what it fetches ends with the signal.
 * @throws The first failure.
 */
export async function takeInventory(
  fetcher: ChunkFetcher,
  chunksOf: (signal: AbortSignal) => AsyncIterable<InventoryChunk>,
  signal?: AbortSignal,
): Promise<Inventory> {
  const counts = { chunks: 0, bytes: 0, chunksMissing: 0, bytesMissing: 0 };
  const ask = async (chunks: InventoryChunk[], signal: AbortSignal) => {
    const hashes = chunks.map(({ hash }) => hash);
    const held = await fetcher.have(hashes, { signal });
    for (const [index, { size = 0 }] of chunks.entries()) {
      counts.chunks++;
      counts.bytes += size;
      if (held[index]) continue;
      counts.chunksMissing++;
      counts.bytesMissing += size;
    }
  };
  const group = new TaskGroup({ maxTasks: FETCH_CONCURRENCY, signal });
  await group.run(batches(chunksOf(group.signal)), ask);
  return counts;
}

async function* batches(
  chunks: AsyncIterable<InventoryChunk>,
): AsyncGenerator<InventoryChunk[], void, undefined> {
  let batch: InventoryChunk[] = [];
  for await (const chunk of chunks) {
    // Nobody needs to hold an empty chunk.
    if (chunk.size === 0) continue;
    batch.push(chunk);
    if (batch.length < GET_MANY_MAX) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
