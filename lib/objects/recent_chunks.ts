import type { WritableChunkStore } from "../store/mod.ts";
import { toHex } from "../text/hex.ts";

/**
 * Chunks in memory, of which those go first that were read longest ago: what is
 * read ahead where no directory keeps it.
 */
export class RecentChunks implements WritableChunkStore {
  readonly #maxBytes: number;
  readonly #chunks: Map<string, Uint8Array> = new Map();
  #bytes = 0;

  /** @param maxBytes Bytes at most, but for one chunk that is longer. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  has(hash: Uint8Array): Promise<boolean> {
    return Promise.resolve(this.#chunks.has(toHex(hash)));
  }

  /** Length of the chunk, 0 when it is not here. */
  sizeOf(hash: Uint8Array): number {
    return this.#chunks.get(toHex(hash))?.length ?? 0;
  }

  /** The chunk, which was verified before it was put. */
  get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    const key = toHex(hash);
    const bytes = this.#chunks.get(key);
    if (bytes !== undefined) {
      this.#chunks.delete(key);
      this.#chunks.set(key, bytes);
    }
    return Promise.resolve(bytes);
  }

  /** Keeps the very bytes, which nobody may change from now on. */
  put(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    const key = toHex(hash);
    if (!this.#chunks.has(key)) {
      this.#chunks.set(key, bytes);
      this.#bytes += bytes.length;
    }
    for (const [oldest, { length }] of this.#chunks) {
      if (this.#bytes <= this.#maxBytes || oldest === key) break;
      this.#chunks.delete(oldest);
      this.#bytes -= length;
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#chunks.clear();
    this.#bytes = 0;
    return Promise.resolve();
  }
}
