import { orderedMap } from "../async/ordered_map.ts";
import {
  type Blake3,
  type BlobRef,
  createBlake3,
  HASH_LENGTH,
  makeSmall,
  RefBuilder,
} from "../content/mod.ts";
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
import type { Batch, HashedBatch, HashPool } from "./hash_pool.ts";
import {
  findKnown,
  HashesOfFile,
  lookBefore,
  type LookedAt,
  publishKnown,
  type ToRemember,
  toRemember,
} from "./known_files.ts";
import type { PublishNotes } from "./publish_notes.ts";
import { contentUri, type PublishSink } from "./publish_sink.ts";
import { lstatAt, type SourcePath } from "./raw_paths.ts";
import { openRegular } from "./regular_file.ts";
import {
  type FileReading,
  lookAtFile,
  noteReading,
  readFileSync,
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

/** A file that was read. */
export interface HashedFile {
  file: number;
  ref: BlobRef;
}

export interface HashBatchesOptions {
  pool: HashPool;
  /** What the references say; `mesh://` and the hash of the whole file if not given. */
  uri?: string;
  signal?: AbortSignal;
  /** Knows files that need not be read, and takes those that were. */
  hashCache?: HashCache;
}

export interface HashFilesOptions extends HashBatchesOptions {
  /** Told of files that are left out, or are not as they were listed. */
  notes: PublishNotes;
  /** When the files were listed, or before that, in milliseconds since 1970. */
  listedAt?: number;
}

/**
 * Reads files, hands their chunks out and makes their references, all in the
 * order of the files, however many of them are hashed at once. Files that cannot
 * be read are noted and left out; chunks of theirs may have been handed out. A
 * failure comes after everything before it was handed out.
 */
export function hashFiles(
  files: Iterable<FileToHash>,
  sink: PublishSink,
  options: HashFilesOptions,
): AsyncGenerator<HashedFile, void, undefined> {
  return hashBatches(readFiles(files, sink, options), sink, options);
}

export async function* hashBatches(
  batches: AsyncGenerator<Batch, void, undefined>,
  sink: PublishSink,
  options: HashBatchesOptions,
): AsyncGenerator<HashedFile, void, undefined> {
  const { pool, signal } = options;
  let large: LargeRef | undefined;
  for await (const { batch, hashes } of hashed(batches, pool, signal)) {
    signal?.throwIfAborted();
    const { kind } = batch;
    if (kind === "files") yield* filesOf(batch, hashes, sink, options);
    for (
      const { file, offset, length } of kind === "part" ? batch.chunks : []
    ) {
      const content = batch.bytes.subarray(0, length);
      large ??= new LargeRef(file, sink, options);
      await large.add(hashes, content);
      await sink.chunk(file, offset, hashes, content);
    }
    if (kind === "end" && large !== undefined) {
      yield { file: large.file, ref: await large.finish(batch.ended) };
    }
    if (kind !== "part") large = undefined;
    pool.recycle(batch);
  }
}

/** Hands out files of one chunk each, and files that are known. */
async function* filesOf(
  { bytes, chunks }: Batch,
  hashes: Uint8Array,
  sink: PublishSink,
  { uri, hashCache }: HashBatchesOptions,
): AsyncGenerator<HashedFile, void, undefined> {
  let at = 0;
  for (const { file, start, length, known, remember } of chunks) {
    if (known !== undefined) {
      const ref = await publishKnown({ file, length, known }, sink, uri);
      yield { file, ref };
      continue;
    }
    const hash = hashes.subarray(at, at + HASH_LENGTH);
    at += HASH_LENGTH;
    const content = bytes.subarray(start, start + length);
    await sink.chunk(file, 0, hash, content);
    if (hashCache !== undefined && remember !== undefined) {
      const found = new HashesOfFile();
      found.add(hash, content.length);
      rememberFile(hashCache, remember, found);
    }
    yield { file, ref: makeSmall(uri ?? contentUri(hash), hash, length) };
  }
}

/** Remembers what was read of a file, unless it is not what it was. */
function rememberFile(
  cache: HashCache,
  { source, before }: ToRemember,
  found: HashesOfFile,
  whole?: Uint8Array,
): void {
  try {
    found.remember(cache, before, lstatAt(source), whole);
  } catch {
    // It is gone: there is nothing to remember.
  }
}

/**
 * Hashes batches in order. With one job nothing is hashed ahead: the thread
 * that would do it is the caller's own. Reading goes on meanwhile, see
 * {@linkcode readParts}.
 */
async function* hashed(
  batches: AsyncGenerator<Batch, void, undefined>,
  pool: HashPool,
  signal: AbortSignal | undefined,
): AsyncGenerator<HashedBatch, void, undefined> {
  if (pool.jobs > 1) {
    return yield* orderedMap(batches, (batch) => pool.hash(batch), {
      // One more is with the sink.
      ahead: () => Math.max(1, pool.ahead - 1),
      signal,
    });
  }
  for await (const batch of batches) yield await pool.hash(batch);
}

/** The reference of a file that is read chunk by chunk. */
class LargeRef {
  readonly file: number;
  readonly #builder: RefBuilder;
  readonly #cache: HashCache | undefined;
  readonly #found = new HashesOfFile();
  /** Hashes the whole file if that is its name. */
  readonly #whole: Blake3 | undefined;

  constructor(
    file: number,
    sink: PublishSink,
    { uri, hashCache }: HashBatchesOptions,
  ) {
    this.file = file;
    this.#cache = hashCache;
    if (uri === undefined) this.#whole = createBlake3();
    this.#builder = new RefBuilder(
      uri ?? "",
      async (hash, bytes) => await sink.node(hash, bytes),
    );
  }

  async add(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    this.#whole?.update(bytes);
    if (this.#cache !== undefined) this.#found.add(hash, bytes.length);
    await this.#builder.add({ hash, size: bytes.length });
  }

  async finish(ended: ToRemember | undefined): Promise<BlobRef> {
    const ref = await this.#builder.finish();
    const whole = this.#whole?.digest();
    if (this.#cache !== undefined && ended !== undefined) {
      rememberFile(this.#cache, ended, this.#found, whole);
    }
    return whole === undefined ? ref : { ...ref, uri: contentUri(whole) };
  }
}

async function* readFiles(
  files: Iterable<FileToHash>,
  sink: PublishSink,
  { pool, notes, hashCache, uri, listedAt = -Infinity }: HashFilesOptions,
): AsyncGenerator<Batch, void, undefined> {
  let batch: Batch | undefined;
  const onRead = ({ file, listed }: FileToHash, after: FileFacts) => {
    if (isClean(listed, after, listedAt)) sink.clean?.(file);
  };
  try {
    for (const file of files) {
      const looked = lookAt(file, hashCache, notes);
      if (looked === undefined) continue;
      const { size, info, before } = looked;
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
        yield* readLarge(file, pool, notes, onRead, remember);
        continue;
      }
      batch ??= pool.batch("files");
      const fits = await readWhole(file, size, batch, {
        notes,
        onRead,
        remember,
      });
      if (fits && !pool.isFull(batch)) continue;
      yield batch;
      batch = undefined;
      if (!fits) yield* readLarge(file, pool, notes, onRead);
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
  { source, size, listed }: FileToHash,
  cache: HashCache | undefined,
  notes: PublishNotes,
): { size: number; info?: FileFacts; before?: LookedAt } | undefined {
  if (cache === undefined) return { size };
  try {
    const { info, before } = lookBefore(cache, () => lookAtFile(source));
    requireListed(listed, info);
    return { size: info.size, info, ...(before && { before }) };
  } catch (error) {
    notes.leaveOut(source, error);
    return undefined;
  }
}

/** What is to be done with a file that was read. */
interface OnFile {
  notes: PublishNotes;
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
  { notes, onRead, remember }: OnFile,
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
    notes.leaveOut(source, error);
    return true;
  }
  if (reading === undefined) return false;
  const { length, after } = reading;
  noteReading(notes, source, file.size, reading);
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
  file: FileToHash,
  pool: HashPool,
  notes: PublishNotes,
  onRead: OnFile["onRead"],
  remember?: ToRemember,
): AsyncGenerator<Batch, void, undefined> {
  const { source, listed } = file;
  let reading: FileReading;
  try {
    using input = await SourceFile.open(source, listed);
    yield* readParts((target) => input.read(target), file.file, pool, true);
    reading = input.reading();
  } catch (error) {
    notes.leaveOut(source, error);
    yield pool.batch("failed");
    return;
  }
  noteReading(notes, source, file.size, reading);
  onRead(file, reading.after);
  yield pool.batch("end", remember);
}
