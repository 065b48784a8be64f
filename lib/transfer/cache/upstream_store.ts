/**
 * A pull-through cache: a store that fetches what it lacks from another node
 * and keeps it.
 *
 * @module
 */

import { toHex } from "../../content/mod.ts";
import {
  UPSTREAM_BATCH_MAX,
  UPSTREAM_BYTES,
  UPSTREAM_SESSION_REQUESTS,
  UPSTREAM_WAIT_MS,
} from "../../limits.ts";
import { nodeIdOf, type Session } from "../../mesh/mod.ts";
import type { ChunkStore, WritableChunkStore } from "../../store/mod.ts";
import { type Asker, UpstreamFetches } from "./upstream_fetches.ts";
import { type Fetched, GIVEN_UP } from "./upstream_flight.ts";
import { UpstreamLink } from "./upstream_link.ts";
import { Budget } from "../../async/budget.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import type { TransferRegistry } from "../protocol/transfer_registry.ts";
import type { UpstreamEvent } from "./upstream_event.ts";

/** How an {@linkcode UpstreamStore} works. */
export interface UpstreamStoreOptions {
  /**
   * Attaches to the upstream; called again, with pauses that grow, whenever
   * the session has ended. The store closes the sessions it got.
   */
  connect: (signal: AbortSignal) => Promise<Session>;
  /** Node id of the upstream, for the rows of `registry` and to tell it from other peers. */
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
  /** Told what happens; must not throw. */
  onEvent?: (event: UpstreamEvent) => void;
}

/**
 * Answers from a local store, and fetches a chunk that is not there from the
 * upstream, checks its BLAKE3, keeps it and answers with it. Wrong bytes are
 * neither kept nor given.
 *
 * Whatever the number of those who ask, a chunk is fetched once at a time.
 * That the upstream lacks a chunk is not remembered. A miss waits for the
 * upstream to be attached; once an attempt has failed, misses fail at once
 * until one succeeds. What is in the local store is served all the same, and a
 * local store that is full or broken is gone around.
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
 *     connect: (signal) => Node.attach({ address, publicKey, psk, signal }),
 *   });
 * }
 * ```
 */
export class UpstreamStore implements ChunkStore {
  readonly #local: WritableChunkStore;
  readonly #options: UpstreamStoreOptions;
  readonly #emit: (event: UpstreamEvent) => void;
  readonly #link: UpstreamLink;
  readonly #fetches: UpstreamFetches;
  readonly #self: Asker;
  /** Questions to the upstream whether it holds a chunk. */
  readonly #asked: Map<string, Promise<boolean>> = new Map();
  #fetcher?: { readonly session: Session; readonly chunks: ChunkFetcher };
  /** Whether the local store could not take the last chunk. */
  #localFails = false;

  /**
   * Makes the store and begins to attach to the upstream.
   *
   * @param local Asked first, and given what was fetched.
   */
  constructor(local: WritableChunkStore, options: UpstreamStoreOptions) {
    this.#local = local;
    this.#options = options;
    this.#emit = options.onEvent ?? (() => {});
    const { connect, retryMs, peer, registry } = options;
    this.#link = new UpstreamLink({ connect, retryMs, emit: this.#emit });
    const budget = new Budget(options.maxBytes ?? UPSTREAM_BYTES);
    this.#self = { owner: "", requests: new Budget(budget.limit) };
    this.#fetches = new UpstreamFetches({
      link: this.#link,
      waitMs: options.waitMs ?? UPSTREAM_WAIT_MS,
      budget,
      fetcherOf: (session) => this.#fetcherOf(session),
      keep: (hash, bytes) => this.#keep(hash, bytes),
      emit: this.#emit,
      peer,
      registry,
    });
  }

  /**
   * The same store as one session sees it: the fetches that it causes are its
   * peer's own in the registry, and only some run at once. The upstream itself
   * sees what is here, so that two nodes may be each other's upstream; a longer
   * circle ends by its time limits. Disposing of the view does nothing.
   *
   * @param publicKey The peer's X25519 key.
   */
  forPeer(publicKey: Uint8Array): ChunkStore {
    const dispose = { [Symbol.asyncDispose]: () => Promise.resolve() };
    if (nodeIdOf(publicKey) === this.#options.peer) {
      return {
        has: (hash) => this.#holds(hash),
        get: (hash) => this.#getLocal(hash),
        ...dispose,
      };
    }
    const asker: Asker = {
      owner: toHex(publicKey),
      requests: new Budget(UPSTREAM_SESSION_REQUESTS),
    };
    return {
      has: (hash) => this.has(hash),
      get: (hash) => this.#get(hash, asker),
      prepare: (hashes, signal) => this.#prepare(hashes, signal, asker),
      ...dispose,
    };
  }

  /** Tells whether the chunk is here or, if it is attached, at the upstream. */
  async has(hash: Uint8Array): Promise<boolean> {
    if (await this.#holds(hash)) return true;
    const { session } = this.#link;
    if (session === undefined) return false;
    const key = toHex(hash);
    let answer = this.#asked.get(key);
    if (answer === undefined) {
      answer = this.#ask(session, hash).finally(() => this.#asked.delete(key));
      this.#asked.set(key, answer);
    }
    return await answer;
  }

  /**
   * Reads a chunk, from the upstream if need be.
   *
   * @returns The bytes, or `undefined` when the upstream has no such chunk.
   * @throws {TransferError} When the upstream could not be asked or gave wrong
   * bytes, or somebody cancelled the fetch.
   */
  get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#get(hash, this.#self);
  }

  /**
   * Fetches what is missing into the local store, up to `UPSTREAM_BATCH_MAX`
   * chunks with one request and, but for the last chunk, no more than
   * `GET_MANY_BYTES_MAX` ahead of who iterates. When the local store takes
   * nothing there is no such place, and `get` has to fetch.
   */
  prepare(
    hashes: readonly Uint8Array[],
    signal: AbortSignal,
  ): AsyncGenerator<boolean, void, undefined> {
    return this.#prepare(hashes, signal, this.#self);
  }

  /** Ends all fetches, leaves the upstream and closes the local store. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fetches[Symbol.asyncDispose]();
    await this.#link[Symbol.asyncDispose]();
    await this.#local[Symbol.asyncDispose]();
  }

  async #get(hash: Uint8Array, asker: Asker): Promise<Uint8Array | undefined> {
    for (;;) {
      const held = await this.#getLocal(hash);
      if (held !== undefined) {
        this.#emit({ type: "hit", hash, bytes: held.length });
        return held;
      }
      const [fetch] = await this.#fetches.fetch([hash], asker);
      const fetched = await fetch;
      if (fetched !== GIVEN_UP) return fetched;
    }
  }

  async *#prepare(
    hashes: readonly Uint8Array[],
    signal: AbortSignal,
    asker: Asker,
  ): AsyncGenerator<boolean, void, undefined> {
    for (let next = 0; next < hashes.length;) {
      const some = hashes.slice(next, next + UPSTREAM_BATCH_MAX);
      for (const preparing of await this.#prepareSome(some, signal, asker)) {
        const prepared = await preparing;
        signal.throwIfAborted();
        if (prepared === GIVEN_UP) break;
        yield prepared;
        next++;
      }
    }
  }

  /** Begins to fetch what is missing; no promise that is returned rejects. */
  async #prepareSome(
    hashes: readonly Uint8Array[],
    signal: AbortSignal,
    asker: Asker,
  ): Promise<Promise<boolean | typeof GIVEN_UP>[]> {
    const isKept = (hash: Uint8Array) => this.#holds(hash);
    const kept = await Promise.all(hashes.map(isKept));
    if (this.#localFails) return hashes.map(() => Promise.resolve(true));
    const missing = hashes.filter((_, i) => !kept[i]);
    // Nothing here may keep the bytes of what was fetched.
    const fetching = this.#fetches.fetch(missing, asker, { signal, isKept })
      .then(
        (fetches) =>
          fetches.map((fetch) => fetch.then(wasFetched, () => false)),
        () => [],
      );
    let at = 0;
    return kept.map((isHere) => {
      if (isHere) return Promise.resolve(true);
      const index = at++;
      return fetching.then((fetches) => fetches[index] ?? false);
    });
  }

  async #holds(hash: Uint8Array): Promise<boolean> {
    try {
      return await this.#local.has(hash);
    } catch (error) {
      this.#emit({ type: "local_failed", hash, error });
      return false;
    }
  }

  async #getLocal(hash: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return await this.#local.get(hash);
    } catch (error) {
      this.#emit({ type: "local_failed", hash, error });
      return undefined;
    }
  }

  async #keep(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    try {
      await this.#local.put(hash, bytes);
      this.#localFails = false;
    } catch (error) {
      this.#localFails = true;
      this.#emit({ type: "local_failed", hash, error });
    }
  }

  async #ask(session: Session, hash: Uint8Array): Promise<boolean> {
    try {
      const [held] = await this.#fetcherOf(session).have([hash]);
      return held;
    } catch (error) {
      this.#emit({ type: "fetch_failed", hash, error });
      return false;
    }
  }

  #fetcherOf(session: Session): ChunkFetcher {
    if (this.#fetcher?.session !== session) {
      const { timeoutMs = UPSTREAM_WAIT_MS } = this.#options;
      const chunks = new ChunkFetcher(session, { timeoutMs });
      this.#fetcher = { session, chunks };
    }
    return this.#fetcher.chunks;
  }
}

function wasFetched(fetched: Fetched): boolean | typeof GIVEN_UP {
  return fetched === GIVEN_UP ? fetched : fetched !== undefined;
}
