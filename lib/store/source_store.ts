/** Serving files and directories as they lie, without copying them. */

import { crc32 } from "node:zlib";
import { resolve } from "@std/path";
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
import { LARGE_AT_ONCE, readSlice } from "./file_slices.ts";
import { hashFiles, type PublishSink } from "./hash_files.ts";
import { HashPool } from "./hash_pool.ts";
import { publishDir, type PublishDirOptions } from "./publish_dir.ts";
import { nameWarnings } from "./name_warnings.ts";
import { atPath, lstatAt, showPath, type SourcePath } from "./raw_paths.ts";
import { ChunkIndex, type ChunkLocation } from "./chunk_index.ts";
import type { ChunkStore } from "./chunk_store.ts";
import { MemoryStore } from "./memory_store.ts";
import type { PublishOptions } from "./publish_progress.ts";
import { TimeSlice } from "./time_slice.ts";
import { walkSourceTree } from "./walk_source_tree.ts";

/** The paths of all files, found when they are needed. */
class Sources {
  /** Each has the numbers from `first` to that of the next. */
  readonly #groups: { first: number; at: (file: number) => SourcePath }[] = [];
  #length = 0;

  /** Adds files that are numbered from 0; returns the number of the first here. */
  add(at: (file: number) => SourcePath, files: number): number {
    const first = this.#length;
    this.#groups.push({ first, at });
    this.#length += files;
    return first;
  }

  at(file: number): SourcePath {
    const group = this.#groups.findLast(({ first }) => first <= file);
    if (group === undefined) throw new RangeError(`no file ${file}`);
    return group.at(file - group.first);
  }
}

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
}

/** Options of {@linkcode SourceStore.of}. */
export interface SourceStoreOptions extends PublishOptions {
  /**
   * Told, in one sentence and once for each file, that a file can no longer be
   * served as it was published.
   */
  onProblem?: (message: string) => void;
}

/**
 * A {@linkcode ChunkStore} over files where they lie.
 *
 * Everything is read once in the beginning, to know what is where; afterwards
 * chunks are read from the files when they are asked for, and checked. Only
 * manifests are kept in memory, and about 100 bytes for each file or chunk.
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
  #sources = new Sources();
  readonly #made = new MemoryStore();
  readonly #large = new Semaphore(LARGE_AT_ONCE);
  readonly #slice = new TimeSlice();
  readonly #troubled = new Set<number>();
  readonly #onProblem: (message: string) => void;

  private constructor(onProblem: (message: string) => void) {
    this.#onProblem = onProblem;
  }

  /**
   * Reads files and directories and serves them.
   *
   * @param paths Files or directories, or links to them.
   * @throws {IoError} When something cannot be read, or is neither; the
   * message names it.
   */
  static async of(
    paths: readonly string[],
    options: SourceStoreOptions = {},
  ): Promise<SourceStore> {
    const store = new SourceStore(options.onProblem ?? (() => {}));
    await prepareStreamingBlake3();
    using pool = new HashPool(options.jobs);
    let files = 0;
    let bytes = 0;
    for (const path of paths) {
      options.signal?.throwIfAborted();
      let last = { files: 0, bytes: 0 };
      await store.#publish(path, {
        pool,
        signal: options.signal,
        onProgress(progress) {
          last = progress;
          // Totals of the paths that follow are not known yet.
          const { totalFiles, totalBytes } = progress;
          const totals = paths.length === 1 ? { totalFiles, totalBytes } : {};
          options.onProgress?.({
            path: progress.path,
            files: files + progress.files,
            bytes: bytes + progress.bytes,
            ...totals,
          });
        },
      });
      files += last.files;
      bytes += last.bytes;
    }
    return store;
  }

  /** Tells whether the chunk was there when the files were read. */
  async has(hash: Uint8Array): Promise<boolean> {
    return this.#index.has(hash) || await this.#made.has(hash);
  }

  /** Tells how long the chunk was when the files were read. */
  sizeOf(hash: Uint8Array): number {
    return this.#index.sizeOf(hash) ?? this.#made.sizeOf(hash);
  }

  /** Reads a chunk from any place where it is still as it was. */
  async get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.#slice.isOver) await this.#slice.giveWay();
    for (const location of this.#index.find(hash)) {
      const bytes = await this.#read(location);
      if (bytes !== undefined && crc32(bytes) === location.crc) return bytes;
      if (bytes !== undefined) this.#report(location.file, "it has changed");
    }
    return await this.#made.get(hash);
  }

  /** Stops serving. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#index = new ChunkIndex();
    this.#sources = new Sources();
    await this.#made[Symbol.asyncDispose]();
  }

  async #publish(path: string, options: PublishDirOptions): Promise<void> {
    const root = realPath(path);
    const info = lstatAt(root);
    if (info.isDirectory) {
      const tree = await walkSourceTree(root, options);
      const sink = this.#sink((file) => tree.sourceOf(file), tree.added);
      const { ref, stats } = await publishDir(tree, sink, options);
      for (const warning of nameWarnings(stats)) {
        this.#onProblem(`${quoteText(path)}: ${warning}`);
      }
      this.refs.push({ path, kind: "dir", ref, size: stats.totalBytes });
      return;
    }
    if (!info.isFile) {
      throw new IoError(
        `Cannot serve ${quoteText(path)}: it is neither a file nor a directory`,
        { fields: { path } },
      );
    }
    const sink = this.#sink(() => root, 1);
    const totals = { totalFiles: 1, totalBytes: info.size };
    let bytes = 0;
    const counting: PublishSink = {
      chunk(file, offset, hash, chunk) {
        sink.chunk(file, offset, hash, chunk);
        bytes += chunk.length;
        options.onProgress?.({ path, files: 0, bytes, ...totals });
      },
      node: sink.node,
    };
    const files = [{ file: 0, source: root, size: info.size }];
    const [ref] = await Array.fromAsync(
      hashFiles(files, counting, { ...options, uri: SEND_URI }),
    );
    options.onProgress?.({ path, files: 1, bytes, ...totals });
    this.refs.push({ path, kind: "blob", ref, size: blobRefSize(ref) });
  }

  /** Notes where the chunks of so many files lie instead of storing them. */
  #sink(sourceOf: (file: number) => SourcePath, files: number): PublishSink {
    const first = this.#sources.add(sourceOf, files);
    return {
      chunk: (file, offset, hash, bytes) =>
        this.#index.add(hash, {
          file: first + file,
          offset,
          length: bytes.length,
          crc: crc32(bytes),
        }),
      node: (hash, bytes) => this.#made.put(hash, bytes),
    };
  }

  async #read(
    { file, offset, length }: ChunkLocation,
  ): Promise<Uint8Array | undefined> {
    const source = this.#sources.at(file);
    try {
      // Opening a FIFO that took the file's place would wait for a writer.
      if (!lstatAt(source).isFile) {
        this.#report(file, "it is no longer a file");
        return undefined;
      }
      const bytes = await atPath(
        source,
        (path) => readSlice(path, offset, length, this.#large),
      );
      if (bytes === undefined) this.#report(file, "it is shorter than it was");
      return bytes;
    } catch (error) {
      this.#report(file, osErrorWords(error));
      return undefined;
    }
  }

  #report(file: number, reason: string): void {
    if (this.#troubled.has(file)) return;
    this.#troubled.add(file);
    const path = quoteText(showPath(this.#sources.at(file)));
    this.#onProblem(
      `${path} cannot be served as it was published: ${reason}; publish it again`,
    );
  }
}

function realPath(path: string): string {
  try {
    const real: string = Deno.realPathSync(resolve(path));
    return real;
  } catch (error) {
    throw new IoError(
      `Cannot serve ${quoteText(path)}: ${osErrorWords(error)}`,
      { cause: error, fields: { path } },
    );
  }
}
