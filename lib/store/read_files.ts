/** Reading the files of a tree, or one, so that they can be hashed. */

import { CHUNK_SIZE } from "../limits.ts";
import {
  type FileFacts,
  isSettled,
  type ListedFile,
  sameStamp,
  stampOf,
} from "../os/file_identity.ts";
import { readParts } from "./byte_source.ts";
import { SYNC_BYTES } from "./file_slices.ts";
import type { HashCache } from "./hash_cache.ts";
import type { Batch, HashPool } from "./hash_pool.ts";
import {
  findKnown,
  lookBefore,
  type LookedAt,
  type ToRemember,
  toRemember,
} from "./known_files.ts";
import type { PublishNotes } from "./publish_notes.ts";
import type { PublishSink } from "./publish_sink.ts";
import type { SourcePath } from "./raw_paths.ts";
import { openRegular } from "./regular_file.ts";
import {
  type FileReading,
  lookAtFile,
  noteReading,
  readFileSync,
  ReplacedFile,
  requireListed,
  SourceFile,
} from "./source_file.ts";

/** A file to be hashed. */
export interface FileToHash {
  file: number;
  source: SourcePath;
  /** Its length when it was listed. */
  size: number;
  /** Which file it is; without it any regular file at its path will do. */
  listed?: ListedFile;
}

export interface ReadFilesOptions {
  pool: HashPool;
  /** What the references will say. */
  uri?: string;
  /** Knows files that need not be read. */
  hashCache?: HashCache;
  /** Told of files that are left out, or are not as they were listed. */
  notes: PublishNotes;
  /** When the files were listed, or before that, in milliseconds since 1970. */
  listedAt?: number;
  /**
   * Lists a file anew when another one took its place; `undefined` where that
   * cannot be done, or none is there.
   */
  listAgain?: (file: number) => FileToHash | undefined;
}

/** Reads files into batches, in order; those that are known are not read. */
export async function* readFiles(
  files: Iterable<FileToHash>,
  sink: PublishSink,
  options: ReadFilesOptions,
): AsyncGenerator<Batch, void, undefined> {
  const { pool, notes, hashCache, uri, listedAt = -Infinity } = options;
  let batch: Batch | undefined;
  const onRead = ({ file, listed }: FileToHash, after: FileFacts) => {
    if (isClean(listed, after, listedAt)) sink.clean?.(file);
  };
  try {
    for (const listed of files) {
      const looked = lookAt(listed, options);
      if (looked === undefined) continue;
      const { file, size, info, before } = looked;
      const known = await findKnown(hashCache, before, sink, uri);
      if (known !== undefined && info !== undefined) {
        onRead(file, info);
        const reading = { length: size, size, touched: false };
        noteReading(notes, file.source, file.size, reading);
        batch ??= pool.batch("files");
        const { filled: start } = batch;
        const whole = { file: file.file, offset: 0, length: size };
        batch.chunks.push({ ...whole, start, known });
        if (!pool.isFull(batch)) continue;
        yield batch;
        batch = undefined;
        continue;
      }
      const remember = toRemember(file.source, before);
      if (size > SYNC_BYTES && batch !== undefined) {
        yield batch;
        batch = undefined;
      }
      if (size > CHUNK_SIZE) {
        yield* readLarge(file, options, onRead, remember);
        continue;
      }
      batch ??= pool.batch("files");
      const onFile = { options, onRead, remember };
      const fits = await readWhole(file, size, batch, onFile);
      if (fits && !pool.isFull(batch)) continue;
      yield batch;
      batch = undefined;
      if (!fits) yield* readLarge(file, options, onRead);
    }
  } catch (error) {
    if (batch !== undefined && batch.chunks.length > 0) yield batch;
    throw error;
  }
  if (batch !== undefined) yield batch;
}

/**
 * Whether what was read is what the stamp of the listing stands for, for ever:
 * the stamp was old enough that every write since would show in it, and none
 * does.
 */
function isClean(
  listed: ListedFile | undefined,
  after: FileFacts,
  listedAt: number,
): boolean {
  return listed !== undefined && isSettled(listed.stamp, listedAt) &&
    sameStamp(listed.stamp, stampOf(after));
}

/**
 * A file before it is read; `undefined` when it is left out. Which file it is
 * shows when it is open; a remembered one is not opened, and looked at here.
 */
function lookAt(
  file: FileToHash,
  options: ReadFilesOptions,
): LookedAtFile | undefined {
  const { source, size, listed } = file;
  const { hashCache: cache, notes } = options;
  if (cache === undefined) return { file, size };
  try {
    const { info, before } = lookBefore(cache, () => lookAtFile(source));
    requireListed(listed, info);
    return { file, size: info.size, info, ...(before && { before }) };
  } catch (error) {
    const other = replacing(file, error, options);
    if (other !== undefined) return lookAt(other, once(options));
    notes.leaveOut(source, error);
    return undefined;
  }
}

interface LookedAtFile {
  file: FileToHash;
  size: number;
  info?: FileFacts;
  before?: LookedAt;
}

/** The file that took the place of one that could not be read for that. */
function replacing(
  { file }: FileToHash,
  error: unknown,
  { listAgain }: ReadFilesOptions,
): FileToHash | undefined {
  return error instanceof ReplacedFile ? listAgain?.(file) : undefined;
}

/** Who replaces a file all the time keeps nobody busy. */
function once(
  { listAgain: _, ...options }: ReadFilesOptions,
): ReadFilesOptions {
  return options;
}

/** What is to be done with a file that was read. */
interface OnFile {
  options: ReadFilesOptions;
  onRead: (file: FileToHash, after: FileFacts) => void;
  remember: ToRemember | undefined;
}

/** Hashing is faster where memory is aligned. */
function align(at: number): number {
  return (at + 7) & ~7;
}

/**
 * Reads a file of one chunk into a batch. `false` when it has grown longer than
 * that.
 */
async function readWhole(
  file: FileToHash,
  size: number,
  batch: Batch,
  { options, onRead, remember }: OnFile,
): Promise<boolean> {
  const { source, listed } = file;
  const start = batch.filled;
  const room = batch.bytes.subarray(start, start + CHUNK_SIZE + 1);
  let reading: FileReading | undefined;
  try {
    if (size <= SYNC_BYTES) {
      const opened = openRegular(source);
      using input = opened instanceof Promise ? await opened : opened;
      reading = readFileSync(input, listed, size, room);
    } else {
      reading = await readFile(file, room);
    }
  } catch (error) {
    const other = replacing(file, error, options);
    if (other === undefined) {
      options.notes.leaveOut(source, error);
      return true;
    }
    if (other.size > CHUNK_SIZE) return false;
    const onOther = { options: once(options), onRead, remember: undefined };
    return await readWhole(other, other.size, batch, onOther);
  }
  if (reading === undefined) return false;
  const { length, after } = reading;
  noteReading(options.notes, source, file.size, reading);
  onRead(file, after);
  const chunk = { file: file.file, offset: 0, start, length };
  batch.chunks.push(remember === undefined ? chunk : { ...chunk, remember });
  batch.filled = align(start + length);
  return true;
}

async function readFile(
  { source, listed }: FileToHash,
  room: Uint8Array,
): Promise<FileReading | undefined> {
  using input = await SourceFile.open(source, listed);
  await input.read(room);
  const reading = input.reading();
  return reading.length === room.length ? undefined : reading;
}

async function* readLarge(
  listed: FileToHash,
  options: ReadFilesOptions,
  onRead: OnFile["onRead"],
  remember?: ToRemember,
): AsyncGenerator<Batch, void, undefined> {
  const { pool, notes } = options;
  let file = listed;
  let reading: FileReading;
  try {
    let input: SourceFile;
    try {
      input = await SourceFile.open(file.source, file.listed);
    } catch (error) {
      const other = replacing(file, error, options);
      if (other === undefined) throw error;
      file = other;
      input = await SourceFile.open(file.source, file.listed);
    }
    using open = input;
    yield* readParts(
      (target) => open.read(target),
      file.file,
      pool,
      true,
      () => open.isInHole,
    );
    reading = open.reading();
  } catch (error) {
    notes.leaveOut(file.source, error);
    yield pool.batch("failed");
    return;
  }
  noteReading(notes, file.source, file.size, reading);
  onRead(file, reading.after);
  yield pool.batch("end", file === listed ? remember : undefined);
}
