import { TaskGroup } from "../../async/task_group.ts";
import { type BlobRef, blobRefSize } from "../../content/mod.ts";
import { HashMismatchError } from "../../errors.ts";
import {
  BlobLanding,
  leftAt,
  partialPath,
  requireSafeTarget,
  resolveTarget,
  syncOld,
} from "../../landing/mod.ts";
import { BLOB_INFLIGHT_BYTES, CHUNK_MAX } from "../../limits.ts";
import type { ParentTrust } from "../../os/safe_ancestors.ts";
import type { FetchFrom } from "../sources/fetch_source.ts";
import {
  inflightBytes,
  type OpenedSources,
  openSources,
} from "../sources/open_sources.ts";
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
 * @param from The session with the holder, or several sources, from which it is
 * fetched at once.
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
  from: FetchFrom,
  ref: BlobRef,
  out: string,
  options: FetchBlobOptions = {},
): Promise<FetchBlobResult> {
  options.signal?.throwIfAborted();
  await using sources = openSources(from, options);
  try {
    return await fetchFile(sources, ref, out, options);
  } catch (error) {
    throw await explainMissing(sources.sessions, ref, error, options);
  }
}

async function fetchFile(
  sources: OpenedSources,
  ref: BlobRef,
  out: string,
  options: FetchBlobOptions,
): Promise<FetchBlobResult> {
  const { signal } = options;
  const size = fetchableSize(ref);
  requireSafeTarget(out, resolveTarget(out).parent, options);
  const progress = new FetchProgress(options.onProgress);
  await using old = await OldFile.look(out, ref, options, progress);
  if (old?.isWhole) {
    return await leaveInPlace(old, ref, out, options, progress, sources);
  }
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
  const landing = await BlobLanding.open({
    out,
    fsync: options.fsync,
    sparse: options.sparse,
    resume: options.resume,
    trustParent: options.trustParent,
    signal,
  });
  try {
    const filling = { landing, old, sources, progress };
    const end = await fillFile(filling, ref, options)
      .catch(async (error) => Promise.reject(await withRoom(error, need)));
    warnings.push(...end.warnings, ...await landing.commit(end.bytes));
    const { busyMs: landingMs } = landing;
    return {
      ...progress.done(BigInt(end.bytes), sources),
      landingMs,
      warnings: [...landing.warnings, ...warnings],
    };
  } catch (error) {
    const kept = await landing.close();
    if (kept !== undefined) progress.stopped(kept);
    throw error;
  }
}

/** What a file is filled with. */
interface Filling {
  readonly landing: BlobLanding;
  readonly old: OldFile | undefined;
  readonly sources: OpenedSources;
  readonly progress: FetchProgress;
}

/**
 * Fetches the chunks that are not there, and tells how long the file is. Those
 * behind the end of what an earlier run left are fetched while that is checked:
 * to hash is the work of another thread than to receive.
 */
async function fillFile(
  filling: Filling,
  ref: BlobRef,
  { inflightBytes: most, signal }: FetchBlobOptions,
): Promise<{ bytes: number; warnings: string[] }> {
  const { landing, sources, progress } = filling;
  const maxBytes = most ?? inflightBytes(BLOB_INFLIGHT_BYTES, sources);
  const size = fetchableSize(ref);
  const totals = size === undefined ? {} : { totalBytes: BigInt(size) };
  const file = new FileFill(filling, ref);
  const fill = async (
    wanted: (chunk: BlobChunk) => boolean,
    signal: AbortSignal | undefined,
  ) => {
    const group = new TaskGroup({
      maxTasks: BLOB_REQUESTS_MAX,
      maxBytes,
      signal,
      settleEarlier: true,
    });
    await group.run(
      only(blobChunks(ref, sources.chunks, group), wanted),
      (chunk, signal) => file.land(chunk, signal),
      chunkBytes,
    );
  };
  if (landing.found === 0) {
    progress.start(totals);
    await fill(() => true, signal);
    return file;
  }
  progress.holdBytes();
  const isFound = ({ offset, size = landing.found }: BlobChunk) =>
    offset + size <= landing.found;
  const checked = await together(signal, async (signal) => {
    const resumed = await checkPartial(filling, ref, signal);
    progress.resumed(resumed.bytes);
    progress.start(totals);
    return resumed;
  }, (signal) => fill((chunk) => !isFound(chunk), signal));
  await fill((chunk) => {
    if (!isFound(chunk)) return false;
    if (!checked.has(0, chunk.index)) return true;
    file.has(chunk.offset + (chunk.size ?? landing.found));
    return false;
  }, signal);
  return file;
}

/** Does two things at once; when one fails, the other ends, too. */
async function together<T>(
  signal: AbortSignal | undefined,
  one: (signal: AbortSignal) => Promise<T>,
  other: (signal: AbortSignal) => Promise<void>,
): Promise<T> {
  const stop = new AbortController();
  const either = signal === undefined
    ? stop.signal
    : AbortSignal.any([signal, stop.signal]);
  const failed = (error: unknown) => {
    stop.abort(error);
    throw error;
  };
  const results = await Promise.allSettled([
    one(either).catch(failed),
    other(either).catch(failed),
  ]);
  // The one that failed first is the reason of the other.
  signal?.throwIfAborted();
  stop.signal.throwIfAborted();
  const [{ value }] = results as [PromiseFulfilledResult<T>, unknown];
  return value;
}

async function* only(
  chunks: AsyncIterable<BlobChunk>,
  wanted: (chunk: BlobChunk) => boolean,
): AsyncGenerator<BlobChunk, void, void> {
  for await (const chunk of chunks) if (wanted(chunk)) yield chunk;
}

/** A file that is being filled. */
class FileFill {
  readonly warnings: string[] = [];
  /** Where its last chunk so far ends. */
  bytes = 0;
  readonly #buffers = new BufferPool(BLOB_INFLIGHT_BYTES);

  constructor(
    private readonly filling: Filling,
    private readonly ref: BlobRef,
  ) {}

  /** Notes that a chunk is there which ends at `end`. */
  has(end: number): void {
    this.bytes = Math.max(this.bytes, end);
  }

  /** Gets a chunk and writes it. */
  async land(chunk: BlobChunk, signal: AbortSignal): Promise<void> {
    const { old, sources, progress } = this.filling;
    const { onBytes, onZeros } = progress;
    const there = await old?.read(chunk);
    if (there !== undefined) {
      progress.copied(there.length);
      return await this.#write(chunk, there);
    }
    const allocate = (length: number) => this.#buffers.take(length);
    const about = { signal, onBytes, onZeros, allocate };
    await fetchBlobChunk(
      sources.chunks,
      chunk,
      about,
      (bytes) => this.#write(chunk, bytes),
    );
  }

  /** Has bytes verified and written. */
  async #write(chunk: BlobChunk, bytes: Uint8Array): Promise<void> {
    const { index, offset, hash } = chunk;
    const { length } = bytes;
    const warnings = index === 0 ? kindWarnings(this.ref, bytes) : [];
    const used = await this.filling.landing.write({ offset, hash, bytes })
      .catch((error) => Promise.reject(withChunk(error, chunk)));
    this.warnings.push(...warnings);
    this.has(offset + length);
    this.#buffers.give(used);
  }
}

/** Checks what an earlier run left in the partial file. */
function checkPartial(
  { landing, sources, progress }: Filling,
  ref: BlobRef,
  signal: AbortSignal,
): Promise<ResumedChunks> {
  const { found } = landing;
  const wanted = async function* (): AsyncGenerator<FoundChunk, void, void> {
    const chunks = blobChunks(ref, sources.chunks, { signal });
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

/**
 * The result of a fetch that changes nothing, but for what runs that were stopped
 * have left: that is of no use any more.
 */
async function leaveInPlace(
  { path }: OldFile,
  ref: BlobRef,
  out: string,
  { fsync = true, trustParent, signal }: FetchBlobOptions,
  progress: FetchProgress,
  sources: OpenedSources,
): Promise<FetchBlobResult> {
  if (leftAt(out).length > 0) {
    const how = { out, resume: false, trustParent, signal };
    await (await BlobLanding.open(how)).close();
  }
  if (fsync) syncOld(path);
  const bytes = blobRefSize(ref);
  progress.linked(1, bytes);
  progress.start({ totalBytes: 0n });
  return { ...progress.done(bytes, sources), landingMs: 0, warnings: [] };
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
