/** Holding a file against a reference. */

import { type BlobRef, blobRefSize, sameContent } from "../../content/mod.ts";
import { NotFoundError, UsageError } from "../../errors.ts";
import { CHUNK_MAX } from "../../limits.ts";
import {
  type FileFacts,
  type ListedFile,
  sameStamp,
  stampOf,
} from "../../os/file_identity.ts";
import { attemptAsync } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import type { HashCache } from "../hash_cache.ts";
import { HashPool } from "../hash_pool.ts";
import type { PublishProgress } from "../publish_progress.ts";
import { atPath, lstatAt, showPath, type SourcePath } from "../raw_paths.ts";
import { openRegular, type RegularFile } from "../regular_file.ts";
import { requireListed } from "../source_file.ts";
import { storeBlob } from "../store_blob.ts";
import {
  expectedSlices,
  isBareHash,
  isCutAsOurs,
  type NodeStore,
} from "./expected_slices.ts";
import { type ByteRange, wrongSlices } from "./wrong_slices.ts";

/** Options of everything that holds files against references. */
export interface VerifyOptions {
  /** Ends the work; its reason is thrown. */
  readonly signal?: AbortSignal;
  /**
   * Threads that hash, once there is enough to do; 1 is that of the caller.
   *
   * @default {1}
   */
  readonly jobs?: number;
  /**
   * Files that have not changed since they were hashed are taken for right
   * without being read. Damage of a disk does not show then.
   */
  readonly hashCache?: HashCache;
  /** Where the nodes of references above 16 GiB are. */
  readonly nodes?: NodeStore;
  /** Told after every chunk and every file. */
  readonly onProgress?: (progress: PublishProgress) => void;
}

/** A file of a tree, which has to be the one that was listed. */
interface VerifyBlobOptions extends VerifyOptions {
  readonly listed?: ListedFile | undefined;
}

/** What {@linkcode verifyBlob} found. */
export interface BlobVerdict {
  /** Whether the file is what the reference names. */
  readonly isRight: boolean;
  /** Length of the file, in bytes. */
  readonly bytes: number;
  /** Length that it should have; `undefined` of a bare hash. */
  readonly expectedBytes: bigint | undefined;
  /**
   * The chunks that are not in the file, in order; `undefined` where the
   * reference alone does not tell how the content is cut.
   */
  readonly ranges: readonly ByteRange[] | undefined;
  /** Whether it was written to while it was read. */
  readonly isChanging: boolean;
}

/**
 * Reads a file and tells whether it is what a reference names, and where not.
 *
 * Holds a few chunks at a time. Nothing is written.
 *
 * @param source A file; a link is not followed.
 * @throws {IoError} When it cannot be read.
 * @throws {UsageError} When it is no regular file.
 */
export async function verifyBlob(
  source: SourcePath,
  ref: BlobRef,
  options: VerifyBlobOptions = {},
): Promise<BlobVerdict> {
  options.signal?.throwIfAborted();
  const path = showPath(source);
  using file = await open(source, options.listed);
  using pool = new HashPool(options.jobs);
  const before = file.stat();
  const found = { bytes: before.size, expectedBytes: expectedOf(ref) };
  const verdict = await attemptAsync(
    "read",
    path,
    () => compare({ source, file, size: before.size, ref, pool }, options),
  );
  const isChanging = !sameFacts(before, file.stat());
  return { ...verdict, ...found, isChanging };
}

function expectedOf(ref: BlobRef): bigint | undefined {
  return isBareHash(ref) ? undefined : blobRefSize(ref);
}

interface Comparing {
  readonly source: SourcePath;
  readonly file: RegularFile;
  readonly size: number;
  readonly ref: BlobRef;
  readonly pool: HashPool;
}

type Compared = Pick<BlobVerdict, "isRight" | "ranges">;

async function compare(
  comparing: Comparing,
  options: VerifyOptions,
): Promise<Compared> {
  const { size, ref } = comparing;
  if (isBareHash(ref)) return await compareBareHash(comparing, options);
  const hasLength = BigInt(size) === blobRefSize(ref);
  const isKnown = options.hashCache !== undefined && hasLength;
  if (isKnown && await hasReference(comparing, options)) {
    return { isRight: true, ranges: [] };
  }
  try {
    const slices = expectedSlices(ref, options.nodes);
    const ranges = await wrongOf(comparing, slices, options);
    return { isRight: hasLength && ranges.length === 0, ranges };
  } catch (error) {
    if (!(error instanceof NotFoundError) || isCutAsOurs(ref)) throw error;
  }
  // Cut as we would cut it, the root of the tree is the same.
  const isRight = hasLength && !isKnown &&
    await hasReference(comparing, options);
  return { isRight, ranges: isRight ? [] : undefined };
}

/** A bare hash names one chunk: all of the file, or nothing of it. */
async function compareBareHash(
  comparing: Comparing,
  options: VerifyOptions,
): Promise<Compared> {
  const { size: length, ref } = comparing;
  if (length > CHUNK_MAX || ref.kind !== "small") {
    return { isRight: false, ranges: undefined };
  }
  const slices = [{ offset: 0, length, hash: ref.hash }];
  const ranges = await wrongOf(comparing, slices, options);
  return { isRight: ranges.length === 0, ranges };
}

async function wrongOf(
  { source, file, pool }: Comparing,
  slices: Parameters<typeof wrongSlices>[1],
  { signal, onProgress }: VerifyOptions,
): Promise<ByteRange[]> {
  let bytes = 0;
  const path = showPath(source);
  const onBytes = onProgress && ((count: number) => {
    bytes += count;
    onProgress({ path, files: 0, bytes });
  });
  const options = { pool, signal, onBytes };
  return await Array.fromAsync(wrongSlices(file, slices, options));
}

/** Whether the reference that the file has is the one that is expected. */
async function hasReference(
  { source, ref }: Comparing,
  { signal, jobs, hashCache, onProgress }: VerifyOptions,
): Promise<boolean> {
  const options = { signal, jobs, hashCache, onProgress };
  const found = await atPath(
    source,
    (path) => storeBlob(undefined, path, options),
  );
  return sameContent(found.ref, ref);
}

async function open(
  source: SourcePath,
  listed: ListedFile | undefined,
): Promise<RegularFile> {
  const path = showPath(source);
  return await attemptAsync("read", path, async () => {
    if (listed === undefined && !lstatAt(source).isFile) throw notAFile(path);
    const file = await openRegular(source);
    try {
      requireListed(listed, file.stat());
      return file;
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  });
}

function notAFile(path: string): UsageError {
  return new UsageError(
    `${quoteText(path)} is neither a file nor a directory`,
    {
      fields: { path },
    },
  );
}

function sameFacts(a: FileFacts, b: FileFacts): boolean {
  return a.size === b.size && a.mtime?.getTime() === b.mtime?.getTime() &&
    (stampOf(a) === undefined || sameStamp(stampOf(a), stampOf(b)));
}
