/**
 * Buffers that are used again: a fetch needs a few large ones over and over,
 * and memory that is merely dropped is given back late.
 */

/** Smallest buffer made, so that one size serves many lengths. */
const BUFFER_MIN = 64 * 1024;

/** Free buffers of one fetch; what is in use is bounded by the fetch's own budget. */
export class BufferPool {
  readonly #free: ArrayBuffer[] = [];
  readonly #maxBytes: number;
  #bytes = 0;

  /** @param maxBytes Bytes of free buffers kept, at most. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A buffer's first `length` bytes, with whatever they held before. */
  take(length: number): Uint8Array {
    let best = -1;
    for (let i = this.#free.length - 1; i >= 0; i--) {
      const size = this.#free[i].byteLength;
      if (size < length) continue;
      if (best < 0 || size < this.#free[best].byteLength) best = i;
    }
    if (best >= 0) {
      const [buffer] = this.#free.splice(best, 1);
      this.#bytes -= buffer.byteLength;
      return new Uint8Array(buffer, 0, length);
    }
    let size = BUFFER_MIN;
    while (size < length) size *= 2;
    return new Uint8Array(new ArrayBuffer(size), 0, length);
  }

  /** Gives a buffer back; `undefined` is what a receiver returns that kept it. */
  give(buffer: ArrayBuffer | undefined): void {
    if (
      buffer === undefined || buffer.byteLength < BUFFER_MIN ||
      this.#bytes + buffer.byteLength > this.#maxBytes
    ) return;
    this.#free.push(buffer);
    this.#bytes += buffer.byteLength;
  }
}
