/**
 * A pull-through cache: a store that fetches what it lacks from another node
 * and keeps it.
 */

import {
  GET_MANY_BYTES_MAX,
  UPSTREAM_ABSENT_MS,
  UPSTREAM_BATCH_MAX,
  UPSTREAM_BYTES,
  UPSTREAM_WAIT_MS,
} from "../../limits.ts";
import { nodeIdOf, type Session } from "../../mesh/mod.ts";
import {
  type ChunkStore,
  heldChunks,
  lookForMissing,
  type ReadContext,
  type WritableChunkStore,
} from "../../store/mod.ts";
import { ChunkUnavailableError } from "../protocol/transfer_error.ts";
import type { TransferRegistry } from "../protocol/transfer_registry.ts";
import { UpstreamClient } from "./upstream_client.ts";
import type { UpstreamEvent } from "./upstream_event.ts";

/** How an {@linkcode UpstreamStore} works. */
export interface UpstreamStoreOptions {
  /**
   * Attaches to the upstream; called again, with pauses that grow, whenever
   * the session has ended. The store closes the sessions it got.
   */
  connect: (signal: AbortSignal) => Promise<Session>;
  /**
   * Node id of the upstream, for the rows of `registry`. What this node itself
   * asks for is not asked of it, so that two nodes may be each other's upstream;
   * a longer circle ends by its time limits.
   */
  peer: bigint;
  /** Shows every chunk that is being fetched, and cancels its fetch. */
  registry?: TransferRegistry;
  /**
   * Longest time without progress of one fetch, in milliseconds.
   *
   * @default {UPSTREAM_WAIT_MS}
   */
  timeoutMs?: number;
  /**
   * How long a miss, or a fetch that lost its session, waits for the upstream
   * to be attached, counted from its last progress, in milliseconds.
   *
   * @default {UPSTREAM_WAIT_MS}
   */
  waitMs?: number;
  /**
   * First pause before attaching again, in milliseconds; doubled by each
   * failure, up to `UPSTREAM_RETRY_MAX_MS`.
   *
   * @default {UPSTREAM_RETRY_MS}
   */
  retryMs?: number;
  /**
   * Bytes of chunks fetched at once.
   *
   * @default {UPSTREAM_BYTES}
   */
  maxBytes?: number;
  /**
   * For how long it is remembered that a lookup (`has`) found a chunk to be
   * absent, in milliseconds.
   *
   * @default {UPSTREAM_ABSENT_MS}
   */
  absentMs?: number;
  /** Told what happens; must not throw. */
  onEvent?: (event: UpstreamEvent) => void;
}

/**
 * Answers from a local store, and fetches a chunk that is not there from the
 * upstream, checks its BLAKE3, keeps it and answers with it. Wrong bytes are
 * neither kept nor given.
 *
 * A chunk is fetched once at a time, for all who wait for it, and given up when
 * nobody does any more. That the upstream lacks a chunk is remembered for a
 * second by lookups, and not by fetches. A lookup of many chunks is one request
 * to the upstream. A miss waits for the upstream to be attached: for the first attempt, or as long
 * after it was lost as a restart takes; from then on misses fail at once until
 * it is back. What is in the local store is served all the same, and a local
 * store that is full or broken is bypassed.
 *
 * Disposing of it disposes of the local store.
 *
 * @example
 * ```ts
 * import { Node } from "../../mesh/mod.ts";
 * import { DiskStore } from "../../store/mod.ts";
 * import { UpstreamStore } from "./upstream_store.ts";
 *
 * async function cache(address: string, publicKey: Uint8Array, psk: Uint8Array) {
 *   return new UpstreamStore(await DiskStore.open("./cache"), {
 *     peer: 42n,
 *     connect: (signal) =>
 *       Node.attach({ address, publicKey, psk, signal, keepMs: 0 }),
 *   });
 * }
 * ```
 */
export class UpstreamStore implements ChunkStore {
  readonly #local: WritableChunkStore;
  readonly #peer: bigint;
  readonly #emit: (event: UpstreamEvent) => void;
  readonly #client: UpstreamClient;
  /** Whether the local store could not take the last chunk. */
  #localFails = false;

  /**
   * Makes the store and begins to attach to the upstream.
   *
   * @param local Asked first, and given what was fetched.
   */
  constructor(local: WritableChunkStore, options: UpstreamStoreOptions) {
    const { timeoutMs, waitMs, maxBytes, absentMs, onEvent, ...same } = options;
    this.#local = local;
    this.#peer = options.peer;
    this.#emit = onEvent ?? (() => {});
    this.#client = new UpstreamClient({
      ...same,
      timeoutMs: timeoutMs ?? UPSTREAM_WAIT_MS,
      waitMs: waitMs ?? UPSTREAM_WAIT_MS,
      maxBytes: maxBytes ?? UPSTREAM_BYTES,
      absentMs: absentMs ?? UPSTREAM_ABSENT_MS,
      keep: (hash, bytes) => this.#keep(hash, bytes),
      emit: this.#emit,
    });
  }

  /** Tells whether the chunk is here or, if it is attached, at the upstream. */
  async has(hash: Uint8Array, context: ReadContext = {}): Promise<boolean> {
    const [isHeld] = await this.hasEach([hash], context);
    return isHeld;
  }

  /** The same for many, with at most one request to the upstream. */
  async hasEach(
    hashes: readonly Uint8Array[],
    context: ReadContext = {},
  ): Promise<boolean[]> {
    const held = await this.#areHere(hashes, context);
    if (this.#isForUpstream(context)) return held;
    await lookForMissing(held, hashes, async (missing) => {
      const found = await this.#client.lookUp(missing, context);
      return found.map((isHeld) => isHeld === true);
    });
    return held;
  }

  /**
   * Reads a chunk, from the upstream if need be.
   *
   * @returns The bytes, or `undefined` when the upstream has no such chunk.
   * @throws {TransferError} When the upstream could not be asked or gave wrong
   * bytes, or somebody cancelled the fetch.
   */
  async get(
    hash: Uint8Array,
    context: ReadContext = {},
  ): Promise<Uint8Array | undefined> {
    const bytes = await this.#ifLocal(
      hash,
      (local) => local.get(hash, context),
    );
    if (bytes !== undefined) {
      this.#emit({ type: "hit", hash, bytes: bytes.length });
      return bytes;
    }
    if (this.#isForUpstream(context)) return undefined;
    const [fetch] = this.#client.fetch([hash], context);
    return await fetch;
  }

  /** The size in the local store; what is not there has to be fetched first. */
  sizeOf(hash: Uint8Array): number | undefined {
    return this.#local.sizeOf?.(hash) || undefined;
  }

  /**
   * Fetches what is missing into the local store, up to `UPSTREAM_BATCH_MAX`
   * chunks with one request and, but for the last chunk, no more than
   * `GET_MANY_BYTES_MAX` ahead of the iteration. When the local store takes
   * nothing there is no such place, and `get` has to fetch.
   */
  async *prepare(
    hashes: readonly Uint8Array[],
    context: ReadContext,
  ): AsyncGenerator<boolean, void, undefined> {
    if (this.#isForUpstream(context)) return yield* hashes.map(() => true);
    for (let next = 0, count = UPSTREAM_BATCH_MAX; next < hashes.length;) {
      const since = next;
      const some = hashes.slice(next, next + count);
      for await (const isHeld of this.#prepareSome(some, context)) {
        yield isHeld;
        next++;
      }
      // The request of another may be slow to bring the next one, and no more
      // is fetched ahead of it.
      count = next > since ? UPSTREAM_BATCH_MAX : 1;
    }
  }

  /** Ends all fetches, leaves the upstream and closes the local store. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
    await this.#local[Symbol.asyncDispose]();
  }

  /** The same for what one request can bring; ends early when that is enough. */
  async *#prepareSome(
    hashes: readonly Uint8Array[],
    context: ReadContext,
  ): AsyncGenerator<boolean, void, undefined> {
    const isHere = await this.#areHere(hashes, context);
    if (this.#localFails) {
      // Each is fetched alone then: only what the upstream may have.
      await lookForMissing(isHere, hashes, async (missing) => {
        const found = await this.#client.lookUp(missing, context);
        return found.map((isHeld) => isHeld !== false);
      });
      return yield* isHere;
    }
    const enough = new AbortController();
    const signal = AbortSignal.any([
      ...(context.signal ? [context.signal] : []),
      enough.signal,
    ]);
    let received = 0;
    const missing = hashes.filter((_, i) => !isHere[i]);
    const fetches = this.#client.fetch(missing, { ...context, signal })
      .map((fetch) => {
        // Nothing here may keep the bytes of what was fetched.
        const isFetched = fetch.then((bytes) => {
          received += bytes?.length ?? 0;
          if (received >= GET_MANY_BYTES_MAX) enough.abort();
          return bytes !== undefined;
        }, (error) => {
          signal.throwIfAborted();
          if (error instanceof ChunkUnavailableError) throw error;
          return false;
        });
        // It is looked at in its turn, or asked for again.
        isFetched.catch(() => {});
        return isFetched;
      });
    try {
      let next = 0;
      for (const here of isHere) yield here || await fetches[next++];
    } catch (error) {
      if (!enough.signal.aborted) throw error;
    } finally {
      enough.abort();
    }
  }

  #isForUpstream({ publicKey }: ReadContext): boolean {
    return publicKey !== undefined && nodeIdOf(publicKey) === this.#peer;
  }

  async #areHere(
    hashes: readonly Uint8Array[],
    { signal }: ReadContext,
  ): Promise<boolean[]> {
    const emit = this.#emit;
    return await heldChunks(this.#local, hashes, { signal }, (hash, error) => {
      emit({ type: "local_failed", hash, error });
    });
  }

  async #keep(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    const isKept = await this.#ifLocal(hash, async (local) => {
      await local.put(hash, bytes);
      return true;
    });
    this.#localFails = isKept === undefined;
  }

  /** Uses the local store, and bypasses it when it fails. */
  async #ifLocal<T>(
    hash: Uint8Array,
    use: (local: WritableChunkStore) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await use(this.#local);
    } catch (error) {
      this.#emit({ type: "local_failed", hash, error });
      return undefined;
    }
  }
}
