/**
 * Several stores that answer as one.
 *
 * @module
 */

import type { ChunkStore } from "./chunk_store.ts";

/**
 * Reads from the first store that holds a chunk undamaged.
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
  async has(hash: Uint8Array): Promise<boolean> {
    for (const store of this.#stores) {
      if (await store.has(hash)) return true;
    }
    return false;
  }

  /**
   * Reads a chunk from the first store that has it.
   *
   * @throws What the first failing store threw, when no other has the chunk.
   */
  async get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    const failures: unknown[] = [];
    for (const store of this.#stores) {
      try {
        const bytes = await store.get(hash);
        if (bytes !== undefined) return bytes;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return undefined;
  }

  /** Disposes of all stores; a failure of one does not spare the others. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using stack = new AsyncDisposableStack();
    for (const store of this.#stores.toReversed()) stack.use(store);
  }
}
