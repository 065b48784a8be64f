/**
 * Chunks on disk, in the layout the reference implementation reads and writes.
 */

import { existsSync } from "node:fs";
import { Semaphore } from "../async/semaphore.ts";
import { hasHash } from "../content/mod.ts";
import { StoreError, UsageError } from "../errors.ts";
import { CHUNK_MAX } from "../limits.ts";
import { osErrorWords } from "../os/os_error.ts";
import { isSafelyThere, makeSafeDirectory } from "../os/safe_ancestors.ts";
import { volumeOf } from "../os/volume.ts";
import type { VolumeKind } from "../os/volume_kind.ts";
import { quoteText } from "../text/escape.ts";
import { fromHex, toHex } from "../text/hex.ts";
import { checkChunk } from "./check_chunk.ts";
import { collectChunk, isChunkRecent, renewChunk } from "./chunk_age.ts";
import { type CacheRank, rankOf } from "./cache_rank.ts";
import {
  CHUNK_FILES,
  completeChunk,
  fileLength,
  FIRST_GENERATION,
  holdsSomething,
  readRecords,
  resolveGeneration,
} from "./chunk_directory.ts";
import type { WritableChunkStore } from "./chunk_store.ts";
import { LARGE_AT_ONCE, readSlice } from "./file_slices.ts";
import type { DiskStoreOptions } from "./disk_store_options.ts";
import { isMissing } from "./if_present.ts";
import { NewFiles } from "./new_files.ts";
import { modesBelow, PRIVATE_MODES, type StoreModes } from "./store_modes.ts";
import { removeQuietly, Staging } from "./staging.ts";
import { RecordChecksum } from "./store_record.ts";
import { TimeSlice } from "./time_slice.ts";
import { writeChunk } from "./write_chunk.ts";

/**
 * A {@linkcode WritableChunkStore} in a directory.
 *
 * Chunk `<hash>` is the directory `dataforts/blob/<64 hex digits>` with the files
 * of {@link ./store_record.ts}. Reading never writes, not even for a chunk that
 * is not there, and sees what other processes store meanwhile. A new chunk is
 * built in `dataforts/tmp` and appears whole, by one rename; two processes may
 * store the same chunk at once.
 *
 * @example
 * ```ts
 * import { DiskStore } from "./disk_store.ts";
 * import { storeDir } from "./store_dir.ts";
 *
 * await using store = await DiskStore.open("./store");
 * const { ref } = await storeDir(store, "./photos");
 * ```
 */
export class DiskStore implements WritableChunkStore {
  /** The directory, as it was given. */
  readonly path: string;
  readonly #blobs: string;
  readonly #staging: Staging;
  readonly #checksum: RecordChecksum;
  readonly #files: NewFiles;
  readonly #onProblem: (message: string) => void;
  readonly #large = new Semaphore(LARGE_AT_ONCE);
  readonly #slice = new TimeSlice();
  /** Of what is written; known once the directories above were made, or found. */
  #modes: StoreModes | undefined;
  #isSafe = false;

  private constructor(
    path: string,
    checksum: RecordChecksum,
    volume: VolumeKind,
    private readonly options: DiskStoreOptions,
  ) {
    this.path = path;
    this.#blobs = `${path}/dataforts/blob`;
    this.#staging = new Staging(
      `${path}/dataforts/tmp`,
      () => (this.#modes ?? PRIVATE_MODES).dir,
      this.options,
    );
    this.#checksum = checksum;
    this.#files = new NewFiles(volume, options.fsync ?? false, this.#large);
    this.#onProblem = options.onProblem ?? (() => {});
  }

  /**
   * Opens a store. Nothing is written before the first `put`.
   *
   * @param path The directory above `dataforts`.
   * @throws {StoreError} When `path` is not a directory.
   */
  static async open(
    path: string,
    options: DiskStoreOptions = {},
  ): Promise<DiskStore> {
    try {
      const { isDirectory } = await Deno.stat(path);
      if (!isDirectory) throw cannotOpen(path, "it is not a directory");
    } catch (error) {
      if (error instanceof StoreError) throw error;
      if (!(error instanceof Deno.errors.NotFound) || options.mustExist) {
        throw cannotOpen(path, osErrorWords(error), error);
      }
    }
    const [checksum, { kind }] = await Promise.all([
      RecordChecksum.load(),
      volumeOf(path),
    ]);
    return new DiskStore(path, checksum, kind, options);
  }

  /**
   * Tells whether the chunk has a record within bounds.
   *
   * @throws {StoreError} When the directory cannot be read.
   */
  has(hash: Uint8Array): Promise<boolean> {
    return this.#reading(hash, (directory) => {
      if (holdsSomething(`${directory}/${FIRST_GENERATION}`)) return true;
      return holdsSomething(resolveGeneration(directory, this.#checksum));
    }).then((found) => found ?? false);
  }

  /**
   * Tells whether anything was stored under a name, though it may be damaged.
   *
   * @throws {StoreError} When the directory cannot be read.
   */
  hasTrace(hash: Uint8Array): Promise<boolean> {
    return this.#reading(hash, (directory) => {
      const live = resolveGeneration(directory, this.#checksum);
      return readRecords(live).length > 0 || fileLength(`${live}/dat`) > 0;
    }).then((found) => found ?? false);
  }

  /**
   * Tells how long the file of the chunk is; a repaired one is longer than the
   * chunk.
   *
   * @returns `undefined` when it is not where new chunks are, or too long for one.
   */
  sizeOf(hash: Uint8Array): number | undefined {
    const directory = this.directoryOf(hash);
    try {
      const size = fileLength(`${directory}/${FIRST_GENERATION}/dat`);
      if (size === 0) return existsSync(directory) ? undefined : 0;
      return size <= CHUNK_MAX ? size : undefined;
    } catch {
      // Reading it says what is wrong.
      return undefined;
    }
  }

  /**
   * Reads a chunk; a damaged one is reported and not held.
   *
   * @throws {StoreError} When the directory is there and cannot be read, for
   * want of rights or of open files.
   */
  get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#reading(hash, async (directory) => {
      if (this.#slice.isOver) await this.#slice.giveWay();
      const first = `${directory}/${FIRST_GENERATION}`;
      // The bytes prove themselves: only where they do not does it matter which
      // generation is the live one.
      const bytes = await this.#readGeneration(first, hash);
      if (bytes !== undefined) return bytes;
      const live = resolveGeneration(directory, this.#checksum);
      const found = live === first
        ? undefined
        : await this.#readGeneration(live, hash);
      if (found === undefined && readRecords(live).length > 0) {
        this.#onProblem(
          `chunk ${toHex(hash)} in ${
            quoteText(this.path)
          } is damaged and not served; store its content again`,
        );
      }
      return found;
    });
  }

  /**
   * Stores a chunk.
   *
   * A directory that a lookup of the reference implementation, or a killed
   * writer of it, left empty or torn is completed.
   *
   * @param rank Given by a cache that can have the chunk again from elsewhere;
   * one that is stored without it is not such a cache's to remove.
   * @throws {StoreError} When it cannot be written, or when the store holds other
   * bytes under this name (its cause is a {@linkcode HashMismatchError}).
   */
  async put(
    hash: Uint8Array,
    bytes: Uint8Array,
    rank?: CacheRank,
  ): Promise<void> {
    checkChunk(hash, bytes);
    if (this.#slice.isOver) await this.#slice.giveWay();
    this.requireSafe();
    const target = this.directoryOf(hash);
    try {
      const isThere = renewChunk(target, rank === undefined);
      if (!isThere && await this.#publish(target, bytes, rank)) return;
      const writing = {
        checksum: this.#checksum,
        modes: this.#modes ?? modesBelow(this.#blobs),
        trust: this.options,
        fsync: this.#files.syncs,
      };
      completeChunk(target, hash, bytes, writing);
    } catch (error) {
      throw this.#failure(
        `store chunk ${toHex(hash)} in`,
        hash,
        error,
        "What was stored so far stays; run it again to go on.",
      );
    }
  }

  /**
   * Removes a chunk. A process that has it open keeps its bytes until it closes
   * it.
   *
   * @returns Whether there was one.
   * @throws {StoreError} When it cannot be removed.
   */
  delete(hash: Uint8Array): Promise<boolean> {
    return this.#reading(hash, (directory) => {
      this.requireSafe();
      // Renamed first: no reader meets a half-removed chunk.
      const discarded = this.#staging.nextPath();
      Deno.renameSync(directory, discarded);
      Deno.removeSync(discarded, { recursive: true });
      return true;
    }).then((found) => found ?? false);
  }

  /**
   * Removes a chunk, or what stands in its place, unless it was stored, or
   * stored again, since a point in time. A writer that finds the chunk to be
   * there at the same moment keeps it.
   *
   * @param hash 32 bytes.
   * @param since Milliseconds of the Unix epoch.
   * @param isCached Whether it only goes when nobody but a cache has stored it.
   * @returns Whether it was removed.
   * @throws {StoreError} When it cannot be removed.
   */
  collect(
    hash: Uint8Array,
    since: number,
    isCached = false,
  ): Promise<boolean> {
    return this.#reading(hash, (directory) => {
      this.requireSafe();
      const aside = this.#staging.nextPath();
      return collectChunk(
        directory,
        aside,
        (at) =>
          isCached && rankOf(at) === undefined || isChunkRecent(at, since),
      );
    }).then((found) => found ?? false);
  }

  /**
   * Judged once, as nobody else can change what was found.
   *
   * @throws {UsageError} When other users could redirect what is written.
   */
  requireSafe(): void {
    if (this.#isSafe) return;
    this.#isSafe = isSafelyThere(this.#blobs, this.options);
  }

  /** The directory of a chunk, there or not. */
  directoryOf(hash: Uint8Array): string {
    return `${this.#blobs}/${toHex(hash)}`;
  }

  /** Whether a chunk was stored, or stored again, since a point in time. */
  isRecent(hash: Uint8Array, since: number): boolean {
    return isChunkRecent(this.directoryOf(hash), since);
  }

  /**
   * Lists the names of the chunk directories; a name does not promise that the
   * chunk is there or whole.
   *
   * @returns Hashes of 32 bytes, in no order.
   * @throws {StoreError} When the store cannot be listed.
   */
  async *hashes(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const { name } of Deno.readDir(this.#blobs)) {
        if (/^[0-9a-f]{64}$/.test(name)) yield fromHex(name);
      }
    } catch (error) {
      if (isMissing(error)) return;
      throw cannotOpen(this.path, osErrorWords(error), error);
    }
  }

  /** Removes what is left of unfinished work of this process. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#staging.close();
    return Promise.resolve();
  }

  /** Calls `read` with the directory of a chunk, if there is one. */
  async #reading<T>(
    hash: Uint8Array,
    read: (directory: string) => T | Promise<T>,
  ): Promise<T | undefined> {
    const directory = this.directoryOf(hash);
    if (!existsSync(directory)) return undefined;
    try {
      return await read(directory);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw this.#failure(`use chunk ${toHex(hash)} of`, hash, error);
    }
  }

  #failure(
    action: string,
    hash: Uint8Array,
    cause: unknown,
    hint?: string,
  ): StoreError | UsageError {
    if (cause instanceof StoreError || cause instanceof UsageError) {
      return cause;
    }
    return new StoreError(
      `Cannot ${action} ${quoteText(this.path)}: ${osErrorWords(cause)}`,
      { cause, hint, fields: { path: this.path, hash: toHex(hash) } },
    );
  }

  async #readGeneration(
    generation: string,
    hash: Uint8Array,
  ): Promise<Uint8Array | undefined> {
    for (const { offset, length } of readRecords(generation)) {
      const bytes = length === 0
        ? new Uint8Array()
        : await readSlice(`${generation}/dat`, offset, length, this.#large);
      if (bytes !== undefined && hasHash(bytes, hash)) return bytes;
    }
    return undefined;
  }

  /** Moves a new chunk directory to `target`, unless another writer was faster. */
  async #publish(
    target: string,
    bytes: Uint8Array,
    rank?: CacheRank,
  ): Promise<boolean> {
    const modes = this.#modes ?? this.#makeDirectories();
    try {
      return await this.#build(target, bytes, modes, rank);
    } catch (error) {
      if (!isMissing(error)) throw error;
      // They were removed, or ours was taken for abandoned.
      const modes = this.#makeDirectories();
      this.#staging.recover();
      return await this.#build(target, bytes, modes, rank);
    }
  }

  #makeDirectories(): StoreModes {
    makeSafeDirectory(this.#blobs, PRIVATE_MODES.dir, this.options);
    this.#files.syncDirectories(`${this.path}/dataforts`, this.path);
    return this.#modes = modesBelow(this.#blobs);
  }

  async #build(
    target: string,
    bytes: Uint8Array,
    modes: StoreModes,
    rank: CacheRank | undefined,
  ): Promise<boolean> {
    const built = this.#staging.nextPath();
    try {
      await writeChunk(built, bytes, modes, this.#files, this.#checksum, rank);
      this.#files.rename(built, target, CHUNK_FILES);
      this.#files.syncDirectories(this.#blobs);
      return true;
    } catch (error) {
      removeQuietly(built);
      if (existsSync(target)) return false;
      throw error;
    }
  }
}

function cannotOpen(path: string, reason: string, cause?: unknown): StoreError {
  return new StoreError(`Cannot open the store ${quoteText(path)}: ${reason}`, {
    cause,
    fields: { path },
  });
}
