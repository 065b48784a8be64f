/**
 * What a fetch lacks, and which files may have something of it.
 *
 * Files are cut at multiples of {@linkcode CHUNK_SIZE}. So a file of up to one
 * chunk can only be of use as a whole, and has the length of a file that is
 * wanted. A longer one can have chunks in common with any wanted file of several:
 * one that is called as such a file is taken for an earlier state of it, of the
 * others some chunks are tried, as to hash all of what may be terabytes would
 * take longer than to fetch it.
 */

import { isZeroChunk } from "../../content/mod.ts";
import { CHUNK_SIZE } from "../../limits.ts";

/** A chunk by its hash and length, which may not be known. */
export interface ChunkName {
  readonly hash: Uint8Array;
  readonly size?: number;
}

/** How a file may be of use: for its chunks, only if a sample says so, or not. */
export type Use = "likely" | "possible" | undefined;

/** Chunks that are tried of a long file. */
const SAMPLES = 4;

/** What is not there. */
export class WantedContent {
  /** Lengths of files of one chunk. */
  readonly #sizes = new Set<number>();
  /** Names of files of several chunks, without what is above them. */
  readonly #names = new Set<string>();
  /** The first 48 bits of each chunk: a false one costs only time. */
  readonly #chunks = new Set<number>();
  #hasLong = false;

  /**
   * Adds a chunk of a file.
   *
   * @param path The file.
   * @param fileSize Its length.
   */
  add(path: string, fileSize: number, { hash, size }: ChunkName): void {
    if (size === 0 || size !== undefined && isZeroChunk(hash, size)) return;
    this.#chunks.add(keyOf(hash));
    if (fileSize <= CHUNK_SIZE) {
      this.#sizes.add(fileSize);
    } else {
      this.#names.add(lastName(path));
      this.#hasLong = true;
    }
  }

  /** Whether nothing is wanted any more. */
  get isEmpty(): boolean {
    return this.#chunks.size === 0;
  }

  /** Whether a chunk is wanted; rarely so of one that is not. */
  has(hash: Uint8Array): boolean {
    return this.#chunks.has(keyOf(hash));
  }

  /** Notes that a chunk is there. */
  found(hash: Uint8Array): void {
    this.#chunks.delete(keyOf(hash));
  }

  /**
   * Tells whether to look into a file.
   *
   * @param path Where it is.
   * @param size Its length.
   */
  useOf(path: string, size: number): Use {
    if (size <= CHUNK_SIZE) return this.#sizes.has(size) ? "likely" : undefined;
    if (!this.#hasLong) return undefined;
    return this.#names.has(lastName(path)) ? "likely" : "possible";
  }
}

/** Chunks to try of a long file: its first, its last full one, and between. */
export function samplesOf(size: number): number[] {
  const last = Math.floor(size / CHUNK_SIZE) - 1;
  const places = Array.from(
    { length: SAMPLES },
    (_, i) => Math.round(i * last / (SAMPLES - 1)),
  );
  return [...new Set(places)];
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function keyOf(hash: Uint8Array): number {
  const high = hash[0] | hash[1] << 8;
  const low = (hash[2] | hash[3] << 8 | hash[4] << 16 | hash[5] << 24) >>> 0;
  return high * 2 ** 32 + low;
}
