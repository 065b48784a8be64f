import { type BlobRef, blobRefSize } from "../../content/mod.ts";
import {
  BlobLanding,
  leftAt,
  partialPath,
  requireSafeTarget,
  resolveTarget,
} from "../../landing/mod.ts";
import { syncExistingFile } from "../../store/mod.ts";
import type { ParentTrust } from "../../os/safe_ancestors.ts";
import { BLOB_INFLIGHT_BYTES } from "../../limits.ts";
import type { FetchFrom } from "../sources/fetch_source.ts";
import {
  inflightBytes,
  type OpenedSources,
  openSources,
} from "../sources/open_sources.ts";
import { fetchableSize } from "./blob_chunks.ts";
import type { PlaceOptions } from "./chunk_place.ts";
import { explainMissing } from "./explain_missing.ts";
import { requireReusable } from "./reused_files.ts";
import type { FetchOptions } from "./fetch_options.ts";
import { fillFile } from "./fill_file.ts";
import { OldFile, type OldFileOptions } from "./old_file.ts";
import { holesOf, requireRoom, withRoom } from "./room_on_disk.ts";
import { lookAt } from "../../os/os_error.ts";
import { FetchProgress, type FetchTotals } from "./progress.ts";

/** How {@linkcode fetchBlob} works; `inflightBytes` is 32 MiB by default. */
export interface FetchBlobOptions
  extends FetchOptions, OldFileOptions, PlaceOptions, ParentTrust {
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
  /**
   * Whether a file or a link at `out` is replaced.
   *
   * @default {true}
   */
  replace?: boolean;
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
 * @param out Path of the file; one that exists is replaced, unless `replace` says
 * otherwise.
 * @throws {NotFoundError} When the holder lacks a chunk.
 * @throws {HashMismatchError} When it sent other bytes; `fields.chunk` tells
 * which chunk.
 * @throws {ChunkLengthError} When it announced another length.
 * @throws {TimeoutError} When it made no progress.
 * @throws {RefError} When the reference names something that cannot be
 * fetched.
 * @throws {IoError} When the file cannot be written.
 * @throws {ExistsError} When something is at `out`, and `replace` is false.
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
  const { signal, store, jobs, hashCache } = options;
  const size = fetchableSize(ref);
  const reuse = requireReusable(options.reuse);
  requireSafeTarget(out, resolveTarget(out).parent, options);
  const progress = new FetchProgress(options.onProgress);
  await using old = await OldFile.look(out, ref, options, progress);
  if (old?.isWhole) {
    return await leaveInPlace(old, ref, out, options, progress, sources);
  }
  const target = resolveTarget(out);
  const { out: path, parent: site, base: name } = target;
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
    replace: options.replace,
    trustParent: options.trustParent,
    signal,
  });
  try {
    const look = { reuse, store, jobs, hashCache };
    const maxBytes = options.inflightBytes ??
      inflightBytes(BLOB_INFLIGHT_BYTES, sources);
    const { chunks: fetcher } = sources;
    const where = { name, site };
    const filling = {
      landing,
      old,
      fetcher,
      maxBytes,
      progress,
      look,
      ...where,
    };
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
  if (fsync) syncExistingFile(path);
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
