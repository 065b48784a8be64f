/**
 * Fetches one blob as a stream of verified bytes.
 *
 * @module
 */

import { type BlobRef, toHex } from "../../content/mod.ts";
import { BLOB_INFLIGHT_BYTES, CHUNK_SIZE } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import { fetchPiece } from "./fetch_piece.ts";
import { type BlobChunk, blobChunks, fetchableSize } from "./blob_chunks.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import type { FetchOptions } from "./fetch_blob.ts";
import { verifyHash } from "../ask/verify_hash.ts";

/** A chunk under way. */
interface Ahead {
  readonly chunk: BlobChunk;
  readonly reserved: number;
  readonly bytes: Promise<Uint8Array>;
}

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
  const chunks = verifiedChunks(session, ref, options, controller);
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
  options: FetchOptions,
  controller: AbortController,
): AsyncGenerator<Uint8Array, void, undefined> {
  const since = performance.now();
  const { signal: outer, onProgress } = options;
  const signal = controller.signal;
  const onAbort = () => controller.abort(outer?.reason);
  outer?.addEventListener("abort", onAbort, { once: true });
  if (outer?.aborted) onAbort();
  const limit = options.inflightBytes ?? BLOB_INFLIGHT_BYTES;
  const source = new ChunkFetcher(session, options);
  const ahead: Ahead[] = [];
  let reserved = 0;
  let fetched = 0;
  let given = 0;
  const onBytes = (count: number) => {
    fetched += count;
    onProgress?.({ type: "bytes", fetched: BigInt(fetched) });
  };
  const begin = (chunk: BlobChunk): Ahead => {
    const fields = { chunk: chunk.index };
    const label = () => ({ text: `chunk ${toHex(chunk.hash)}`, fields });
    const bytes = fetchPiece(source, chunk, { signal, label, onBytes });
    // A failure is looked at in its turn.
    bytes.catch(() => {});
    return { chunk, reserved: chunk.size ?? CHUNK_SIZE, bytes };
  };
  const chunks = blobChunks(ref, source, { signal });
  try {
    signal.throwIfAborted();
    const size = fetchableSize(ref);
    onProgress?.(
      size === undefined
        ? { type: "start" }
        : { type: "start", totalBytes: BigInt(size) },
    );
    let next = await chunks.next();
    while (true) {
      while (!next.done) {
        const wanted = next.value.size ?? CHUNK_SIZE;
        const fits = reserved + wanted <= limit && ahead.length < REQUESTS_MAX;
        if (ahead.length > 0 && !fits) break;
        ahead.push(begin(next.value));
        reserved += wanted;
        next = await chunks.next();
      }
      const first = ahead[0];
      if (!first) break;
      const bytes = await first.bytes;
      const { index, hash } = first.chunk;
      verifyHash(bytes, hash, { chunk: index });
      ahead.shift();
      reserved -= first.reserved;
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
  } finally {
    outer?.removeEventListener("abort", onAbort);
    controller.abort(new DOMException("The stream has ended", "AbortError"));
    await Promise.allSettled(ahead.map(({ bytes }) => bytes));
    await chunks.return();
  }
}
