import { orderedMap } from "../async/ordered_map.ts";
import {
  type Blake3,
  type BlobRef,
  createBlake3,
  HASH_LENGTH,
  makeSmall,
  RefBuilder,
} from "../content/mod.ts";
import { IoError } from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { toHex } from "../text/hex.ts";
import { fileBytes, readChunkBatches } from "./byte_source.ts";
import { fill, fillSync, SYNC_BYTES } from "./file_slices.ts";
import type { Batch, BatchChunk, HashedBatch, HashPool } from "./hash_pool.ts";
import { atPath, type SourcePath } from "./raw_paths.ts";
import { changed, unreadable } from "./unreadable.ts";

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

export interface HashFilesOptions {
  pool: HashPool;
  /** What the references say; `mesh://` and the hash of the whole file if not given. */
  uri?: string;
  signal?: AbortSignal;
}

/**
 * Reads files, hands their chunks out and makes their references, all in the
 * order of the files, however many of them are hashed at once. A failure
 * comes after everything before it was handed out.
 */
export function hashFiles(
  files: Iterable<FileToHash>,
  sink: PublishSink,
  options: HashFilesOptions,
): AsyncGenerator<BlobRef, void, undefined> {
  return hashBatches(readFiles(files, options.pool), sink, options);
}

export async function* hashBatches(
  batches: AsyncGenerator<Batch, void, undefined>,
  sink: PublishSink,
  { pool, uri, signal }: HashFilesOptions,
): AsyncGenerator<BlobRef, void, undefined> {
  /** A file of several chunks. */
  let large: LargeRef | undefined;
  for await (const { batch, hashes } of hashed(batches, pool, signal)) {
    signal?.throwIfAborted();
    const { bytes, chunks, ends } = batch;
    for (const [index, { file, offset, start, length }] of chunks.entries()) {
      const at = index * HASH_LENGTH;
      const hash = hashes.subarray(at, at + HASH_LENGTH);
      const content = bytes.subarray(start, start + length);
      if (!ends) {
        large ??= new LargeRef(sink, uri);
        await large.add(hash, content);
      }
      await sink.chunk(file, offset, hash, content);
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
  readonly #builder: RefBuilder;
  /** Hashes the whole file if that is its name. */
  readonly #whole: Blake3 | undefined;

  constructor(sink: PublishSink, uri: string | undefined) {
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
      const chunk = await readWhole(file, batch);
      batch.chunks.push(chunk);
      batch.filled = align(chunk.start + chunk.length);
      if (!pool.isFull(batch)) continue;
      yield batch;
      batch = undefined;
    }
  } catch (error) {
    if (batch !== undefined && batch.chunks.length > 0) yield batch;
    throw error;
  }
  if (batch !== undefined) yield batch;
}

/** Hashing is faster where memory is aligned. */
function align(at: number): number {
  return (at + 7) & ~7;
}

async function readWhole(
  { file, source, size }: FileToHash,
  batch: Batch,
): Promise<BatchChunk> {
  const start = batch.filled;
  // One byte more than it should have, to see that it has grown.
  const target = batch.bytes.subarray(start, start + size + 1);
  const read = await reading(source, () =>
    atPath(source, async (path) => {
      if (size <= SYNC_BYTES) {
        using file = Deno.openSync(path);
        return fillSync(file, target);
      }
      using file = await Deno.open(path);
      return await fill(file, target);
    }));
  if (read !== size) throw changed(source, size);
  return { file, offset: 0, start, length: size };
}

async function* readLarge(
  { file, source, size }: FileToHash,
  pool: HashPool,
): AsyncGenerator<Batch, void, undefined> {
  using input = await reading(
    source,
    () => atPath(source, (path) => Deno.open(path)),
  );
  const read = fileBytes(input, source, size);
  yield* readChunkBatches(
    (target) => reading(source, () => read(target)),
    file,
    pool,
  );
}

async function reading<T>(
  source: SourcePath,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof IoError ? error : unreadable(source, error);
  }
}

/** The URI of content that is called by the hash of all its bytes. */
export function contentUri(hash: Uint8Array): string {
  return `mesh://${toHex(hash)}`;
}
