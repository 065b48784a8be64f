/**
 * Cutting content into chunks: 4 MiB each, the last one what is left.
 *
 * @module
 */

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
 *
 * @example
 * ```ts
 * import { chunkStream, SEND_URI } from "./chunk_stream.ts";
 *
 * const source = new Blob(["hello\n"]).stream();
 * const ref = await chunkStream(source, SEND_URI, (hash, bytes) => {}); // store it
 * ```
 */
export async function chunkStream(
  source: ReadableStream<Uint8Array>,
  uri: string,
  onChunk: ChunkSink,
): Promise<BlobRef> {
  const builder = new RefBuilder(uri);
  for await (const { hash, bytes } of readChunks(source)) {
    await builder.add({ hash, size: bytes.length });
    await onChunk(hash, bytes);
  }
  return await builder.finish();
}

/**
 * Cuts a stream into chunks, without an upper bound on its length.
 *
 * @param source Read to its end; cancelled when the caller stops before.
 * @returns The chunks in order, at least one. The bytes of a chunk may be
 * overwritten when the next one is asked for.
 */
export async function* readChunks(
  source: ReadableStream<Uint8Array>,
): AsyncGenerator<Chunk, void, undefined> {
  const reader = source.getReader();
  // Made when needed: a source of large pieces is cut without copying.
  let window: Uint8Array | undefined;
  let filled = 0;
  let empty = true;
  let ended = false;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      let piece = value;
      while (piece.length > 0) {
        if (filled === 0 && piece.length >= CHUNK_SIZE) {
          const bytes = piece.subarray(0, CHUNK_SIZE);
          piece = piece.subarray(CHUNK_SIZE);
          empty = false;
          yield { hash: blake3(bytes), bytes };
          continue;
        }
        window ??= new Uint8Array(CHUNK_SIZE);
        const part = piece.subarray(0, CHUNK_SIZE - filled);
        window.set(part, filled);
        filled += part.length;
        piece = piece.subarray(part.length);
        if (filled === CHUNK_SIZE) {
          filled = 0;
          empty = false;
          yield { hash: blake3(window), bytes: window };
        }
      }
    }
    ended = true;
    if (filled > 0 || empty) {
      const bytes = window?.subarray(0, filled) ?? new Uint8Array();
      yield { hash: blake3(bytes), bytes };
    }
  } finally {
    // The failure that ends the reading is reported, not that of the clean-up.
    if (!ended) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}
