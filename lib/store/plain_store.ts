/** Chunks as plain files, as a web server or an object store has them. */

import { Semaphore } from "../async/semaphore.ts";
import { hasHash } from "../content/mod.ts";
import { StoreError, UsageError } from "../errors.ts";
import { CHUNK_MAX } from "../limits.ts";
import { osErrorWords } from "../os/os_error.ts";
import { makeSafeDirectory, type ParentTrust } from "../os/safe_ancestors.ts";
import { volumeOf } from "../os/volume.ts";
import type { VolumeKind } from "../os/volume_kind.ts";
import { quoteText } from "../text/escape.ts";
import { fromHex, toHex } from "../text/hex.ts";
import { checkChunk } from "./check_chunk.ts";
import { fileLength } from "./chunk_directory.ts";
import type { WritableChunkStore } from "./chunk_store.ts";
import { LARGE_AT_ONCE, readSlice } from "./file_slices.ts";
import { ifPresent, isMissing } from "./if_present.ts";
import { NewFiles } from "./new_files.ts";
import { removeQuietly, Staging } from "./staging.ts";
import { TimeSlice } from "./time_slice.ts";

/** What is exported is meant for others: the umask decides who they are. */
const MODES = { file: 0o666, dir: 0o777 };

/**
 * A {@linkcode WritableChunkStore} in which chunk `<hash>` is the file
 * `blob/<64 hex digits>` with nothing but its bytes.
 *
 * A chunk appears whole, by a rename: who reads the directory meanwhile, a web
 * server say, never gives out a part of one. One that is there and damaged is
 * replaced when it is stored again.
 */
export class PlainStore implements WritableChunkStore {
  readonly #blobs: string;
  readonly #staging: Staging;
  readonly #files: NewFiles;
  readonly #large = new Semaphore(LARGE_AT_ONCE);
  readonly #slice = new TimeSlice();
  #isMade = false;

  private constructor(
    /** The directory above `blob`, as it was given. */
    readonly path: string,
    volume: VolumeKind,
    private readonly trust: ParentTrust,
  ) {
    this.#blobs = `${path}/blob`;
    this.#staging = new Staging(`${path}/tmp`, () => MODES.dir, trust);
    this.#files = new NewFiles(volume, false, this.#large);
  }

  /** Opens a directory. Nothing is written before the first `put`. */
  static async open(
    path: string,
    trust: ParentTrust = {},
  ): Promise<PlainStore> {
    const { kind } = await volumeOf(path);
    return new PlainStore(path, kind, trust);
  }

  /** Tells whether there is a file of that name; it is not read. */
  has(hash: Uint8Array): Promise<boolean> {
    return this.#using("look at", hash, (file) => {
      const isFile = ifPresent(() => Deno.lstatSync(file).isFile);
      return Promise.resolve(isFile ?? false);
    });
  }

  /** Tells whether anything has the name of a chunk, though it may be none. */
  hasTrace(hash: Uint8Array): Promise<boolean> {
    return this.#using("look at", hash, (file) => {
      const info = ifPresent(() => Deno.lstatSync(file));
      return Promise.resolve(info !== undefined);
    });
  }

  /** Tells how long the file is. */
  sizeOf(hash: Uint8Array): number | undefined {
    try {
      return fileLength(this.#fileOf(hash));
    } catch {
      // Reading it says what is wrong.
      return undefined;
    }
  }

  /**
   * Reads a chunk; a damaged one is not held, and what is no file neither.
   *
   * @throws {StoreError} When it cannot be read.
   */
  get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#using("read", hash, async (file) => {
      if (this.#slice.isOver) await this.#slice.giveWay();
      const info = ifPresent(() => Deno.lstatSync(file));
      if (!info?.isFile || info.size > CHUNK_MAX) return undefined;
      try {
        const bytes = await readSlice(file, 0, info.size, this.#large);
        return bytes !== undefined && hasHash(bytes, hash) ? bytes : undefined;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  /**
   * Stores a chunk, also over one that is there.
   *
   * @throws {StoreError} When it cannot be written.
   * @throws {UsageError} When other users could redirect what is written.
   */
  put(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    checkChunk(hash, bytes);
    return this.#using("store", hash, async (file) => {
      if (this.#slice.isOver) await this.#slice.giveWay();
      this.#makeDirectories();
      const built = this.#staging.nextPath();
      try {
        await this.#files.write(built, bytes, MODES.file);
        this.#files.rename(built, file, []);
      } catch (error) {
        removeQuietly(built);
        throw error;
      }
    });
  }

  /**
   * Lists the names of the files.
   *
   * @returns Hashes of 32 bytes, in no order.
   * @throws {StoreError} When the directory cannot be listed.
   */
  async *hashes(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const { name } of Deno.readDir(this.#blobs)) {
        if (/^[0-9a-f]{64}$/.test(name)) yield fromHex(name);
      }
    } catch (error) {
      if (isMissing(error)) return;
      throw this.#failure("list", error);
    }
  }

  /** Removes what is left of unfinished work of this process. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#staging.close();
    return Promise.resolve();
  }

  #fileOf(hash: Uint8Array): string {
    return `${this.#blobs}/${toHex(hash)}`;
  }

  /** Judged once, as nobody else can change what was found. */
  #makeDirectories(): void {
    if (this.#isMade) return;
    makeSafeDirectory(this.#blobs, MODES.dir, this.trust);
    this.#isMade = true;
  }

  async #using<T>(
    action: string,
    hash: Uint8Array,
    use: (file: string) => Promise<T>,
  ): Promise<T> {
    try {
      return await use(this.#fileOf(hash));
    } catch (error) {
      throw this.#failure(`${action} chunk ${toHex(hash)} in`, error);
    }
  }

  #failure(action: string, cause: unknown): StoreError | UsageError {
    if (cause instanceof StoreError || cause instanceof UsageError) {
      return cause;
    }
    return new StoreError(
      `Cannot ${action} ${quoteText(this.path)}: ${osErrorWords(cause)}`,
      { cause, fields: { path: this.path } },
    );
  }
}
