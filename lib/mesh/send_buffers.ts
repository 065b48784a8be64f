/**
 * A few datagram buffers that circulate between the wire, which fills them,
 * and the socket, which may still read them after `send` has returned.
 *
 * @module
 */

const BUFFERS = 16;

/** The circulating buffers of one socket. */
export class SendBuffers {
  readonly #free: Uint8Array[] = [];
  readonly #waiting: ((buffer: Uint8Array) => void)[] = [];
  readonly #pending = new Set<Promise<void>>();

  /** Makes the buffers, `size` bytes each. */
  constructor(size: number) {
    for (let i = 0; i < BUFFERS; i++) this.#free.push(new Uint8Array(size));
  }

  /** Takes a free buffer, `undefined` when the socket has them all. */
  take(): Uint8Array | undefined {
    return this.#free.pop();
  }

  /** Waits for a buffer. */
  next(): Promise<Uint8Array> {
    const buffer = this.#free.pop();
    if (buffer !== undefined) return Promise.resolve(buffer);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Gives a buffer back. */
  release(buffer: Uint8Array): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#free.push(buffer);
    else waiting(buffer);
  }

  /** Sends that are not done. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Gives a buffer back when the socket has read it. */
  releaseAfter(buffer: Uint8Array, sent: Promise<void> | void): void {
    if (sent === undefined) this.release(buffer);
    else this.track(sent.then(() => this.release(buffer)));
  }

  /** Remembers a send until it is done, for {@linkcode idle}. */
  track(sent: Promise<void> | void): void {
    if (sent === undefined) return;
    this.#pending.add(sent);
    sent.then(() => this.#pending.delete(sent));
  }

  /** Resolves when the socket has taken everything given to it so far. */
  async idle(): Promise<void> {
    await Promise.all(this.#pending);
  }
}
