/**
 * Chunks in memory: manifests and tree nodes of files served in place, and tests.
 */

import { hasHash } from "../content/mod.ts";
import { toHex } from "../text/hex.ts";
import type { WritableChunkStore } from "./chunk_store.ts";
import { checkChunk } from "./check_chunk.ts";

/**
 * A {@linkcode WritableChunkStore} that forgets everything when it is disposed of.
 *
 * @example
 * ```ts
 * import { blake3 } from "../content/mod.ts";
 * import { MemoryStore } from "./memory_store.ts";
 *
 * await using store = new MemoryStore();
 * const bytes = new TextEncoder().encode("hello\n");
 * await store.put(blake3(bytes), bytes);
 * await store.has(blake3(bytes)); // true
 * ```
 */
export class MemoryStore implements WritableChunkStore {
  readonly #chunks = new Map<string, Uint8Array>();
  #bytes = 0;

  /** How many chunks are held. */
  get size(): number {
    return this.#chunks.size;
  }

  /** How many bytes the chunks have together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Tells whether the chunk is held. */
  has(hash: Uint8Array): Promise<boolean> {
    return Promise.resolve(this.#chunks.has(toHex(hash)));
  }

  /** Tells how long the chunk is. */
  sizeOf(hash: Uint8Array): number {
    return this.#chunks.get(toHex(hash))?.length ?? 0;
  }

  /** Reads a chunk; one that was written into since is not held. */
  get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    const bytes = this.#chunks.get(toHex(hash));
    const whole = bytes !== undefined && hasHash(bytes, hash);
    return Promise.resolve(whole ? bytes : undefined);
  }

  /**
   * Stores a copy of a chunk.
   *
   * @throws {StoreError} When it is longer than a chunk may be.
   */
  put(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    try {
      checkChunk(hash, bytes);
    } catch (error) {
      return Promise.reject(error);
    }
    const key = toHex(hash);
    if (!this.#chunks.has(key)) {
      this.#chunks.set(key, bytes.slice());
      this.#bytes += bytes.length;
    }
    return Promise.resolve();
  }

  /** Forgets everything. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#chunks.clear();
    this.#bytes = 0;
    return Promise.resolve();
  }
}
