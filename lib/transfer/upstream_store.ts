/**
 * A pull-through cache: a store that fetches what it lacks from another node
 * and keeps it.
 *
 * @module
 */

import { toHex } from "../content/mod.ts";
import {
  NotFoundError,
  PeerClosedError,
  StoreError,
  TimeoutError,
} from "../errors.ts";
import {
  CHUNK_MAX,
  CHUNK_SIZE,
  UPSTREAM_ATTEMPTS,
  UPSTREAM_BYTES,
  UPSTREAM_WAIT_MS,
  UPSTREAM_WAITING_MAX,
} from "../limits.ts";
import type { Session } from "../mesh/session.ts";
import type { ChunkStore, WritableChunkStore } from "../store/mod.ts";
import { UpstreamLink } from "./_upstream_link.ts";
import { Budget } from "./budget.ts";
import { ChunkFetcher } from "./chunk_fetcher.ts";
import type {
  RegisteredTransfer,
  TransferRegistry,
} from "./transfer_registry.ts";
import type { UpstreamEvent } from "./upstream_event.ts";
import { verifyHash } from "./verify_hash.ts";

/** How an {@linkcode UpstreamStore} works. */
export interface UpstreamStoreOptions {
  /**
   * Attaches to the upstream; called again, with pauses that grow, whenever
   * the session has ended. The store closes the sessions it got.
   */
  connect: (signal: AbortSignal) => Promise<Session>;
  /** Node id of the upstream, for the rows of `registry`. */
  peer: bigint;
  /** Shows every fetch from its miss on, and cancels it. */
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

/** One chunk that is being looked for, for everyone who asks meanwhile. */
class Flight {
  /** Keys of those who asked, in hex; "" is this node itself. */
  readonly owners: Set<string> = new Set();
  readonly controller = new AbortController();
  bytes!: Promise<Uint8Array | undefined>;

  /** Whether the holder of a key alone asked. */
  isOwnedBy(publicKey: Uint8Array): boolean {
    return this.owners.size === 1 && this.owners.has(toHex(publicKey));
  }
}

/** Told how one fetch goes. */
interface FetchWatch {
  /** The length of the chunk is known. */
  reserve(length: number): void;
  /** So many bytes are here. */
  received(bytes: number): void;
}

/**
 * Answers from a local store, and fetches a chunk that is not there from the
 * upstream, checks its BLAKE3, keeps it and answers with it. Wrong bytes are
 * neither kept nor given.
 *
 * Whatever the number of those who ask, a chunk is fetched once at a time.
 * That the upstream lacks a chunk is not remembered. When it cannot be
 * reached, what is in the local store is served all the same. A local store
 * that is full or broken is gone around.
 *
 * Disposing of it disposes of the local store.
 *
 * @example
 * ```ts
 * import { Node } from "../mesh/mod.ts";
 * import { DiskStore } from "../store/mod.ts";
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
  readonly #budget: Budget;
  readonly #flights: Map<string, Flight> = new Map();
  #misses = 0;
  #fetcher?: { readonly session: Session; readonly chunks: ChunkFetcher };
  #closed = false;

  /**
   * Makes the store and begins to attach to the upstream.
   *
   * @param local Asked first, and given what was fetched.
   */
  constructor(local: WritableChunkStore, options: UpstreamStoreOptions) {
    this.#local = local;
    this.#options = options;
    this.#emit = options.onEvent ?? (() => {});
    this.#budget = new Budget(options.maxBytes ?? UPSTREAM_BYTES);
    const { connect, retryMs } = options;
    this.#link = new UpstreamLink({ connect, retryMs, emit: this.#emit });
  }

  /**
   * The same store as one peer sees it: the fetches that it causes are its
   * own in the registry. Disposing of the view does nothing.
   *
   * @param publicKey The peer's X25519 key.
   */
  forPeer(publicKey: Uint8Array): ChunkStore {
    const owner = toHex(publicKey);
    return {
      has: (hash) => this.has(hash),
      get: (hash) => this.#get(hash, owner),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  /** Tells whether the chunk is here or, if it is attached, at the upstream. */
  async has(hash: Uint8Array): Promise<boolean> {
    if (await this.#local.has(hash)) return true;
    const { session } = this.#link;
    if (session === undefined) return false;
    try {
      const [held] = await this.#fetcherOf(session).have([hash]);
      return held;
    } catch (error) {
      this.#emit({ type: "fetch_failed", hash, error });
      return false;
    }
  }

  /**
   * Reads a chunk, from the upstream if need be.
   *
   * @returns The bytes, or `undefined` when the upstream has no such chunk.
   * @throws {TransferError} When the upstream could not be asked or gave wrong
   * bytes, or somebody cancelled the fetch.
   */
  get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#get(hash, "");
  }

  /** Ends all fetches, leaves the upstream and closes the local store. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const reason = new PeerClosedError("the cache is closed");
    const flights = [...this.#flights.values()];
    for (const { controller } of flights) controller.abort(reason);
    await Promise.allSettled(flights.map(({ bytes }) => bytes));
    await this.#link[Symbol.asyncDispose]();
    await this.#local[Symbol.asyncDispose]();
  }

  #get(hash: Uint8Array, owner: string): Promise<Uint8Array | undefined> {
    if (this.#closed) {
      return Promise.reject(new StoreError("the cache is closed"));
    }
    const key = toHex(hash);
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      const begun = new Flight();
      begun.bytes = this.#fly(hash.slice(), begun)
        .finally(() => this.#flights.delete(key));
      this.#flights.set(key, begun);
      flight = begun;
    }
    flight.owners.add(owner);
    return flight.bytes;
  }

  async #fly(
    hash: Uint8Array,
    flight: Flight,
  ): Promise<Uint8Array | undefined> {
    const held = await this.#getLocal(hash);
    if (held !== undefined) {
      this.#emit({ type: "hit", hash, bytes: held.length });
      return held;
    }
    this.#emit({ type: "miss", hash });
    try {
      const bytes = await this.#fetchRegistered(hash, flight);
      this.#emit({ type: "fetched", hash, bytes: bytes.length });
      await this.#putLocal(hash, bytes);
      return bytes;
    } catch (error) {
      if (error instanceof NotFoundError) {
        this.#emit({ type: "absent", hash });
        return undefined;
      }
      this.#emit({ type: "fetch_failed", hash, error });
      throw error;
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

  async #putLocal(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    try {
      await this.#local.put(hash, bytes);
    } catch (error) {
      this.#emit({ type: "local_failed", hash, error });
    }
  }

  async #fetchRegistered(
    hash: Uint8Array,
    flight: Flight,
  ): Promise<Uint8Array> {
    if (this.#misses >= UPSTREAM_WAITING_MAX) {
      throw new StoreError("too many chunks wait for the upstream");
    }
    const { controller } = flight;
    const { registry, peer } = this.#options;
    const transfer = registry?.begin(
      peer,
      hash,
      (reason) => controller.abort(reason),
      { isOwnedBy: (publicKey) => flight.isOwnedBy(publicKey) },
    );
    this.#misses++;
    try {
      return await this.#fetchBudgeted(hash, controller.signal, transfer);
    } finally {
      this.#misses--;
      transfer?.end();
    }
  }

  async #fetchBudgeted(
    hash: Uint8Array,
    signal: AbortSignal,
    transfer?: RegisteredTransfer,
  ): Promise<Uint8Array> {
    let held = CHUNK_SIZE;
    await this.#budget.acquire(held, signal);
    let lastProgress = performance.now();
    const watch: FetchWatch = {
      reserve: (length) => {
        this.#budget.adjust(held, length);
        held = length;
        transfer?.update(0, length);
      },
      received: (bytes) => {
        lastProgress = performance.now();
        transfer?.update(bytes);
      },
    };
    try {
      for (let attempt = 1;; attempt++) {
        const session = await this.#attached(lastProgress, signal);
        try {
          return await this.#fetch(session, hash, signal, watch);
        } catch (error) {
          if (attempt === UPSTREAM_ATTEMPTS) throw error;
          if (!await this.#hasEnded(session, error)) throw error;
        }
      }
    } finally {
      this.#budget.release(held);
    }
  }

  async #fetch(
    session: Session,
    hash: Uint8Array,
    signal: AbortSignal,
    watch: FetchWatch,
  ): Promise<Uint8Array> {
    let received = 0;
    const bytes = await this.#fetcherOf(session).fetchChunk(hash, CHUNK_MAX, {
      signal,
      allocate: (length) => {
        watch.reserve(length);
        return new Uint8Array(length);
      },
      onBytes: (count) => {
        received += count;
        watch.received(received);
      },
    });
    verifyHash(bytes, hash, {});
    return bytes;
  }

  async #attached(since: number, signal: AbortSignal): Promise<Session> {
    const { waitMs = UPSTREAM_WAIT_MS } = this.#options;
    const controller = new AbortController();
    const onAbort = () => controller.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    const timer = setTimeout(() => {
      controller.abort(
        new TimeoutError(`the upstream was not attached in ${waitMs} ms`),
      );
    }, Math.max(0, since + waitMs - performance.now()));
    try {
      return await this.#link.attached(controller.signal);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Whether a fetch failed because its session is over. */
  async #hasEnded(session: Session, error: unknown): Promise<boolean> {
    if (!(error instanceof PeerClosedError)) return false;
    // Streams fail before the link has seen the end.
    await new Promise((resolve) => setTimeout(resolve));
    return this.#link.session !== session;
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
