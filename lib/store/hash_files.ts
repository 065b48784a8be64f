/**
 * Reading files for publishing: one pass, a few megabytes of memory whatever the
 * size.
 *
 * @module
 */

import {
  type Blake3,
  type BlobRef,
  createBlake3,
  HASH_LENGTH,
  makeSmall,
  RefBuilder,
  toHex,
} from "../content/mod.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { type ByteSource, readChunkBatches } from "./byte_source.ts";
import { fill, fillSync, SYNC_BYTES } from "./file_slices.ts";
import type { Batch, HashedBatch, HashPool, Piece } from "./hash_pool.ts";
import { describeIoError, unreadable } from "./io_errors.ts";
import { atPath, type SourcePath } from "./raw_paths.ts";

/** Takes what a publisher reads and makes. */
export interface PublishSink {
  /**
   * Takes a chunk of a file.
   *
   * @param file Number of the file.
   * @param bytes Overwritten after the sink has resolved.
   */
  piece(
    file: number,
    offset: number,
    hash: Uint8Array,
    bytes: Uint8Array,
  ): void | Promise<void>;
  /** Takes a chunk that lies in no file: of a manifest, or a tree node. */
  made(hash: Uint8Array, bytes: Uint8Array): void | Promise<void>;
}

/** A file to be hashed. */
export interface FileToHash {
  /** Its number, for the sink. */
  file: number;
  /** Where it lies. */
  source: SourcePath;
  /** Its length in bytes when it was listed. */
  size: number;
}

/** How {@linkcode hashFiles} works. */
export interface HashFilesOptions {
  /** What hashes. */
  pool: HashPool;
  /** What the references say; `mesh://` and the hash of the whole file if not given. */
  uri?: string;
  /** Ends the reading; its reason is thrown. */
  signal?: AbortSignal;
}

/**
 * Reads files, hands their chunks out and makes their references, all in the
 * order of the files, however many of them are hashed at once.
 *
 * @throws {IoError} When one cannot be read or its length changes, after
 * everything before it was handed out.
 */
export function hashFiles(
  files: Iterable<FileToHash>,
  sink: PublishSink,
  options: HashFilesOptions,
): AsyncGenerator<BlobRef, void, undefined> {
  return hashBatches(readFiles(files, options.pool), sink, options);
}

/** {@linkcode hashFiles} for what was read. */
export async function* hashBatches(
  batches: AsyncGenerator<Batch, void, undefined>,
  sink: PublishSink,
  options: HashFilesOptions,
): AsyncGenerator<BlobRef, void, undefined> {
  const { pool, uri, signal } = options;
  await using line = new Line(batches, pool);
  /** A file of several chunks. */
  let large: LargeRef | undefined;
  for (let next; (next = await line.next()) !== undefined;) {
    const { batch, hashes } = next;
    const { bytes, pieces, ends } = batch;
    for (let index = 0; index < pieces.length; index++) {
      const { file, offset, start, length } = pieces[index];
      const at = index * HASH_LENGTH;
      const hash = hashes.subarray(at, at + HASH_LENGTH);
      const content = bytes.subarray(start, start + length);
      if (!ends) {
        signal?.throwIfAborted();
        large ??= new LargeRef(sink, uri);
        await large.add(hash, content);
      }
      await sink.piece(file, offset, hash, content);
      if (ends) yield makeSmall(uri ?? contentUri(hash), hash, length);
    }
    if (ends && large !== undefined) {
      const ref = await large.finish();
      large = undefined;
      yield ref;
    }
    pool.recycle(batch);
  }
}

/** The reference of a file that is read chunk by chunk. */
class LargeRef {
  readonly #builder: RefBuilder;
  /** Hashes the whole file if that is its name. */
  readonly #whole: Blake3 | undefined;

  constructor(sink: PublishSink, uri: string | undefined) {
    if (uri === undefined) this.#whole = createBlake3();
    this.#builder = new RefBuilder(
      uri ?? "",
      async (hash, bytes) => await sink.made(hash, bytes),
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

/** Hashes some batches ahead and gives them in order; a failure comes in its place. */
class Line implements AsyncDisposable {
  readonly #batches: AsyncGenerator<Batch, void, undefined>;
  readonly #pool: HashPool;
  readonly #underWay: Promise<HashedBatch>[] = [];
  #ended = false;

  constructor(
    batches: AsyncGenerator<Batch, void, undefined>,
    pool: HashPool,
  ) {
    this.#batches = batches;
    this.#pool = pool;
  }

  /** The next batch; `undefined` at the end. */
  async next(): Promise<HashedBatch | undefined> {
    while (!this.#ended && this.#underWay.length < this.#pool.ahead) {
      try {
        const { value, done } = await this.#batches.next();
        if (done) this.#ended = true;
        else this.#append(this.#pool.hash(value));
      } catch (error) {
        this.#ended = true;
        this.#append(Promise.reject(error));
      }
    }
    return await this.#underWay.shift();
  }

  #append(hashed: Promise<HashedBatch>): void {
    // A failure is handled when its turn comes, unless the caller has gone.
    hashed.catch(() => {});
    this.#underWay.push(hashed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batches.return();
  }
}

async function* readFiles(
  files: Iterable<FileToHash>,
  pool: HashPool,
): AsyncGenerator<Batch, void, undefined> {
  let batch: Batch | undefined;
  try {
    for (const file of files) {
      if (file.size > SYNC_BYTES && batch !== undefined) {
        yield batch;
        batch = undefined;
      }
      if (file.size > CHUNK_SIZE) {
        yield* readLarge(file, pool);
        continue;
      }
      batch ??= pool.batch(true);
      const piece = file.size <= SYNC_BYTES
        ? readSmall(file, batch)
        : await readMedium(file, batch);
      batch.pieces.push(piece);
      batch.filled = align(piece.start + piece.length);
      if (!pool.isFull(batch)) continue;
      yield batch;
      batch = undefined;
    }
  } catch (error) {
    if (batch !== undefined && batch.pieces.length > 0) yield batch;
    throw error;
  }
  if (batch !== undefined) yield batch;
}

/** Hashing is faster where memory is aligned. */
function align(at: number): number {
  return (at + 7) & ~7;
}

function readSmall({ file, source, size }: FileToHash, batch: Batch): Piece {
  const start = batch.filled;
  const target = batch.bytes.subarray(start, start + size + 1);
  let read: number;
  try {
    read = atPath(source, (path) => {
      using file = Deno.openSync(path);
      return fillSync(file, target);
    });
  } catch (error) {
    throw unreadable(source, describeIoError(error), error);
  }
  if (read !== size) throw changed(source, size);
  return { file, offset: 0, start, length: size };
}

async function readMedium(
  { file, source, size }: FileToHash,
  batch: Batch,
): Promise<Piece> {
  const target = batch.bytes.subarray(0, size + 1);
  let read: number;
  try {
    read = await atPath(source, async (path) => {
      using file = await Deno.open(path);
      return await fill(file, target);
    });
  } catch (error) {
    throw unreadable(source, describeIoError(error), error);
  }
  if (read !== size) throw changed(source, size);
  return { file, offset: 0, start: 0, length: size };
}

async function* readLarge(
  { file, source, size }: FileToHash,
  pool: HashPool,
): AsyncGenerator<Batch, void, undefined> {
  let opened: Deno.FsFile;
  try {
    opened = await atPath(source, (path) => Deno.open(path));
  } catch (error) {
    throw unreadable(source, describeIoError(error), error);
  }
  using input = opened;
  let total = 0;
  const checked: ByteSource = {
    async fill(target) {
      let read: number;
      try {
        read = await fill(input, target);
      } catch (error) {
        throw unreadable(source, describeIoError(error), error);
      }
      total += read;
      const ended = read < target.length;
      if (total > size || (ended && total < size)) throw changed(source, size);
      return read;
    },
  };
  yield* readChunkBatches(checked, file, pool);
}

/** The URI of content that is called by the hash of all its bytes. */
export function contentUri(hash: Uint8Array): string {
  return `mesh://${toHex(hash)}`;
}

function changed(source: SourcePath, size: number): Error {
  return unreadable(
    source,
    `it was ${size} bytes long and changed while it was read; publish it when nobody writes to it`,
  );
}
