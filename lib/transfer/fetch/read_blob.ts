import { type BlobRef, toHex } from "../../content/mod.ts";
import { ManifestError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { type BlobChunk, blobChunks, fetchableSize } from "./blob_chunks.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
import { TaskGroup, type TaskGroupOptions } from "../../async/task_group.ts";
import { verifyHash } from "../ask/verify_hash.ts";

/** Bounds of {@linkcode readBlob}. */
export interface ReadBlobOptions extends TaskGroupOptions {
  /** Largest blob accepted, in bytes. */
  maxSize: number;
  /** What the blob is, for errors. */
  what: string;
}

/**
 * Fetches a whole blob into memory, which a worker can be given without a copy,
 * and verifies it.
 *
 * @throws {ManifestError} When it is larger than `maxSize`.
 */
export async function readBlob(
  source: ChunkSource,
  ref: BlobRef,
  options: ReadBlobOptions,
): Promise<Uint8Array> {
  const { maxSize, what } = options;
  const size = fetchableSize(ref);
  if (size !== undefined && size > maxSize) {
    throw new ManifestError(
      `${what} of ${size} bytes is larger than the limit of ${maxSize}`,
    );
  }
  const labelOf = ({ index, hash }: BlobChunk) => () => ({
    text: `chunk ${index} of ${what} (${toHex(hash)})`,
    fields: { chunk: index },
  });
  const group = new TaskGroup(options);
  let whole = sharedBytes(size ?? 0);
  const read = async (chunk: BlobChunk, signal: AbortSignal) => {
    const about = { signal, label: labelOf(chunk) };
    let bytes: Uint8Array;
    if (chunk.size === undefined) {
      bytes = await source.fetchChunk(chunk.hash, maxSize, about);
      whole = sharedBytes(bytes.length);
      whole.set(bytes);
    } else {
      bytes = whole.subarray(chunk.offset, chunk.offset + chunk.size);
      if (bytes.length > 0) await source.fetchInto(chunk.hash, bytes, about);
    }
    verifyHash(bytes, chunk.hash, { chunk: chunk.index });
  };
  await group.run(
    blobChunks(ref, source, group),
    read,
    ({ size }) => size ?? CHUNK_SIZE,
  );
  return whole;
}

function sharedBytes(length: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(length));
}
