/** Serving files and directories as they lie, without copying them. */

import { Semaphore } from "../async/semaphore.ts";
import {
  type BlobRef,
  blobRefSize,
  prepareStreamingBlake3,
  SEND_URI,
} from "../content/mod.ts";
import { IoError } from "../errors.ts";
import { osErrorWords } from "../os/os_error.ts";
import { quoteText } from "../text/escape.ts";
import { LARGE_AT_ONCE } from "./file_slices.ts";
import { hashFiles } from "./hash_files.ts";
import type { PublishSink } from "./publish_sink.ts";
import { HashPool } from "./hash_pool.ts";
import { isMissing } from "./if_present.ts";
import { publishDir, type PublishDirOptions } from "./publish_dir.ts";
import { nameWarnings } from "./name_warnings.ts";
import type { PathFilter } from "./path_filter.ts";
import type { NotCarried } from "./not_carried.ts";
import { type PublishCounts, PublishNotes } from "./publish_notes.ts";
import { lstatAt, showPath } from "./raw_paths.ts";
import { readPublished } from "./read_published.ts";
import { FileNumbers } from "./file_numbers.ts";
import { listAgain } from "./list_again.ts";
import { ReplacedFile } from "./source_file.ts";
import { type CheckedSource, checkSources } from "./source_paths.ts";
import { ChunkIndex, type ChunkLocation } from "./chunk_index.ts";
import type { ChunkStore } from "./chunk_store.ts";
import { MemoryStore } from "./memory_store.ts";
import type { PublishOptions } from "./publish_progress.ts";
import { TimeSlice } from "./time_slice.ts";
import { walkSourceTree } from "./walk_source_tree.ts";

/** One path that a {@linkcode SourceStore} serves. */
export interface PublishedRef {
  /** The path as it was given. */
  path: string;
  /** Whether `ref` names content, or the manifest of a directory. */
  kind: "blob" | "dir";
  /** The reference `storeBlob` or `storeDir` makes for it. */
  ref: BlobRef;
  /** Length of the content or of all files of the tree together, in bytes. */
  size: bigint;
  /** How many entries were not published as they lie. */
  counts: PublishCounts;
  /** Of a directory: how many have what the formats have no place for. */
  notCarried?: NotCarried;
}

interface PublishSourceOptions extends PublishDirOptions {
  filter?: PathFilter;
}

/** Options of {@linkcode SourceStore.of}. */
export interface SourceStoreOptions extends PublishOptions {
  /** Which entries of directories are served; all, if not given. */
  filter?: PathFilter;
  /**
   * Told, in one sentence and once for each file, that a file can no longer be
   * served as it was published.
   */
  onProblem?: (message: string) => void;
}

/** How much files are; nothing where a directory would have to be listed first. */
function sizesOf(
  sources: readonly CheckedSource[],
): { files: number; bytes: number } | undefined {
  if (sources.some(({ kind }) => kind === "dir")) return undefined;
  const bytes = sources.reduce((sum, { size }) => sum + size, 0);
  return { files: sources.length, bytes };
}

/**
 * A {@linkcode ChunkStore} over files where they lie.
 *
 * Everything is read once in the beginning, to know what is where; afterwards
 * chunks are read from the files when they are asked for, and checked. Only
 * manifests are kept in memory, and about 140 bytes for each file or chunk.
 *
 * @example
 * ```ts
 * import { SourceStore } from "./source_store.ts";
 *
 * await using store = await SourceStore.of(["./photos", "./film.mkv"]);
 * for (const { path, ref } of store.refs) console.log(path, ref.uri);
 * ```
 */
export class SourceStore implements ChunkStore {
  /** What is served, in the order of the paths. */
  readonly refs: PublishedRef[] = [];
  #index = new ChunkIndex();
  #sources = new FileNumbers();
  readonly #made = new MemoryStore();
  readonly #large = new Semaphore(LARGE_AT_ONCE);
  readonly #slice = new TimeSlice();
  /** Files that are not as they were published, and what became of them. */
  readonly #troubled = new Map<number, "changed" | "gone" | undefined>();
  readonly #onProblem: (message: string) => void;

  private constructor(onProblem: (message: string) => void) {
    this.#onProblem = onProblem;
  }

  /**
   * Reads files and directories and serves them. What lives is served as it was
   * read, as `storeDir` has it; a path that vanishes before it is read is left
   * out with a warning.
   *
   * @param paths Files or directories, or links to them; one that is given twice
   * is read once.
   * @throws {IoError} When one of them cannot be read, or is neither; the message
   * names it. With `strict` also for anything in a directory.
   */
  static async of(
    paths: readonly string[],
    options: SourceStoreOptions = {},
  ): Promise<SourceStore> {
    const sources = checkSources(paths);
    const store = new SourceStore(options.onProblem ?? (() => {}));
    await prepareStreamingBlake3();
    using pool = new HashPool(options.jobs);
    const published = new Map<string, Omit<PublishedRef, "path"> | undefined>();
    let files = 0;
    let bytes = 0;
    for (const [at, source] of sources.entries()) {
      const { path, real } = source;
      const later = sizesOf(sources.slice(at + 1));
      options.signal?.throwIfAborted();
      let last = { files: 0, bytes: 0 };
      const key = real.toString();
      const ref = published.get(key) ?? await store.#publish(source, {
        pool,
        notes: new PublishNotes(options),
        filter: options.filter,
        hashCache: options.hashCache,
        signal: options.signal,
        onProgress(progress) {
          last = progress;
          const { totalFiles, totalBytes } = progress;
          const isKnown = later !== undefined && totalFiles !== undefined &&
            totalBytes !== undefined;
          options.onProgress?.({
            path: progress.path,
            files: files + progress.files,
            bytes: bytes + progress.bytes,
            ...(isKnown && {
              totalFiles: files + totalFiles + later.files,
              totalBytes: bytes + totalBytes + later.bytes,
            }),
          });
        },
      });
      files += last.files;
      bytes += last.bytes;
      published.set(key, ref);
      if (ref !== undefined) store.refs.push({ path, ...ref });
    }
    if (store.refs.length === 0 && paths.length > 0) {
      throw new IoError(
        `Cannot serve ${quoteText(paths[0])}: it vanished before it was read`,
        { fields: { path: paths[0] } },
      );
    }
    return store;
  }

  /** Tells whether the chunk was there when the files were read. */
  async has(hash: Uint8Array): Promise<boolean> {
    return this.#index.has(hash) || await this.#made.has(hash);
  }

  /** The same of many: asking about each by itself would cost 20 times as much. */
  hasEach(hashes: readonly Uint8Array[]): Promise<boolean[]> {
    const isHeld = (hash: Uint8Array) =>
      this.#index.has(hash) || this.#made.sizeOf(hash) > 0;
    return Promise.resolve(hashes.map(isHeld));
  }

  /** Tells how long the chunk was when the files were read. */
  sizeOf(hash: Uint8Array): number {
    return this.#index.sizeOf(hash) ?? this.#made.sizeOf(hash);
  }

  /** Reads a chunk from any place where it is still as it was. */
  async get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.#slice.isOver) await this.#slice.giveWay();
    for (const location of this.#index.find(hash)) {
      const bytes = await this.#read(location, hash);
      if (bytes !== undefined) return bytes;
    }
    return await this.#made.get(hash);
  }

  /**
   * Tells what became of a chunk, as far as reading it has shown: held, in a file
   * that has changed, in one that is gone, or not known.
   */
  stateOf(hash: Uint8Array): "held" | "changed" | "gone" | "unknown" {
    let state: "changed" | "gone" | "unknown" = "unknown";
    for (const { file } of this.#index.find(hash)) {
      if (!this.#troubled.has(file)) return "held";
      state = this.#troubled.get(file) ?? state;
    }
    return state === "unknown" && this.#made.sizeOf(hash) > 0 ? "held" : state;
  }

  /** How many numbers of chunks there are, not all of which are in use. */
  get chunkNumbers(): number {
    return this.#index.length;
  }

  /** A number that stands for a chunk of a file; manifests have none. */
  numberOf(hash: Uint8Array): number | undefined {
    return this.#index.numberOf(hash);
  }

  /** The chunks of all files, each once, with their numbers. */
  chunks(): Iterable<{ number: number; hash: Uint8Array; length: number }> {
    return this.#index.chunks();
  }

  /** Whether any file was seen to be no longer as it was published. */
  get hasChanged(): boolean {
    return this.#troubled.size > 0;
  }

  /** Stops serving. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#index = new ChunkIndex();
    this.#sources = new FileNumbers();
    await this.#made[Symbol.asyncDispose]();
  }

  /** Reads what lies at a path; `undefined` when it is no longer there. */
  async #publish(
    { path, real, kind, size, listed, listedAt }: CheckedSource,
    options: PublishSourceOptions,
  ): Promise<Omit<PublishedRef, "path"> | undefined> {
    const { notes } = options;
    const { counts } = notes;
    if (kind === "dir") {
      try {
        lstatAt(real);
      } catch (error) {
        notes.leaveOut(real, error);
        return undefined;
      }
      const tree = await walkSourceTree(real, options);
      const sink = this.#sink({
        at: (file) => tree.fileAt(file),
        listAgain: (file) => listAgain(tree, file),
      }, tree.added);
      const { ref, stats } = await publishDir(tree, sink, options);
      for (const warning of nameWarnings(stats)) {
        this.#onProblem(`${quoteText(path)}: ${warning}`);
      }
      const { totalBytes: size, notCarried } = stats;
      return { kind, ref, size, counts, notCarried };
    }
    let isClean = false;
    const at = () => ({ source: real, listed, isClean });
    const sink = this.#sink({ at }, 1);
    const totals = { totalFiles: 1, totalBytes: size };
    let bytes = 0;
    const counting: PublishSink = {
      chunk(file, offset, hash, chunk) {
        sink.chunk(file, offset, hash, chunk);
        bytes += chunk.length;
        options.onProgress?.({ path, files: 0, bytes, ...totals });
      },
      known(file, offset, chunk, length) {
        sink.known?.(file, offset, chunk, length);
        bytes += length;
        options.onProgress?.({ path, files: 0, bytes, ...totals });
      },
      clean() {
        isClean = true;
      },
      node: sink.node,
    };
    const files = [{ file: 0, source: real, size, ...(listed && { listed }) }];
    const [hashed] = await Array.fromAsync(
      hashFiles(files, counting, { ...options, uri: SEND_URI, listedAt }),
    );
    if (hashed === undefined) return undefined;
    options.onProgress?.({ path, files: 1, bytes, ...totals });
    const { ref } = hashed;
    return { kind, ref, size: blobRefSize(ref), counts };
  }

  /** Notes where the chunks of so many files lie instead of storing them. */
  #sink(
    path: Parameters<FileNumbers["add"]>[0],
    files: number,
  ): PublishSink {
    const first = this.#sources.add(path, files);
    return {
      chunk: (file, offset, hash, { length }) =>
        this.#index.add(hash, { file: first + file, offset, length }),
      known: (file, offset, hash, length) =>
        this.#index.add(hash, { file: first + file, offset, length }),
      node: (hash, bytes) => this.#made.put(hash, bytes),
    };
  }

  async #read(
    { file, ...slice }: ChunkLocation,
    hash: Uint8Array,
  ): Promise<Uint8Array | undefined> {
    const read = () =>
      readPublished(this.#sources.at(file), slice, hash, this.#large);
    try {
      const bytes = await read().catch((error) => {
        const isReplaced = error instanceof ReplacedFile &&
          this.#sources.listAgain(file);
        return isReplaced ? read() : Promise.reject(error);
      });
      if (typeof bytes !== "string") return bytes;
      const reason = bytes === "shorter"
        ? "it is shorter than it was"
        : "it has changed";
      this.#report(file, reason, "changed");
    } catch (error) {
      const isGone = isMissing(error);
      this.#report(file, osErrorWords(error), isGone ? "gone" : undefined);
    }
    return undefined;
  }

  #report(
    file: number,
    reason: string,
    state: "changed" | "gone" | undefined,
  ): void {
    if (this.#troubled.has(file)) return;
    this.#troubled.set(file, state);
    const path = quoteText(showPath(this.#sources.at(file).source));
    this.#onProblem(
      `${path} cannot be served as it was published: ${reason}; publish it again`,
    );
  }
}
