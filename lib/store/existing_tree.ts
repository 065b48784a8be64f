/** A tree that is there, as a place to take content from by its hash. */

import { basename, dirname } from "@std/path";
import { Semaphore } from "../async/semaphore.ts";
import {
  type BlobRef,
  hashChunk,
  prepareStreamingBlake3,
} from "../content/mod.ts";
import { CHUNK_SIZE } from "../limits.ts";
import { type FileStamp, isSettled } from "../os/file_identity.ts";
import { isOsError } from "../os/os_error.ts";
import { ChunkIndex } from "./chunk_index.ts";
import { LARGE_AT_ONCE, readOpen } from "./file_slices.ts";
import { hashFiles } from "./hash_files.ts";
import type { FileToHash } from "./read_files.ts";
import type { HashCache } from "./hash_cache.ts";
import { HashPool } from "./hash_pool.ts";
import type { PathType } from "./path_filter.ts";
import { PublishNotes } from "./publish_notes.ts";
import { rawPaths } from "./raw_paths.ts";
import { readPublished } from "./read_published.ts";
import { openRegular } from "./regular_file.ts";
import { requireListed } from "./source_file.ts";
import { ROOT, SourceTree } from "./source_tree.ts";
import { walkSourceTree } from "./walk_source_tree.ts";

/** An entry of an {@linkcode ExistingTree}. */
export interface ExistingEntry {
  readonly number: number;
  /** Names below the root joined with `/`. */
  readonly path: string;
  readonly type: PathType;
  /** Full `st_mode`. */
  readonly mode: number;
  /** Length of a file when it was listed, else 0. */
  readonly size: number;
  /** The text of a link. */
  readonly target?: string;
}

/** A file of an {@linkcode ExistingTree} that was hashed. */
export interface ExistingFile {
  readonly number: number;
  readonly ref: BlobRef;
  /** The file before it was read; nothing where the system tells too little. */
  readonly stamp: FileStamp | undefined;
}

/** A file of an {@linkcode ExistingTree} that need not be hashed. */
export interface KnownFile {
  /** BLAKE3 of its chunks of `CHUNK_SIZE` bytes. */
  readonly chunks: readonly Uint8Array[];
  /** The file when it was listed. */
  readonly stamp: FileStamp;
}

/** How {@linkcode ExistingTree.hash} works. */
export interface HashExistingOptions {
  jobs?: number;
  hashCache?: HashCache;
  signal?: AbortSignal;
  /** Told of every chunk; must not throw. */
  onChunk?: (bytes: number, hash: Uint8Array) => void;
}

/**
 * A tree whose files can be hashed, and their chunks read again. Links are never
 * followed, not even in the middle of a path. What cannot be read is not there.
 */
export class ExistingTree {
  readonly #tree: SourceTree;
  readonly #notes: PublishNotes;
  readonly #chunks = new ChunkIndex();
  readonly #large = new Semaphore(LARGE_AT_ONCE);

  private constructor(tree: SourceTree, notes: PublishNotes) {
    this.#tree = tree;
    this.#notes = notes;
  }

  /** A file, as a tree that has nothing else. */
  static ofFile(path: string): ExistingTree {
    const seen = Deno.lstatSync(path);
    const tree = new SourceTree(dirname(path));
    if (seen.isFile) {
      tree.add({
        parent: ROOT,
        name: basename(path),
        ifNeeded: false,
        type: "file",
        mode: seen.mode ?? 0,
        size: seen.size,
        seen,
      });
    }
    return new ExistingTree(tree, new PublishNotes());
  }

  /**
   * Lists a tree.
   *
   * @param root A directory.
   * @returns `undefined` when there is none, or it cannot be listed.
   */
  static async list(
    root: string,
    signal?: AbortSignal,
  ): Promise<ExistingTree | undefined> {
    try {
      if (!Deno.lstatSync(root).isDirectory) return undefined;
    } catch (error) {
      if (isOsError(error) || error instanceof Deno.errors.NotCapable) {
        return undefined;
      }
      throw error;
    }
    const notes = new PublishNotes();
    const tree = await walkSourceTree(root, { notes, signal });
    return new ExistingTree(tree, notes);
  }

  /** Whether there is anything that is not listed, or not as it is called. */
  get hasMore(): boolean {
    const { skipped, vanished, unreadable } = this.#notes.counts;
    return skipped + vanished + unreadable + this.#tree.collisions.length > 0;
  }

  /** The entries in the order of a manifest. */
  *entries(): Generator<ExistingEntry, void, undefined> {
    const tree = this.#tree;
    for (const number of tree.numbers()) {
      const type = tree.typeOf(number);
      const [mode, size] = [tree.modeOf(number), tree.sizeOf(number)];
      const entry = { number, path: tree.pathOf(number), type, mode, size };
      yield type === "symlink"
        ? { ...entry, target: tree.targetOf(number) }
        : entry;
    }
  }

  /** A file as it was listed, where the system tells. */
  stampOf(number: number): FileStamp | undefined {
    return this.#tree.listedAs(number)?.stamp;
  }

  /** Whether a cache has all that hashing a file would tell. */
  isKnown(number: number, hashCache: HashCache | undefined): boolean {
    const stamp = this.#tree.listedAs(number)?.stamp;
    return stamp !== undefined && hashCache?.find(stamp) !== undefined;
  }

  /**
   * Takes from a cache what hashing a file would tell, by what was seen of it
   * when it was listed: it is not looked at again.
   *
   * @returns `undefined` when it has to be hashed.
   */
  takeKnown(number: number, hashCache: HashCache): KnownFile | undefined {
    const tree = this.#tree;
    const stamp = tree.listedAs(number)?.stamp;
    const hashes = stamp && hashCache.find(stamp);
    if (stamp === undefined || hashes === undefined) return undefined;
    const { chunks } = hashes;
    for (const [index, hash] of chunks.entries()) {
      const offset = index * CHUNK_SIZE;
      const length = Math.min(CHUNK_SIZE, stamp.size - offset);
      this.#chunks.add(hash, { file: number, offset, length });
    }
    // Only of such stamps a cache has anything.
    if (isSettled(stamp, tree.listedAt)) tree.setClean(number);
    return { chunks, stamp };
  }

  /**
   * Hashes some chunks of a file alone, which does not make them known.
   *
   * @param number The file.
   * @param chunks Which chunks, full ones, by their index.
   * @returns Their hashes, as far as they can be read.
   */
  async *sample(
    number: number,
    chunks: Iterable<number>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { source, listed } = this.#tree.fileAt(number);
    try {
      const opened = openRegular(source);
      using file = opened instanceof Promise ? await opened : opened;
      requireListed(listed, file.stat());
      for (const chunk of chunks) {
        const bytes = await readOpen(file, chunk * CHUNK_SIZE, CHUNK_SIZE);
        if (bytes === undefined) return;
        yield hashChunk(bytes);
      }
    } catch (error) {
      if (!isOsError(error)) throw error;
    }
  }

  /** Hashes files; those that cannot be read are left out. */
  async *hash(
    numbers: Iterable<number>,
    { jobs, hashCache, signal, onChunk }: HashExistingOptions = {},
  ): AsyncGenerator<ExistingFile, void, undefined> {
    await prepareStreamingBlake3();
    using pool = new HashPool(jobs);
    /** Of the files that are being hashed. */
    const stamps = new Map<number, FileStamp | undefined>();
    const sink = {
      chunk: (
        file: number,
        offset: number,
        hash: Uint8Array,
        bytes: Uint8Array,
      ) => {
        const { length } = bytes;
        this.#chunks.add(hash, { file, offset, length });
        onChunk?.(length, hash);
      },
      known: (
        file: number,
        offset: number,
        hash: Uint8Array,
        length: number,
      ) => {
        this.#chunks.add(hash, { file, offset, length });
        onChunk?.(length, hash);
      },
      clean: (file: number) => this.#tree.setClean(file),
      node: () => {},
    };
    const { listedAt } = this.#tree;
    const notes = new PublishNotes();
    const options = { pool, hashCache, signal, notes, listedAt };
    for await (
      const { file, ref } of hashFiles(
        this.#files(numbers, stamps),
        sink,
        options,
      )
    ) {
      const stamp = stamps.get(file);
      stamps.delete(file);
      yield { number: file, ref, stamp };
    }
  }

  /** Whether a chunk was in one of the files that were hashed. */
  has(hash: Uint8Array): boolean {
    return this.#chunks.has(hash);
  }

  /**
   * Where a chunk was in files that were hashed: which file, and where in it.
   */
  placesOf(hash: Uint8Array): Iterable<{ file: number; offset: number }> {
    return this.#chunks.find(hash);
  }

  /**
   * Makes a file that shares the blocks of one of these, where native calls are
   * allowed and the file system does that.
   *
   * @param number The file, as long as it is the one that was listed.
   * @param path Where nothing is, in a directory of our own, or an empty file.
   * @returns Its length; nothing when it was not made.
   */
  cloneTo(
    number: number,
    path: string,
    isThere = false,
  ): number | undefined {
    if (rawPaths === undefined) return undefined;
    const { source, listed } = this.#tree.fileAt(number);
    try {
      const fd = rawPaths.openToRead(source);
      try {
        const seen = rawPaths.stat(fd);
        if (seen === undefined) return undefined;
        requireListed(listed, seen);
        const isCloned = isThere
          ? rawPaths.cloneInto(fd, path)
          : rawPaths.cloneTo(fd, path);
        return isCloned ? seen.size : undefined;
      } finally {
        rawPaths.release(fd);
      }
    } catch (error) {
      // Whatever it is: its chunks are read, or fetched.
      if (!isOsError(error)) throw error;
      return undefined;
    }
  }

  /** Reads a chunk from any place where it is still as it was. */
  async read(hash: Uint8Array): Promise<Uint8Array | undefined> {
    for (const { file, ...slice } of this.#chunks.find(hash)) {
      try {
        const from = this.#tree.fileAt(file);
        const read = await readPublished(from, slice, hash, this.#large);
        if (typeof read !== "string") return read;
      } catch (error) {
        if (!isOsError(error)) throw error;
      }
    }
    return undefined;
  }

  /** What was seen of a file when it was listed is what it was before. */
  *#files(
    numbers: Iterable<number>,
    stamps: Map<number, FileStamp | undefined>,
  ): Generator<FileToHash, void, undefined> {
    const tree = this.#tree;
    for (const file of numbers) {
      const listed = tree.listedAs(file);
      stamps.set(file, listed?.stamp);
      const [source, size] = [tree.sourceOf(file), tree.sizeOf(file)];
      yield { file, source, size, ...(listed && { listed }) };
    }
  }
}
