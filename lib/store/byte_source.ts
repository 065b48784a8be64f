/**
 * Where the bytes of one file come from, whatever it is.
 *
 * @module
 */

import { CHUNK_SIZE } from "../limits.ts";
import type { Batch, HashPool } from "./hash_pool.ts";

/** Bytes in order. */
export interface ByteSource {
  /**
   * Reads until `target` is full or there are no more.
   *
   * @returns How many bytes were read.
   */
  fill(target: Uint8Array): Promise<number>;
}

/**
 * Reads a source chunk by chunk, each a batch of its own; an empty one tells that
 * it has ended.
 *
 * @param file Number of the file.
 */
export async function* readChunkBatches(
  source: ByteSource,
  file: number,
  pool: HashPool,
): AsyncGenerator<Batch, void, undefined> {
  for (let offset = 0;;) {
    const batch = pool.batch(false);
    const length = await source.fill(batch.bytes.subarray(0, CHUNK_SIZE));
    if (length > 0 || offset === 0) {
      batch.pieces.push({ file, offset, start: 0, length });
      yield batch;
    } else {
      pool.recycle(batch);
    }
    offset += length;
    if (length === CHUNK_SIZE) continue;
    yield pool.batch(true);
    return;
  }
}

/** Reads a stream. */
export class StreamSource implements ByteSource {
  readonly #read: () => Promise<Uint8Array | undefined>;
  #rest: Uint8Array = new Uint8Array();

  /**
   * Reads what `read` gives.
   *
   * @param read Gives the next bytes, `undefined` at the end.
   */
  constructor(read: () => Promise<Uint8Array | undefined>) {
    this.#read = read;
  }

  /** Copies what the stream gives. */
  async fill(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      if (this.#rest.length === 0) {
        const next = await this.#read();
        if (next === undefined) break;
        this.#rest = next;
      }
      const part = this.#rest.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return filled;
  }
}
