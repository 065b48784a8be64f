import { TaskGroup, type TaskGroupOptions } from "../../async/task_group.ts";
import {
  type BlobRef,
  checkManifestStart,
  verifyHash,
} from "../../content/mod.ts";
import { ManifestError } from "../../errors.ts";
import { DIR_MANIFEST_MAX } from "../../limits.ts";
import { manifestOf, type PathFilter } from "../../store/mod.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
import {
  type BlobChunk,
  blobChunks,
  chunkBytes,
  fetchableSize,
  fetchBlobChunk,
} from "./blob_chunks.ts";
import { filterManifest } from "./filter_manifest.ts";

const WHAT = "the directory manifest";

/**
 * Fetches a directory's manifest, or the part of it that a filter keeps, into
 * memory that a worker can be given without a copy. Nothing behind the first
 * chunk is asked for before that looks like a manifest: a reference can be one
 * of a large file.
 *
 * @param known What may be the manifest; nothing is fetched then.
 */
export async function readManifest(
  source: ChunkSource,
  ref: BlobRef,
  bounds: TaskGroupOptions,
  filter?: PathFilter,
  known?: Uint8Array,
): Promise<Uint8Array> {
  const manifest = known && await manifestOf(ref, known) ||
    await fetchManifest(source, ref, bounds);
  return filter === undefined ? manifest : filterManifest(manifest, filter);
}

async function fetchManifest(
  source: ChunkSource,
  ref: BlobRef,
  bounds: TaskGroupOptions,
): Promise<Uint8Array> {
  const size = fetchableSize(ref);
  if (size !== undefined && size > DIR_MANIFEST_MAX) {
    throw new ManifestError(
      `${WHAT} of ${size} bytes is larger than the limit of ${DIR_MANIFEST_MAX}`,
      {
        hint:
          "the reference is probably one of a file: fetch it with recv-blob",
      },
    );
  }
  let manifest = sharedBytes(size ?? 0);
  const read = async (chunk: BlobChunk, signal: AbortSignal) => {
    const { index, hash, offset } = chunk;
    await fetchBlobChunk(source, chunk, { what: WHAT, signal }, (bytes) => {
      verifyHash(bytes, hash, { chunk: index });
      if (index === 0) checkManifestStart(bytes, size ?? bytes.length);
      if (chunk.size === undefined) manifest = sharedBytes(bytes.length);
      manifest.set(bytes, offset);
    });
  };
  const group = new TaskGroup(bounds);
  const first = Promise.withResolvers<void>();
  await group.run(
    pausedAfterFirst(blobChunks(ref, source, group), first.promise),
    (chunk, signal) => read(chunk, signal).finally(first.resolve),
    chunkBytes,
  );
  return manifest;
}

async function* pausedAfterFirst<T>(
  items: AsyncIterable<T>,
  pause: Promise<void>,
): AsyncGenerator<T, void, undefined> {
  for await (const item of items) {
    yield item;
    await pause;
  }
}

function sharedBytes(length: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(length));
}
