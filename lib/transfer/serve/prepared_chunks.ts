import type { ChunkStore } from "../../store/mod.ts";

/**
 * The chunks of a request that their store has at hand, in order, looked for a
 * few ahead of who takes them.
 */
export class PreparedChunks {
  readonly #source: AsyncIterator<boolean>;
  readonly #ahead: number;
  readonly #known: boolean[] = [];
  #looking?: Promise<void>;

  /**
   * Begins to look.
   *
   * @param ahead Chunks that are known at once, at most.
   */
  constructor(
    store: ChunkStore,
    hashes: readonly Uint8Array[],
    ahead: number,
    signal: AbortSignal,
  ) {
    const prepared = store.prepare?.(hashes, signal) ?? allHeld(hashes.length);
    this.#source = prepared[Symbol.asyncIterator]();
    this.#ahead = ahead;
    this.#look();
  }

  /** Whether it is known of the next one. */
  get ready(): boolean {
    return this.#known.length > 0;
  }

  /** Waits until it is known of the next one, of which there must be one. */
  async wait(): Promise<void> {
    while (!this.ready) await this.#looking;
  }

  /** Takes the next one, which must be known: whether it can be read. */
  take(): boolean {
    const held = this.#known.shift() ?? false;
    this.#look();
    return held;
  }

  #look(): void {
    if (this.#looking !== undefined || this.#known.length >= this.#ahead) {
      return;
    }
    this.#looking = this.#source.next().then(({ done, value }) => {
      // At the end, and after a failure, there is nothing to look for.
      if (done) return;
      this.#looking = undefined;
      this.#known.push(value);
      this.#look();
    });
    // Who waits is told.
    this.#looking.catch(() => {});
  }
}

async function* allHeld(count: number): AsyncGenerator<boolean> {
  for (let i = 0; i < count; i++) yield true;
}
