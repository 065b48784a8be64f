/**
 * Cutting content into chunks: 4 MiB each, the last one what is left.
 *
 * @module
 */

import { BLOB_SIZE_MAX, CHUNK_SIZE } from "../limits.ts";
import { type BlobRef, refDecodeError } from "./blob_ref.ts";
import { listRef, RefBuilder } from "./build_ref.ts";
import type { ChunkSink } from "./build_tree.ts";
import { blake3 } from "./hash.ts";

/** The URI of what `send-blob` publishes. */
export const SEND_URI = "mesh://transfer";

/** A piece of content and what it is stored under. */
export interface Chunk {
  /** BLAKE3 of the bytes, 32 bytes. */
  hash: Uint8Array;
  /** 0 … 4 194 304 bytes; 0 only for empty content. */
  bytes: Uint8Array;
}

/** Options of {@linkcode chunkStream}. */
export interface ChunkStreamOptions {
  /**
   * Takes the nodes of a Tree, to be stored like chunks. Given this, content of
   * more than 16 GiB becomes a Tree whose URI is `mesh://` and the root's hash;
   * without it such content is refused.
   */
  onNode?: ChunkSink;
}

/**
 * Cuts content that is in memory.
 *
 * @param bytes The content, not copied.
 * @param uri What the reference says where it comes from.
 * @returns The reference, a Small up to 4 MiB and else a Manifest, and the
 * chunks in order, as views of `bytes`. Empty content has one empty chunk.
 * @throws {RefError} Above 16 GiB.
 *
 * @example
 * ```ts
 * import { chunkPayload, SEND_URI } from "./chunker.ts";
 *
 * const { ref, chunks } = chunkPayload(new Uint8Array(5 << 20), SEND_URI);
 * ref.kind; // "manifest"
 * chunks.length; // 2
 * ```
 */
export function chunkPayload(
  bytes: Uint8Array,
  uri: string,
): { ref: BlobRef; chunks: Chunk[] } {
  if (bytes.length > BLOB_SIZE_MAX) {
    throw refDecodeError(
      `payload size ${bytes.length} exceeds cap ${BLOB_SIZE_MAX}`,
    );
  }
  const chunks: Chunk[] = [];
  for (
    let start = 0;
    start < bytes.length || chunks.length === 0;
    start += CHUNK_SIZE
  ) {
    const part = bytes.subarray(start, start + CHUNK_SIZE);
    chunks.push({ hash: blake3(part), bytes: part });
  }
  return {
    ref: listRef(
      uri,
      chunks.map(({ hash, bytes }) => ({ hash, size: bytes.length })),
    ),
    chunks,
  };
}

/**
 * Cuts content that comes as a stream, and gives the reference
 * {@linkcode chunkPayload} gives for the same bytes.
 *
 * Holds one chunk at a time, besides what the source hands over.
 *
 * @param source Read to its end; cancelled when something fails.
 * @param uri What the reference says where it comes from.
 * @param onChunk Takes each chunk in order, as soon as it is hashed; the next
 * is read when it has resolved. Empty content has one empty chunk.
 * @param options What becomes of content above 16 GiB.
 * @throws {RefError} When the content passes 16 GiB, as soon as it does; the
 * chunks before that have been handed out.
 *
 * @example
 * ```ts
 * import { chunkStream, SEND_URI } from "./chunker.ts";
 *
 * const source = new Blob(["hello\n"]).stream();
 * const ref = await chunkStream(source, SEND_URI);
 * ```
 */
export async function chunkStream(
  source: ReadableStream<Uint8Array>,
  uri: string,
  onChunk?: ChunkSink,
  options: ChunkStreamOptions = {},
): Promise<BlobRef> {
  const builder = new RefBuilder(uri, options.onNode);
  for await (const { hash, bytes } of readChunks(source)) {
    await builder.add({ hash, size: bytes.length });
    await onChunk?.(hash, bytes);
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
