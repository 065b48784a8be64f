import { TaskGroup } from "../../async/task_group.ts";
import { type BlobRef, blobRefSize } from "../../content/mod.ts";
import { HashMismatchError } from "../../errors.ts";
import {
  BlobLanding,
  partialPath,
  requireSafeTarget,
  resolveTarget,
  syncOld,
} from "../../landing/mod.ts";
import { BLOB_INFLIGHT_BYTES, CHUNK_MAX } from "../../limits.ts";
import type { ParentTrust } from "../../os/safe_ancestors.ts";
import type { Session } from "../../mesh/mod.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import {
  type BlobChunk,
  blobChunks,
  chunkBytes,
  fetchableSize,
  fetchBlobChunk,
} from "./blob_chunks.ts";
import { BufferPool } from "./buffer_pool.ts";
import { explainMissing } from "./explain_missing.ts";
import { BLOB_REQUESTS_MAX, type FetchOptions } from "./fetch_options.ts";
import { OldFile, type OldFileOptions } from "./old_file.ts";
import { kindWarnings } from "./kind_warnings.ts";
import { holesOf, requireRoom, withRoom } from "./room_on_disk.ts";
import { lookAt } from "../../os/os_error.ts";
import { FetchProgress, type FetchTotals } from "./progress.ts";
import { type FoundChunk, ResumedChunks } from "./resumed_chunks.ts";

/** How {@linkcode fetchBlob} works; `inflightBytes` is 32 MiB by default. */
export interface FetchBlobOptions
  extends FetchOptions, OldFileOptions, ParentTrust {
  /** Whether the file and its directory are synced before success. */
  fsync?: boolean;
  /**
   * Whether runs of zeros are left out of the file, where the file system has
   * holes.
   *
   * @default {true}
   */
  sparse?: boolean;
  /**
   * Whether chunks of `<out>.partial` that are right are kept, whatever ended
   * the run that left them. Each is hashed again.
   *
   * @default {true}
   */
  resume?: boolean;
}

/** What {@linkcode fetchBlob} did. */
export interface FetchBlobResult extends FetchTotals {
  /**
   * Time of it for which there was something to verify and write, in
   * milliseconds; only of files.
   */
  landingMs?: number;
  /** What the user should know about the target. */
  warnings: readonly string[];
}

/**
 * Fetches a blob, checks every chunk before it is written, and puts the file
 * in place in one step when it is complete. After a failure `<out>.partial`
 * holds every chunk before the one that failed, and the next call goes on with
 * what is right of it, from whichever holder.
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
  options.signal?.throwIfAborted();
  try {
    return await fetchFile(session, ref, out, options);
  } catch (error) {
    throw await explainMissing(session, ref, error, options);
  }
}

async function fetchFile(
  session: Session,
  ref: BlobRef,
  out: string,
  options: FetchBlobOptions,
): Promise<FetchBlobResult> {
  const { signal } = options;
  const size = fetchableSize(ref);
  requireSafeTarget(out, resolveTarget(out).parent, options);
  const progress = new FetchProgress(options.onProgress);
  const fetcher = new ChunkFetcher(session, options);
  const group = new TaskGroup({
    maxTasks: BLOB_REQUESTS_MAX,
    maxBytes: options.inflightBytes ?? BLOB_INFLIGHT_BYTES,
    signal,
    settleEarlier: true,
  });
  const buffers = new BufferPool(BLOB_INFLIGHT_BYTES);
  const { onBytes, onZeros } = progress;
  const allocate = (length: number) => buffers.take(length);
  let end = 0;
  await using old = await OldFile.look(out, ref, options, progress);
  if (old?.isWhole) return leaveInPlace(old, ref, options, progress);
  const target = resolveTarget(out);
  const { out: path, parent: site } = target;
  const need = {
    path,
    site,
    bytes: BigInt(size ?? 0),
    freed: leftBytes(partialPath(target)),
    holes: () => options.sparse === false ? 0n : holesOf(ref),
  };
  const warnings = await requireRoom(need);
  await using landing = await BlobLanding.open({
    out,
    fsync: options.fsync,
    sparse: options.sparse,
    resume: options.resume,
    trustParent: options.trustParent,
    signal,
  });
  const resumed = await checkPartial(landing, ref, fetcher, progress, signal);
  progress.resumed(resumed.bytes);
  progress.start(size === undefined ? {} : { totalBytes: BigInt(size) });
  await group.run(
    blobChunks(ref, fetcher, group),
    async (chunk, signal) => {
      if (resumed.has(0, chunk.index)) {
        end = Math.max(end, chunk.offset + (chunk.size ?? landing.found));
        return;
      }
      const about = { signal, onBytes, onZeros, allocate };
      const there = await old?.read(chunk);
      if (there !== undefined) progress.copied(there.length);
      const bytes = there ?? await fetchBlobChunk(fetcher, chunk, about);
      const { index, offset, hash } = chunk;
      if (index === 0) warnings.push(...kindWarnings(ref, bytes));
      end = Math.max(end, offset + bytes.length);
      const used = await landing.write({ offset, hash, bytes })
        .catch((error) => Promise.reject(withChunk(error, chunk)));
      buffers.give(used);
    },
    chunkBytes,
  ).catch(async (error) => Promise.reject(await withRoom(error, need)));
  warnings.push(...await landing.commit(end));
  const { busyMs: landingMs } = landing;
  return {
    ...progress.done(BigInt(end)),
    landingMs,
    warnings: [...landing.warnings, ...warnings],
  };
}

/** Checks what an earlier run left in the partial file. */
function checkPartial(
  landing: BlobLanding,
  ref: BlobRef,
  fetcher: ChunkFetcher,
  progress: FetchProgress,
  signal?: AbortSignal,
): Promise<ResumedChunks> | ResumedChunks {
  const { found } = landing;
  if (found === 0) return new ResumedChunks();
  const wanted = async function* (): AsyncGenerator<FoundChunk, void, void> {
    const chunks = blobChunks(ref, fetcher, { signal });
    for await (const { index: chunk, offset, size, hash } of chunks) {
      const length = size ?? found;
      if (length > CHUNK_MAX || offset + length > found) return;
      yield { entry: 0, chunk, offset, length, hash };
    }
  };
  const total = Math.min(found, fetchableSize(ref) ?? found);
  return ResumedChunks.check(
    wanted(),
    total,
    (ranges) => landing.check(ranges),
    progress,
  );
}

/** The result of a fetch that changes nothing. */
function leaveInPlace(
  { path }: OldFile,
  ref: BlobRef,
  { fsync = true }: FetchBlobOptions,
  progress: FetchProgress,
): FetchBlobResult {
  if (fsync) syncOld(path);
  const bytes = blobRefSize(ref);
  progress.linked(1, bytes);
  progress.start({ totalBytes: 0n });
  return { ...progress.done(bytes), landingMs: 0, warnings: [] };
}

/** What an earlier run left makes room when it is emptied. */
function leftBytes(partial: string): bigint {
  const left = lookAt(partial);
  return left?.isFile ? BigInt(512 * (left.blocks ?? 0)) : 0n;
}

function withChunk(error: unknown, chunk: BlobChunk): unknown {
  if (!(error instanceof HashMismatchError)) return error;
  return new HashMismatchError(error.expected, error.actual, {
    cause: error,
    fields: { ...error.fields, chunk: chunk.index },
  });
}
