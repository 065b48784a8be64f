/**
 * Fetches one blob into a file.
 *
 * @module
 */

import { type BlobRef, toHex } from "../../content/mod.ts";
import { HashMismatchError } from "../../errors.ts";
import { BlobLanding } from "../../landing/mod.ts";
import { BLOB_INFLIGHT_BYTES, CHUNK_SIZE } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import { fetchPiece } from "./fetch_piece.ts";
import { type BlobChunk, blobChunks, fetchableSize } from "./blob_chunks.ts";
import { BufferPool } from "./buffer_pool.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import type { ChunkLabel } from "../ask/chunk_source.ts";
import type { ProgressEvent } from "./progress.ts";
import { TaskGroup } from "../../async/task_group.ts";
import type { TransferRegistry } from "../protocol/transfer_registry.ts";

/** What every fetch can be told. */
export interface FetchOptions {
  /** Gives up at once; what was verified so far may be kept for a resume. */
  signal?: AbortSignal;
  /** Told how it goes; must not throw. */
  onProgress?: (event: ProgressEvent) => void;
  /** Bytes asked for and not yet written, at most; one larger chunk may go alone. */
  inflightBytes?: number;
  /**
   * Longest time without progress of one request, in milliseconds.
   *
   * @default {REQUEST_TIMEOUT_MS}
   */
  timeoutMs?: number;
  /** Shows the requests while they run. */
  registry?: TransferRegistry;
}

/** How {@linkcode fetchBlob} works; `inflightBytes` is 32 MiB by default. */
export interface FetchBlobOptions extends FetchOptions {
  /** Whether the file and its directory are synced before success. */
  fsync?: boolean;
}

/** What {@linkcode fetchBlob} did. */
export interface FetchBlobResult {
  /** Size of the file in bytes. */
  bytes: bigint;
  /** Bytes of content that came from the holder. */
  bytesFetched: bigint;
  /** Time the call took, in milliseconds. */
  durationMs: number;
  /** What the user should know about the target. */
  warnings: readonly string[];
}

/** Requests at once: bounds the streams when chunks are tiny. */
const REQUESTS_MAX = 64;

/**
 * Fetches a blob, checks every chunk before it is written, and puts the file
 * in place in one step when it is complete. After a failure `<out>.partial`
 * holds every chunk before the one that failed.
 *
 * @param session The holder.
 * @param ref What to fetch.
 * @param out Path of the file; one that exists is replaced.
 * @throws {NotFoundError} When the holder lacks a chunk.
 * @throws {HashMismatchError} When it sent other bytes; `fields.chunk` tells
 * which chunk.
 * @throws {ChunkLengthError} When it announced another length.
 * @throws {TimeoutError} When it made no progress.
 * @throws {RefError} When the reference names something that cannot be
 * fetched.
 * @throws {IoError} When the file cannot be written.
 *
 * @example
 * ```ts
 * import type { Session } from "../../mesh/session.ts";
 * import { parseRef } from "../../content/mod.ts";
 * import { fetchBlob } from "./fetch_blob.ts";
 *
 * async function fetchTo(session: Session, hex: string, out: string) {
 *   const { bytes } = await fetchBlob(session, parseRef(hex), out, {
 *     signal: AbortSignal.timeout(60_000),
 *   });
 *   console.log(`${bytes} bytes in ${out}`);
 * }
 * ```
 */
export async function fetchBlob(
  session: Session,
  ref: BlobRef,
  out: string,
  options: FetchBlobOptions = {},
): Promise<FetchBlobResult> {
  const since = performance.now();
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const size = fetchableSize(ref);
  const source = new ChunkFetcher(session, options);
  const group = new TaskGroup({
    maxTasks: REQUESTS_MAX,
    maxBytes: options.inflightBytes ?? BLOB_INFLIGHT_BYTES,
    signal,
    settleEarlier: true,
  });
  const buffers = new BufferPool(BLOB_INFLIGHT_BYTES);
  const allocate = (length: number) => buffers.take(length);
  let fetched = 0;
  let end = 0;
  const onBytes = (count: number) => {
    fetched += count;
    onProgress?.({ type: "bytes", fetched: BigInt(fetched) });
  };
  const land = async (
    landing: BlobLanding,
    chunk: BlobChunk,
    signal: AbortSignal,
  ) => {
    const label = () => labelOf(chunk);
    const about = { signal, label, onBytes, allocate };
    const bytes = await fetchPiece(source, chunk, about);
    end = Math.max(end, chunk.offset + bytes.length);
    const piece = { offset: chunk.offset, hash: chunk.hash, bytes };
    const used = await landing.write(piece).catch((error) => {
      throw withChunk(error, chunk);
    });
    buffers.give(used);
  };
  let landing: BlobLanding | undefined;
  try {
    const file = await BlobLanding.open({ out, fsync: options.fsync, signal });
    landing = file;
    onProgress?.(
      size === undefined
        ? { type: "start" }
        : { type: "start", totalBytes: BigInt(size) },
    );
    await group.run(
      blobChunks(ref, source, group),
      (chunk, signal) => land(file, chunk, signal),
      ({ size }) => size ?? CHUNK_SIZE,
    );
    await file.commit(end);
  } catch (error) {
    // Why the fetch failed matters more than why it could not be cleaned up.
    await landing?.abort().catch(() => {});
    throw error;
  }
  const bytes = BigInt(end);
  const bytesFetched = BigInt(fetched);
  const durationMs = performance.now() - since;
  onProgress?.({ type: "done", bytes, bytesFetched, durationMs });
  return { bytes, bytesFetched, durationMs, warnings: landing.warnings };
}

function labelOf(chunk: BlobChunk): ChunkLabel {
  return {
    text: `chunk ${chunk.index} (${toHex(chunk.hash)})`,
    fields: { chunk: chunk.index },
  };
}

function withChunk(error: unknown, chunk: BlobChunk): unknown {
  if (!(error instanceof HashMismatchError)) return error;
  return new HashMismatchError(error.expected, error.actual, {
    cause: error,
    fields: { ...error.fields, chunk: chunk.index },
  });
}
