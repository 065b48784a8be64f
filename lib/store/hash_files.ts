import { orderedMap } from "../async/ordered_map.ts";
import {
  type Blake3,
  type BlobRef,
  createBlake3,
  HASH_LENGTH,
  makeSmall,
  RefBuilder,
} from "../content/mod.ts";
import type { HashCache } from "./hash_cache.ts";
import type { Batch, HashedBatch, HashPool } from "./hash_pool.ts";
import { HashesOfFile, publishKnown, type ToRemember } from "./known_files.ts";
import { contentUri, type PublishSink } from "./publish_sink.ts";
import { lstatAt } from "./raw_paths.ts";
import {
  type FileToHash,
  readFiles,
  type ReadFilesOptions,
} from "./read_files.ts";

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

export type HashFilesOptions = HashBatchesOptions & ReadFilesOptions;

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
