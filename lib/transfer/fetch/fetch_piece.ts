import { CHUNK_MAX } from "../../limits.ts";
import type { BlobChunk } from "./blob_chunks.ts";
import type { ChunkSource, FetchChunkOptions } from "../ask/chunk_source.ts";

/**
 * Fetches one chunk of a blob; nothing has to be asked for an empty one. The
 * bytes are not verified.
 */
export async function fetchPiece(
  source: ChunkSource,
  chunk: BlobChunk,
  options: FetchChunkOptions,
): Promise<Uint8Array> {
  if (chunk.size === undefined) {
    return await source.fetchChunk(chunk.hash, CHUNK_MAX, options);
  }
  const bytes = options.allocate?.(chunk.size) ?? new Uint8Array(chunk.size);
  if (bytes.length > 0) await source.fetchInto(chunk.hash, bytes, options);
  return bytes;
}
