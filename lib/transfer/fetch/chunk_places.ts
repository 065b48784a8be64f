/** Places of this machine where chunks are that need not be fetched. */

import { isZeroChunk } from "../../content/mod.ts";
import { TransferError } from "../../errors.ts";
import type { ChunkPlace, LookOptions, PlaceOptions } from "./chunk_place.ts";
import type { FetchProgress } from "./progress.ts";
import { ReusedFiles } from "./reused_files.ts";
import { type ChunkName, WantedContent } from "./wanted_content.ts";

/** A chunk of a file that is wanted. */
export interface WantedPart extends ChunkName {
  readonly path: string;
  readonly fileSize: number;
}

/** Several places, asked in turn; those that take a promise to tell stand last. */
export class ChunkPlaces implements ChunkPlace {
  readonly #places: readonly ChunkPlace[];

  constructor(
    places: readonly ChunkPlace[] = [],
    /** What the user should know. */
    readonly warnings: readonly string[] = [],
    /** Files that chunks are in. */
    readonly files?: ReusedFiles,
  ) {
    this.#places = places;
  }

  /**
   * Looks where content is.
   *
   * @param first What is known already.
   * @param options The other places; nothing is done without any.
   * @param wanted What `first` lacks: the path and the length of a file, and a
   * chunk of it. Listed only when there is another place to look at.
   */
  static async look(
    first: readonly ChunkPlace[],
    { reuse = [], store, ...options }: PlaceOptions & LookOptions,
    wanted: () => AsyncIterable<WantedPart>,
    progress: FetchProgress,
  ): Promise<ChunkPlaces> {
    const places = [...first];
    const stored = store && placeOf(store);
    const warnings: string[] = [];
    let files: ReusedFiles | undefined;
    if (reuse.length > 0) {
      const content = new WantedContent();
      for await (const { path, fileSize, ...chunk } of wanted()) {
        // To ask the store costs less than to hash.
        if (await stored?.has(chunk.hash, chunk.size ?? 0)) continue;
        content.add(path, fileSize, chunk);
      }
      files = await ReusedFiles.look(reuse, content, options, progress);
      places.push(files);
      warnings.push(...files.warnings);
    }
    if (stored !== undefined) places.push(stored);
    return new ChunkPlaces(places, warnings, files);
  }

  has(hash: Uint8Array, size: number): boolean | Promise<boolean> {
    // Holes are made of them, which cost nothing.
    if (isZeroChunk(hash, size)) return false;
    for (const place of this.#places) {
      const there = place.has(hash, size);
      if (there !== false) return there;
    }
    return false;
  }

  /** Reads a chunk that is wanted, if it is there, and as long as it is to be. */
  async take({ hash, size }: ChunkName): Promise<Uint8Array | undefined> {
    if (size === undefined || !await this.has(hash, size)) return undefined;
    const bytes = await this.read(hash);
    return bytes?.length === size ? bytes : undefined;
  }

  async read(hash: Uint8Array): Promise<Uint8Array | undefined> {
    for (const place of this.#places) {
      const bytes = await place.read(hash);
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  }
}

/** A store as a place; a chunk that it cannot give is fetched. */
function placeOf(store: NonNullable<PlaceOptions["store"]>): ChunkPlace {
  const otherwise = <T>(value: T) => (error: unknown): T => {
    if (error instanceof TransferError) return value;
    throw error;
  };
  return {
    has(hash) {
      const size = store.sizeOf?.(hash);
      return size === undefined
        ? store.has(hash).catch(otherwise(false))
        : size > 0;
    },
    read: (hash) => store.get(hash).catch(otherwise(undefined)),
  };
}
