/** Several stores that answer as one. */

import type { ChunkStore, ReadContext } from "./chunk_store.ts";
import { heldChunks, lookForMissing } from "./held_chunks.ts";

/**
 * Reads from the first store that holds a chunk undamaged. One that gets its
 * chunks from elsewhere comes last.
 *
 * Disposing of it disposes of its stores.
 *
 * @example
 * ```ts
 * import { CombinedStore } from "./combined_store.ts";
 * import { DiskStore } from "./disk_store.ts";
 * import { SourceStore } from "./source_store.ts";
 *
 * const store = new CombinedStore([
 *   await SourceStore.of(["./photos"]),
 *   await DiskStore.open("./store"),
 * ]);
 * ```
 */
export class CombinedStore implements ChunkStore {
  readonly #stores: readonly ChunkStore[];

  /**
   * Makes one store of several.
   *
   * @param stores Asked in this order.
   */
  constructor(stores: readonly ChunkStore[]) {
    this.#stores = [...stores];
  }

  /** Tells whether any store holds the chunk. */
  async has(hash: Uint8Array, context?: ReadContext): Promise<boolean> {
    for (const store of this.#stores) {
      if (await store.has(hash, context)) return true;
    }
    return false;
  }

  /** Asks each store for what those before it do not hold. */
  async hasEach(
    hashes: readonly Uint8Array[],
    context?: ReadContext,
    onError?: (hash: Uint8Array, error: unknown) => void,
  ): Promise<boolean[]> {
    const held = hashes.map(() => false);
    for (const store of this.#stores) {
      await lookForMissing(
        held,
        hashes,
        (missing) => heldChunks(store, missing, context, onError),
      );
    }
    return held;
  }

  /**
   * Reads a chunk from the first store that has it.
   *
   * @throws What the first failing store threw, when no other has the chunk.
   */
  async get(
    hash: Uint8Array,
    context?: ReadContext,
  ): Promise<Uint8Array | undefined> {
    const failures: unknown[] = [];
    for (const store of this.#stores) {
      try {
        const bytes = await store.get(hash, context);
        if (bytes !== undefined) return bytes;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return undefined;
  }

  /** The size in the first store that holds the chunk. */
  sizeOf(hash: Uint8Array): number | undefined {
    let none: number | undefined = 0;
    for (const store of this.#stores) {
      const size = store.sizeOf?.(hash);
      if (size === undefined) none = undefined;
      else if (size > 0) return size;
    }
    return none;
  }

  /** Lets the last store prepare what the others do not hold. */
  async *prepare(
    hashes: readonly Uint8Array[],
    context: ReadContext,
  ): AsyncGenerator<boolean, void, undefined> {
    const last = this.#stores.at(-1);
    if (last?.prepare === undefined) return yield* hashes.map(() => true);
    const others = new CombinedStore(this.#stores.slice(0, -1));
    const held = await Promise.all(
      hashes.map((hash) => others.has(hash, context).catch(() => false)),
    );
    const missing = hashes.filter((_, i) => !held[i]);
    const prepared = last.prepare(missing, context)[Symbol.asyncIterator]();
    try {
      for (const isHeld of held) {
        yield isHeld || (await prepared.next()).value === true;
      }
    } finally {
      // What it does ahead ends with the iteration.
      await prepared.return?.();
    }
  }

  /** Disposes of all stores; a failure of one does not spare the others. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using stack = new AsyncDisposableStack();
    for (const store of this.#stores.toReversed()) stack.use(store);
  }
}
