/** Cutting content into chunks: 4 MiB each, the last one what is left. */

import { CHUNK_SIZE } from "../limits.ts";
import type { BlobRef } from "./blob_ref.ts";
import { RefBuilder } from "./build_ref.ts";
import type { ChunkSink } from "./build_tree.ts";
import { blake3 } from "./hash.ts";

/** The URI of what `send-blob` publishes. */
export const SEND_URI = "mesh://transfer";

/** A chunk of content and what it is stored under. */
export interface Chunk {
  /** BLAKE3 of the bytes, 32 bytes. */
  hash: Uint8Array;
  /** 0 … 4 194 304 bytes; 0 only for empty content. */
  bytes: Uint8Array;
}

/**
 * Cuts content that comes as a stream.
 *
 * Has in memory one chunk at a time, besides what the source hands over.
 *
 * @param source Read to its end; cancelled when something fails.
 * @param uri What the reference says where it comes from.
 * @param onChunk Takes each chunk in order, as soon as it is hashed; the next
 * is read when it has resolved. Empty content has one empty chunk.
 * @returns The reference: a Small up to 4 MiB and else a Manifest.
 * @throws {RefError} When the content passes 16 GiB, as soon as it does; the
 * chunks before that have been handed out.
 */
export async function chunkStream(
  source: AsyncIterable<Uint8Array>,
  uri: string,
  onChunk: ChunkSink,
): Promise<BlobRef> {
  const builder = new RefBuilder(uri);
  let empty = true;
  const emit = async (bytes: Uint8Array) => {
    empty = false;
    const hash = blake3(bytes);
    await builder.add({ hash, size: bytes.length });
    await onChunk(hash, bytes);
  };
  // Made when needed: a source of large parts is cut without copying.
  let window: Uint8Array | undefined;
  let filled = 0;
  for await (let rest of source) {
    while (rest.length > 0) {
      if (filled === 0 && rest.length >= CHUNK_SIZE) {
        await emit(rest.subarray(0, CHUNK_SIZE));
        rest = rest.subarray(CHUNK_SIZE);
        continue;
      }
      window ??= new Uint8Array(CHUNK_SIZE);
      const part = rest.subarray(0, CHUNK_SIZE - filled);
      window.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
      if (filled === CHUNK_SIZE) {
        filled = 0;
        await emit(window);
      }
    }
  }
  if (filled > 0 || empty) {
    await emit(window?.subarray(0, filled) ?? new Uint8Array());
  }
  return await builder.finish();
}
