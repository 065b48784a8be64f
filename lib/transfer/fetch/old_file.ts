/** What the file that is replaced has of the one that replaces it. */

import { type BlobRef, blobRefSize, sameContent } from "../../content/mod.ts";
import { TransferError } from "../../errors.ts";
import { findOldFile } from "../../landing/mod.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { ExistingTree, type HashCache, SourceStore } from "../../store/mod.ts";
import type { BlobChunk } from "./blob_chunks.ts";
import type { ChunkPlace } from "./chunk_place.ts";
import type { FetchProgress } from "./progress.ts";

/** How the old file is looked at. */
export interface OldFileOptions {
  /** Threads that hash. */
  jobs?: number;
  /** Knows the file, if it need not be read. */
  hashCache?: HashCache;
  /** Ends the looking. */
  signal?: AbortSignal;
}

/** The old file, whose chunks were hashed just now, or are remembered. */
export class OldFile implements AsyncDisposable, ChunkPlace {
  readonly #store: SourceStore;

  private constructor(
    /** Where it is. */
    readonly path: string,
    /** Whether it is what would be put in its place. */
    readonly isWhole: boolean,
    store: SourceStore,
  ) {
    this.#store = store;
  }

  /**
   * Looks at the file that is to be replaced, if there is one that may have
   * something of the new one.
   *
   * @param out The target as typed.
   * @param ref The new content.
   */
  static async look(
    out: string,
    ref: BlobRef,
    { jobs, hashCache, signal }: OldFileOptions,
    progress: FetchProgress,
  ): Promise<OldFile | undefined> {
    const old = findOldFile(out);
    if (old === undefined || old.size === 0) return undefined;
    const sameSize = BigInt(old.size) === blobRefSize(ref);
    if (!sameSize && old.size <= CHUNK_SIZE) return undefined;
    const totalBytes = BigInt(old.size);
    try {
      const store = await SourceStore.of([old.path], {
        jobs,
        hashCache,
        signal,
        onProgress: ({ bytes }) =>
          progress.stage("checking", { bytes: BigInt(bytes), totalBytes }),
      });
      const isWhole = sameSize && sameContent(store.refs[0].ref, ref);
      return new OldFile(old.path, isWhole, store);
    } catch (error) {
      // It can be replaced, though not read.
      if (error instanceof TransferError && error.kind === "io") {
        return undefined;
      }
      throw error;
    } finally {
      progress.stage("checking", { finished: true });
    }
  }

  /**
   * Tells whether half of a new file is in it, at least; then that may begin as a
   * copy of it.
   *
   * @param chunks All of the new file.
   */
  async isLike(chunks: AsyncIterable<BlobChunk>): Promise<boolean> {
    let [all, there] = [0, 0];
    for await (const { hash, size = 0 } of chunks) {
      all += size;
      if (this.has(hash, size)) there += size;
    }
    return there > 0 && there >= all / 2;
  }

  /** As of {@linkcode LikeFile}. */
  cloneTo(path: string, isThere?: boolean): number | undefined {
    return ExistingTree.ofFile(this.path).cloneTo(0, path, isThere);
  }

  /** Whether a chunk was there when the file was hashed. */
  has(hash: Uint8Array, size: number): boolean {
    return size > 0 && this.#store.sizeOf(hash) === size;
  }

  /** Reads a chunk, unless it has changed since. */
  async read(hash: Uint8Array): Promise<Uint8Array | undefined> {
    return await this.#store.get(hash);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }
}
