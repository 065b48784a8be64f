import { Semaphore } from "../../async/semaphore.ts";
import { SingleFlight } from "../../async/single_flight.ts";
import { PeerClosedError, StoreError } from "../../errors.ts";
import {
  CHUNK_SIZE,
  GET_MANY_MAX,
  UPSTREAM_LOOKUPS_MAX,
  UPSTREAM_RETRY_MAX_MS,
} from "../../limits.ts";
import { type KeepEvent, KeptSession, type Session } from "../../mesh/mod.ts";
import type { ReadContext } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import type { TransferRegistry } from "../protocol/transfer_registry.ts";
import { RecentlyAbsent } from "./recently_absent.ts";
import { type BatchContext, Miss, UpstreamBatch } from "./upstream_batch.ts";

/** How an {@linkcode UpstreamClient} works. */
export interface UpstreamClientOptions
  extends Omit<BatchContext, "keeper" | "chunks"> {
  /** Attaches to the upstream. */
  readonly connect: (signal: AbortSignal) => Promise<Session>;
  /** First pause after a failure, in milliseconds; doubled by each. */
  readonly retryMs?: number;
  /** Longest time without progress of one request, in milliseconds. */
  readonly timeoutMs: number;
  /** Node id of the upstream, for the rows of `registry`. */
  readonly peer: bigint;
  /** Shows every chunk that is being fetched, and cancels it. */
  readonly registry?: TransferRegistry;
  /** Bytes of chunks in memory. */
  readonly maxBytes: number;
  /** For how long a lookup that found nothing is remembered, in milliseconds. */
  readonly absentMs: number;
}

/**
 * Fetches chunks from one node, each once at a time for all that wait for it.
 *
 * The chunks of one call wait for a turn of its session and for memory, and are
 * then fetched with one request: those of them that no other call's turn has
 * brought there before.
 */
export class UpstreamClient implements AsyncDisposable {
  readonly #options: UpstreamClientOptions;
  readonly #session: KeptSession;
  readonly #chunks: ChunkFetcher;
  readonly #memory: Semaphore;
  readonly #fetches = new SingleFlight<string, Uint8Array | undefined>();
  readonly #lookups = new Semaphore(UPSTREAM_LOOKUPS_MAX);
  readonly #absent: RecentlyAbsent;
  readonly #misses: Map<string, Miss> = new Map();
  readonly #running: Set<Promise<void>> = new Set();
  #isClosed = false;

  /** Begins to attach. */
  constructor(options: UpstreamClientOptions) {
    this.#options = options;
    const { connect, retryMs, timeoutMs } = options;
    this.#session = new KeptSession(undefined, {
      connect,
      retryMs,
      retryMaxMs: UPSTREAM_RETRY_MAX_MS,
      keepMs: Infinity,
      onEvent: (event) => this.#onKeepEvent(event),
    });
    this.#chunks = new ChunkFetcher(this.#session, { timeoutMs });
    this.#memory = new Semaphore(options.maxBytes);
    this.#absent = new RecentlyAbsent(options.absentMs);
  }

  /**
   * Asks the upstream, if it is attached, which chunks it has: with one request
   * for up to `GET_MANY_MAX` of them, in the turn of the session that they are
   * for. Never throws but for the signal.
   *
   * @returns For each, or `undefined` where it cannot be told.
   */
  async lookUp(
    hashes: readonly Uint8Array[],
    { requests, signal }: ReadContext,
  ): Promise<(boolean | undefined)[]> {
    const found = new Map<string, boolean>();
    for (let at = 0; at < hashes.length; at += GET_MANY_MAX) {
      const some = hashes.slice(at, at + GET_MANY_MAX);
      if (some.every((hash) => this.#absent.has(toHex(hash)))) continue;
      if (this.#session.kept.current === undefined) break;
      using _turn = await requests?.acquire(1, signal);
      using _lookup = await this.#lookups.acquire(1, signal);
      await this.#ask(some, found, signal);
    }
    return hashes.map((hash) => {
      const key = toHex(hash);
      return found.get(key) ?? (this.#absent.has(key) ? false : undefined);
    });
  }

  /** One lookup, of what nobody has found absent meanwhile. */
  async #ask(
    hashes: readonly Uint8Array[],
    found: Map<string, boolean>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const unknown = hashes.filter((hash) => !this.#absent.has(toHex(hash)));
    if (unknown.length === 0) return;
    try {
      const answers = await this.#chunks.have(unknown, { signal });
      for (const [i, isHeld] of answers.entries()) {
        const key = toHex(unknown[i]);
        found.set(key, isHeld);
        if (!isHeld) this.#absent.add(key);
      }
    } catch (error) {
      signal?.throwIfAborted();
      const [hash] = unknown;
      this.#options.emit({ type: "fetch_failed", hash, error });
    }
  }

  /**
   * Joins the fetches that run, and begins one for the other chunks.
   *
   * @param hashes At most `GET_MANY_MAX`.
   * @returns For each the bytes, or `undefined` when the upstream has none.
   */
  fetch(
    hashes: readonly Uint8Array[],
    { publicKey, requests, signal }: ReadContext,
  ): Promise<Uint8Array | undefined>[] {
    const principal = publicKey === undefined ? "" : toHex(publicKey);
    const waiting: Miss[] = [];
    const results = hashes.map((hash) => {
      const key = toHex(hash);
      const result = this.#fetches.run(
        key,
        (unwanted) => this.#miss(key, hash.slice(), unwanted),
        signal,
      );
      const miss = this.#misses.get(key);
      miss?.principals.add(principal);
      if (miss !== undefined && !miss.isTaken) waiting.push(miss);
      return result;
    });
    if (waiting.length > 0) {
      const work: Promise<void> = this.#request(waiting, requests)
        .finally(() => this.#running.delete(work));
      this.#running.add(work);
    }
    return results;
  }

  /** Ends all fetches and leaves the upstream. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const miss of [...this.#misses.values()]) {
      this.#fail(miss, new PeerClosedError("the cache is closed"));
    }
    await Promise.all(this.#running);
    await this.#session.close(0, "no longer used");
  }

  #onKeepEvent(event: KeepEvent): void {
    const { emit } = this.#options;
    switch (event.type) {
      case "attached":
        return emit({ type: "attached", address: event.address });
      case "lost":
        return emit({ type: "detached", close: event.close });
      case "attach_failed":
        return emit(event);
      case "silent":
      case "heard":
        // It is lost when it is found elsewhere, or its time is over.
        return;
    }
  }

  async #miss(
    key: string,
    hash: Uint8Array,
    unwanted: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    if (this.#isClosed) throw new StoreError("the cache is closed");
    const miss = new Miss(hash);
    this.#misses.set(key, miss);
    const onAbort = () => miss.end({ error: unwanted.reason });
    unwanted.addEventListener("abort", onAbort);
    try {
      return await miss.result;
    } finally {
      // The last to wait may have left, and a new one have come.
      if (this.#misses.get(key) === miss) this.#misses.delete(key);
    }
  }

  /** Fetches what is still to be fetched when it is its turn; never throws. */
  async #request(
    waiting: Miss[],
    requests: ReadContext["requests"],
  ): Promise<void> {
    using _turn = await requests?.acquire(1);
    using memory = await this.#memory.acquire(CHUNK_SIZE);
    const misses = waiting.filter((miss) => this.#take(miss));
    const context = {
      ...this.#options,
      keeper: this.#session.kept,
      chunks: this.#chunks,
    };
    await new UpstreamBatch(context, misses, memory).run();
  }

  /** Takes a chunk into a request, unless it has ended or is part of one. */
  #take(miss: Miss): boolean {
    if (miss.isOver || miss.isTaken) return false;
    miss.isTaken = true;
    const { registry, peer, emit } = this.#options;
    const { hash, principals } = miss;
    emit({ type: "miss", hash });
    const cancel = (reason: unknown) => this.#fail(miss, reason);
    miss.transfer = registry?.begin(peer, hash, cancel, {
      isOwnedBy: (key) => principals.size === 1 && principals.has(toHex(key)),
    });
    return true;
  }

  #fail(miss: Miss, error: unknown): void {
    this.#options.emit({ type: "fetch_failed", hash: miss.hash, error });
    miss.end({ error });
  }
}
