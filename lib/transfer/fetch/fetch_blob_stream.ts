/**
 * Fetches one blob as a stream of verified bytes.
 *
 * @module
 */

import { type BlobRef, toHex } from "../../content/mod.ts";
import { BLOB_INFLIGHT_BYTES, CHUNK_SIZE } from "../../limits.ts";
import { orderedMap, type OrderedMapContext } from "../../async/ordered_map.ts";
import { Semaphore } from "../../async/semaphore.ts";
import type { Session } from "../../mesh/mod.ts";
import { fetchPiece } from "./fetch_piece.ts";
import { type BlobChunk, blobChunks, fetchableSize } from "./blob_chunks.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import type { FetchOptions } from "./fetch_blob.ts";
import { verifyHash } from "../ask/verify_hash.ts";

/** Requests at once: bounds the streams when chunks are tiny. */
const REQUESTS_MAX = 64;

/**
 * Fetches a blob in order; no byte is given out before its chunk is verified.
 *
 * Nothing is fetched before the first read. Chunks behind the one that is read
 * are fetched ahead within `inflightBytes`, 32 MiB by default.
 *
 * @param session The holder.
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
  session: Session,
  ref: BlobRef,
  options: FetchOptions = {},
): ReadableStream<Uint8Array> {
  fetchableSize(ref);
  const controller = new AbortController();
  const signal = options.signal === undefined
    ? controller.signal
    : AbortSignal.any([options.signal, controller.signal]);
  const chunks = verifiedChunks(session, ref, { ...options, signal });
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

async function* verifiedChunks(
  session: Session,
  ref: BlobRef,
  options: FetchOptions & { signal: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  const since = performance.now();
  const { signal, onProgress } = options;
  const semaphore = new Semaphore(options.inflightBytes ?? BLOB_INFLIGHT_BYTES);
  const source = new ChunkFetcher(session, options);
  let fetched = 0;
  let given = 0;
  const onBytes = (count: number) => {
    fetched += count;
    onProgress?.({ type: "bytes", fetched: BigInt(fetched) });
  };
  const fetch = async (
    chunk: BlobChunk,
    { signal, permit }: OrderedMapContext,
  ) => {
    const fields = { chunk: chunk.index };
    const label = () => ({ text: `chunk ${toHex(chunk.hash)}`, fields });
    const bytes = await fetchPiece(source, chunk, { signal, label, onBytes });
    verifyHash(bytes, chunk.hash, fields);
    return { bytes, permit };
  };
  signal.throwIfAborted();
  const size = fetchableSize(ref);
  onProgress?.(
    size === undefined
      ? { type: "start" }
      : { type: "start", totalBytes: BigInt(size) },
  );
  const chunks = orderedMap(blobChunks(ref, source, { signal }), fetch, {
    ahead: REQUESTS_MAX,
    budget: { semaphore, units: ({ size }) => size ?? CHUNK_SIZE },
    signal,
  });
  for await (const { bytes, permit } of chunks) {
    // Counts until the reader asks for more.
    using _held = permit;
    given += bytes.length;
    signal.throwIfAborted();
    if (bytes.length > 0) yield bytes;
  }
  onProgress?.({
    type: "done",
    bytes: BigInt(given),
    bytesFetched: BigInt(fetched),
    durationMs: performance.now() - since,
  });
}
