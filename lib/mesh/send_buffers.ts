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
  #waiting: ((buffer: Uint8Array) => void) | undefined;
  readonly #pending = new Set<Promise<void>>();

  /** Makes the buffers, `size` bytes each. */
  constructor(size: number) {
    for (let i = 0; i < BUFFERS; i++) this.#free.push(new Uint8Array(size));
  }

  /** Takes a free buffer, `undefined` when the socket has them all: then wait for {@linkcode next}. */
  take(): Uint8Array | undefined {
    return this.#free.pop();
  }

  /** Waits for a buffer; only one caller may wait at a time. */
  next(): Promise<Uint8Array> {
    return new Promise((resolve) => this.#waiting = resolve);
  }

  /** Gives a buffer back. */
  release(buffer: Uint8Array): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
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
