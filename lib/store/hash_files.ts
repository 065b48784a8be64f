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
import { toHex } from "../text/hex.ts";
import { readParts } from "./byte_source.ts";
import { SYNC_BYTES } from "./file_slices.ts";
import type { Batch, HashedBatch, HashPool } from "./hash_pool.ts";
import type { PublishNotes } from "./publish_notes.ts";
import { atPath, type SourcePath } from "./raw_paths.ts";
import {
  type FileReading,
  lookAtFile,
  noteReading,
  readFileSync,
  SourceFile,
} from "./source_file.ts";

/** Takes what a publisher reads and makes. */
export interface PublishSink {
  /** Takes a chunk of a file; `bytes` are overwritten after the sink has resolved. */
  chunk(
    file: number,
    offset: number,
    hash: Uint8Array,
    bytes: Uint8Array,
  ): void | Promise<void>;
  /** Takes a chunk that lies in no file: of a manifest, or a tree node. */
  node(hash: Uint8Array, bytes: Uint8Array): void | Promise<void>;
}

/** A file to be hashed. */
export interface FileToHash {
  file: number;
  source: SourcePath;
  /** Its length when it was listed. */
  size: number;
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
}

export interface HashFilesOptions extends HashBatchesOptions {
  /** Told of files that are left out, or are not as they were listed. */
  notes: PublishNotes;
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
  return hashBatches(readFiles(files, options), sink, options);
}

export async function* hashBatches(
  batches: AsyncGenerator<Batch, void, undefined>,
  sink: PublishSink,
  { pool, uri, signal }: HashBatchesOptions,
): AsyncGenerator<HashedFile, void, undefined> {
  let large: LargeRef | undefined;
  for await (const { batch, hashes } of hashed(batches, pool, signal)) {
    signal?.throwIfAborted();
    const { bytes, chunks, kind } = batch;
    for (const [index, { file, offset, start, length }] of chunks.entries()) {
      const at = index * HASH_LENGTH;
      const hash = hashes.subarray(at, at + HASH_LENGTH);
      const content = bytes.subarray(start, start + length);
      if (kind === "part") {
        large ??= new LargeRef(file, sink, uri);
        await large.add(hash, content);
      }
      await sink.chunk(file, offset, hash, content);
      if (kind === "files") {
        yield { file, ref: makeSmall(uri ?? contentUri(hash), hash, length) };
      }
    }
    if (kind === "end" && large !== undefined) {
      yield { file: large.file, ref: await large.finish() };
    }
    if (kind !== "part") large = undefined;
    pool.recycle(batch);
  }
}

/**
 * Hashes batches in order. With one job nothing runs ahead: the thread that
 * would hash is the caller's own, and a batch ahead is only more memory.
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
  /** Hashes the whole file if that is its name. */
  readonly #whole: Blake3 | undefined;

  constructor(file: number, sink: PublishSink, uri: string | undefined) {
    this.file = file;
    if (uri === undefined) this.#whole = createBlake3();
    this.#builder = new RefBuilder(
      uri ?? "",
      async (hash, bytes) => await sink.node(hash, bytes),
    );
  }

  async add(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    this.#whole?.update(bytes);
    await this.#builder.add({ hash, size: bytes.length });
  }

  async finish(): Promise<BlobRef> {
    const ref = await this.#builder.finish();
    return this.#whole === undefined
      ? ref
      : { ...ref, uri: contentUri(this.#whole.digest()) };
  }
}

async function* readFiles(
  files: Iterable<FileToHash>,
  { pool, notes }: Pick<HashFilesOptions, "pool" | "notes">,
): AsyncGenerator<Batch, void, undefined> {
  let batch: Batch | undefined;
  try {
    for (const file of files) {
      const size = lookAt(file, notes);
      if (size === undefined) continue;
      if (size > SYNC_BYTES && batch !== undefined) {
        yield batch;
        batch = undefined;
      }
      if (size > CHUNK_SIZE) {
        yield* readLarge(file, pool, notes);
        continue;
      }
      batch ??= pool.batch("files");
      const fits = await readWhole(file, size, batch, notes);
      if (fits && !pool.isFull(batch)) continue;
      yield batch;
      batch = undefined;
      if (!fits) yield* readLarge(file, pool, notes);
    }
  } catch (error) {
    if (batch !== undefined && batch.chunks.length > 0) yield batch;
    throw error;
  }
  if (batch !== undefined) yield batch;
}

/** The length of a file now; `undefined` when it is left out. */
function lookAt({ source }: FileToHash, notes: PublishNotes) {
  try {
    return lookAtFile(source);
  } catch (error) {
    notes.leaveOut(source, error);
    return undefined;
  }
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
  { file, source, size: listed }: FileToHash,
  size: number,
  batch: Batch,
  notes: PublishNotes,
): Promise<boolean> {
  const start = batch.filled;
  const room = batch.bytes.subarray(start, start + CHUNK_SIZE + 1);
  let reading: FileReading | undefined;
  try {
    reading = size <= SYNC_BYTES
      ? atPath(source, (path) => readFileSync(path, size, room))
      : await atPath(source, (path) => readFile(path, room));
  } catch (error) {
    notes.leaveOut(source, error);
    return true;
  }
  if (reading === undefined) return false;
  const { length } = reading;
  noteReading(notes, source, listed, reading);
  batch.chunks.push({ file, offset: 0, start, length });
  batch.filled = align(start + length);
  return true;
}

async function readFile(
  path: string,
  room: Uint8Array,
): Promise<FileReading | undefined> {
  using input = await SourceFile.open(path);
  await input.read(room);
  const reading = await input.reading();
  return reading.length === room.length ? undefined : reading;
}

async function* readLarge(
  { file, source, size: listed }: FileToHash,
  pool: HashPool,
  notes: PublishNotes,
): AsyncGenerator<Batch, void, undefined> {
  let reading: FileReading;
  try {
    using input = await atPath(source, (path) => SourceFile.open(path));
    yield* readParts((target) => input.read(target), file, pool);
    reading = await input.reading();
  } catch (error) {
    notes.leaveOut(source, error);
    yield pool.batch("failed");
    return;
  }
  noteReading(notes, source, listed, reading);
  yield pool.batch("end");
}

/** The URI of content that is called by the hash of all its bytes. */
export function contentUri(hash: Uint8Array): string {
  return `mesh://${toHex(hash)}`;
}
