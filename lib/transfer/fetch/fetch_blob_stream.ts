import { orderedMap } from "../../async/ordered_map.ts";
import { Semaphore } from "../../async/semaphore.ts";
import { type BlobRef, hasHash, verifyHash } from "../../content/mod.ts";
import { BLOB_INFLIGHT_BYTES } from "../../limits.ts";
import type { FetchFrom } from "../sources/fetch_source.ts";
import {
  inflightBytes,
  type OpenedSources,
  openSources,
} from "../sources/open_sources.ts";
import {
  blobChunks,
  chunkBytes,
  fetchableSize,
  fetchBlobChunk,
} from "./blob_chunks.ts";
import type { PlaceOptions } from "./chunk_place.ts";
import { ChunkPlaces } from "./chunk_places.ts";
import { explainMissing } from "./explain_missing.ts";
import { BLOB_REQUESTS_MAX, type FetchOptions } from "./fetch_options.ts";
import { lackingParts } from "./fill_file.ts";
import type { OldFileOptions } from "./old_file.ts";
import { FetchProgress } from "./progress.ts";
import { requireReusable } from "./reused_files.ts";

/** How {@linkcode fetchBlobStream} works. */
export interface FetchBlobStreamOptions
  extends FetchOptions, OldFileOptions, PlaceOptions {
  /** Told what the user should know; must not throw. */
  onWarning?: (text: string) => void;
}

/**
 * Fetches a blob in order; no byte is given out before its chunk is verified.
 *
 * Nothing is fetched before the first read. Chunks behind the one that is read
 * are fetched ahead within `inflightBytes`, 32 MiB by default.
 *
 * @param from The session with the holder, or several sources.
 * @param ref What to fetch.
 * @returns A stream that fails as {@linkcode fetchBlob} does; cancelling it
 * ends all requests.
 * @throws {RefError} At once, when the reference names something that cannot
 * be fetched.
 *
 * @example
 * ```ts
 * import type { BlobRef } from "../../content/mod.ts";
 * import type { Session } from "../../mesh/session.ts";
 * import { fetchBlobStream } from "./fetch_blob_stream.ts";
 *
 * async function print(session: Session, ref: BlobRef) {
 *   await fetchBlobStream(session, ref).pipeTo(Deno.stdout.writable);
 * }
 * ```
 */
export function fetchBlobStream(
  from: FetchFrom,
  ref: BlobRef,
  options: FetchBlobStreamOptions = {},
): ReadableStream<Uint8Array> {
  fetchableSize(ref);
  const controller = new AbortController();
  const signal = options.signal === undefined
    ? controller.signal
    : AbortSignal.any([options.signal, controller.signal]);
  const chunks = explainedChunks(from, ref, { ...options, signal });
  return new ReadableStream<Uint8Array>({
    async pull(out) {
      const next = await chunks.next();
      if (next.done) out.close();
      else out.enqueue(next.value);
    },
    async cancel(reason) {
      controller.abort(reason);
      await chunks.return();
    },
  }, { highWaterMark: 0 });
}

async function* explainedChunks(
  from: FetchFrom,
  ref: BlobRef,
  options: FetchBlobStreamOptions & { signal: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  options.signal.throwIfAborted();
  await using sources = openSources(from, options);
  try {
    yield* verifiedChunks(sources, ref, options);
  } catch (error) {
    throw await explainMissing(sources.sessions, ref, error, options);
  }
}

async function* verifiedChunks(
  sources: OpenedSources,
  ref: BlobRef,
  options: FetchBlobStreamOptions & { signal: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  const { signal } = options;
  const progress = new FetchProgress(options.onProgress);
  const { chunks: source } = sources;
  const size = fetchableSize(ref);
  const places = await ChunkPlaces.look(
    [],
    { ...options, reuse: requireReusable(options.reuse) },
    () => lackingParts({ fetcher: source, name: "" }, ref, () => true, signal),
    progress,
  );
  for (const text of places.warnings) options.onWarning?.(text);
  progress.start(size === undefined ? {} : { totalBytes: BigInt(size) });
  const { onBytes, onZeros } = progress;
  const semaphore = new Semaphore(
    options.inflightBytes ?? inflightBytes(BLOB_INFLIGHT_BYTES, sources),
  );
  const chunks = orderedMap(
    blobChunks(ref, source, { signal }),
    async (chunk, { signal, permit }) => {
      const there = await places.take(chunk);
      if (there !== undefined && hasHash(there, chunk.hash)) {
        progress.copied(there.length);
        return { bytes: there, permit };
      }
      const about = { signal, onBytes, onZeros };
      return await fetchBlobChunk(source, chunk, about, (bytes) => {
        verifyHash(bytes, chunk.hash, { chunk: chunk.index });
        return { bytes, permit };
      });
    },
    {
      ahead: BLOB_REQUESTS_MAX,
      budget: { semaphore, units: chunkBytes },
      signal,
    },
  );
  let given = 0;
  for await (const { bytes, permit } of chunks) {
    // Counts until the reader wants more.
    using _held = permit;
    given += bytes.length;
    signal.throwIfAborted();
    if (bytes.length > 0) yield bytes;
  }
  progress.done(BigInt(given), sources);
}
