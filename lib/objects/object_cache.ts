import { Semaphore } from "../async/semaphore.ts";
import { SingleFlight } from "../async/single_flight.ts";
import { verifyHash } from "../content/mod.ts";
import { PeerClosedError, TimeoutError } from "../errors.ts";
import {
  OBJECT_DOWN_MS,
  OBJECT_KEPT_BYTES,
  UPSTREAM_BYTES,
} from "../limits.ts";
import {
  type ChunkStore,
  heldChunks,
  lookForMissing,
  type ReadContext,
  type WritableChunkStore,
} from "../store/mod.ts";
import { toHex } from "../text/hex.ts";
import type { ChunkReader } from "./chunk_reader.ts";
import { FetchesAhead } from "./fetches_ahead.ts";
import { RecentChunks } from "./recent_chunks.ts";

/** What happens in an {@linkcode ObjectCache}; `hash` is the BLAKE3 of a chunk. */
export type ObjectCacheEvent =
  /** A chunk was here. */
  | { type: "hit"; hash: Uint8Array; bytes: number }
  /** It was not, and is fetched. */
  | { type: "miss"; hash: Uint8Array }
  /** It came and is verified. */
  | { type: "fetched"; hash: Uint8Array; bytes: number }
  /** It is not there either. */
  | { type: "absent"; hash: Uint8Array }
  /** It could not be fetched: those who wait get nothing. */
  | { type: "fetch_failed"; hash: Uint8Array; error: unknown }
  /** The local store could not be read or written and is bypassed. */
  | { type: "local_failed"; hash: Uint8Array; error: unknown };

/** A fetch as it is shown elsewhere. */
export interface ShownFetch {
  update(received: number, total?: number): void;
  end(): void;
}

/** How an {@linkcode ObjectCache} works. */
export interface ObjectCacheOptions {
  /** Bytes of chunks that are fetched at once. @default {UPSTREAM_BYTES} */
  readonly maxBytes?: number;
  /**
   * Shows a fetch that begins.
   *
   * @param cancel Ends it for all who wait.
   * @param isOwnedBy Whether the peer with a key, and no other, waits for it.
   */
  readonly begin?: (
    hash: Uint8Array,
    cancel: (reason: unknown) => void,
    isOwnedBy: (publicKey: Uint8Array) => boolean,
  ) => ShownFetch;
  /** Makes the error of what cannot be told now, as it is out of reach. */
  readonly unavailable?: (cause: Error) => Error;
  /** Told what happens; must not throw. */
  readonly onEvent?: (event: ObjectCacheEvent) => void;
}

/**
 * Answers from a local store, and fetches what is not there from a mirror or an
 * object store, checks it, keeps it and answers with it.
 *
 * A chunk is fetched once at a time, for all who wait for it, and given up when
 * nobody does any more. A local store that is full or broken is bypassed.
 * Disposing of it disposes of both.
 */
export class ObjectCache implements ChunkStore {
  readonly #local: WritableChunkStore;
  readonly #remote: ChunkReader;
  readonly #options: ObjectCacheOptions;
  readonly #memory: Semaphore;
  readonly #flights = new SingleFlight<string, Uint8Array | undefined>();
  /** Who waits for a chunk: keys in hex; "" is this node itself. */
  readonly #principals: Map<string, Set<string>> = new Map();
  /** What the local store did not take. */
  readonly #untaken = new RecentChunks(OBJECT_KEPT_BYTES);
  #down?: { readonly error: Error; readonly until: number };

  /** @param local Asked first, and given what was fetched. */
  constructor(
    local: WritableChunkStore,
    remote: ChunkReader,
    options: ObjectCacheOptions = {},
  ) {
    this.#local = local;
    this.#remote = remote;
    this.#options = options;
    this.#memory = new Semaphore(options.maxBytes ?? UPSTREAM_BYTES);
  }

  /** Tells whether the chunk is here or there. */
  async has(hash: Uint8Array, context: ReadContext = {}): Promise<boolean> {
    const [isHeld] = await this.hasEach([hash], context);
    return isHeld;
  }

  /** The same for many, with a request for each that is not here. */
  async hasEach(
    hashes: readonly Uint8Array[],
    context: ReadContext = {},
    onError: (hash: Uint8Array, error: unknown) => void = () => {},
  ): Promise<boolean[]> {
    const held = await this.#areHere(hashes, context);
    await lookForMissing(held, hashes, async (missing) => {
      const { requests, signal } = context;
      using _turn = await requests?.acquire(1, signal);
      return await heldChunks(this.#remote, missing, { signal }, onError);
    });
    return held;
  }

  /**
   * Reads a chunk, from there if need be.
   *
   * @returns The bytes, or `undefined` when it is not there either.
   * @throws {TransferError} When it cannot be fetched, or is not what its name
   * says.
   */
  async get(
    hash: Uint8Array,
    context: ReadContext = {},
  ): Promise<Uint8Array | undefined> {
    const bytes =
      await this.#ifLocal(hash, (local) => local.get(hash, context)) ??
        await this.#untaken.get(hash);
    if (bytes !== undefined) {
      this.#emit({ type: "hit", hash, bytes: bytes.length });
      return bytes;
    }
    using _turn = await context.requests?.acquire(1, context.signal);
    return await this.#fetch(hash, context);
  }

  /** The size of what is here; what is not has to be fetched first. */
  sizeOf(hash: Uint8Array): number | undefined {
    return this.#local.sizeOf?.(hash) || this.#untaken.sizeOf(hash) ||
      undefined;
  }

  /**
   * Fetches what is missing, several at once: a far store costs no round trip
   * for each.
   */
  async *prepare(
    hashes: readonly Uint8Array[],
    context: ReadContext,
  ): AsyncGenerator<boolean, void, undefined> {
    const isHere = await this.#areHere(hashes, context);
    const missing = hashes.filter((_, i) => !isHere[i]);
    const over = new AbortController();
    const signal = context.signal === undefined
      ? over.signal
      : AbortSignal.any([context.signal, over.signal]);
    const ahead = new FetchesAhead(
      missing,
      (some) => this.#fetchSome(some, { ...context, signal }),
    );
    try {
      for (const here of isHere) yield here || await ahead.next();
    } finally {
      over.abort();
    }
  }

  /** Ends all fetches and closes both stores. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remote[Symbol.asyncDispose]();
    await this.#untaken[Symbol.asyncDispose]();
    await this.#local[Symbol.asyncDispose]();
  }

  #emit(event: ObjectCacheEvent): void {
    this.#options.onEvent?.(event);
  }

  async #areHere(
    hashes: readonly Uint8Array[],
    { signal }: ReadContext,
  ): Promise<boolean[]> {
    const held = await heldChunks(
      this.#local,
      hashes,
      signal === undefined ? {} : { signal },
      (hash, error) => this.#emit({ type: "local_failed", hash, error }),
    );
    return held.map((isHere, i) =>
      isHere || this.#untaken.sizeOf(hashes[i]) > 0
    );
  }

  /**
   * Begins to fetch some, in one turn of the session that they are for. The turn
   * is over when they are here, not when somebody takes them: who takes may wait
   * for memory, and who has memory for a turn.
   */
  #fetchSome(
    hashes: readonly Uint8Array[],
    context: ReadContext,
  ): Promise<number | undefined>[] {
    const { requests, signal } = context;
    const turn = requests?.acquire(1, signal);
    const fetches = hashes.map(async (hash) => {
      await turn;
      try {
        return (await this.#fetch(hash, context))?.length;
      } catch (error) {
        signal?.throwIfAborted();
        // Not to have it is final, which to be out of reach is not.
        if (this.#down !== undefined) throw error;
        return undefined;
      }
    });
    Promise.allSettled([turn, ...fetches]).then(([turn]) => {
      if (turn.status === "fulfilled") turn.value?.[Symbol.dispose]();
    });
    return fetches;
  }

  #fetch(
    hash: Uint8Array,
    { publicKey, signal }: ReadContext,
  ): Promise<Uint8Array | undefined> {
    const key = toHex(hash);
    const result = this.#flights.run(
      key,
      (unwanted) => this.#load(key, hash.slice(), unwanted),
      signal,
    );
    const principal = publicKey === undefined ? "" : toHex(publicKey);
    this.#principals.get(key)?.add(principal);
    return result;
  }

  async #load(
    key: string,
    hash: Uint8Array,
    unwanted: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    this.#throwIfDown();
    const principals = new Set<string>();
    this.#principals.set(key, principals);
    const cancelled = new AbortController();
    const shown = this.#options.begin?.(
      hash,
      (reason) => cancelled.abort(reason),
      (publicKey) => principals.size === 1 && principals.has(toHex(publicKey)),
    );
    this.#emit({ type: "miss", hash });
    try {
      const signal = AbortSignal.any([unwanted, cancelled.signal]);
      return await this.#receive(hash, signal, shown);
    } catch (error) {
      unwanted.throwIfAborted();
      this.#emit({ type: "fetch_failed", hash, error });
      throw this.#judged(error);
    } finally {
      shown?.end();
      // The last to wait may have left, and a new one have come.
      if (this.#principals.get(key) === principals) {
        this.#principals.delete(key);
      }
    }
  }

  async #receive(
    hash: Uint8Array,
    signal: AbortSignal,
    shown: ShownFetch | undefined,
  ): Promise<Uint8Array | undefined> {
    using permits = new DisposableStack();
    let total: number | undefined;
    let received = 0;
    const bytes = await this.#remote.read(hash, undefined, {
      signal,
      beforeBody: async (most) => {
        // Its room is taken once: to wait for more with some in hand could last
        // for ever.
        if (total === undefined) {
          permits.use(await this.#memory.acquire(most, signal));
        }
        total = most;
        shown?.update(received, total);
      },
      onBytes: (count) => {
        received += count;
        shown?.update(received, total);
      },
    });
    this.#down = undefined;
    if (bytes === undefined) {
      this.#emit({ type: "absent", hash });
      return undefined;
    }
    verifyHash(bytes, hash, { source: this.#remote.name });
    this.#emit({ type: "fetched", hash, bytes: bytes.length });
    const isKept = await this.#ifLocal(hash, async (local) => {
      await local.put(hash, bytes);
      return true;
    });
    if (isKept === undefined) await this.#untaken.put(hash, bytes);
    return bytes;
  }

  /** Nobody waits again for what was out of reach just now. */
  #throwIfDown(): void {
    if (this.#down === undefined) return;
    if (performance.now() < this.#down.until) throw this.#down.error;
    this.#down = undefined;
  }

  #judged(error: unknown): unknown {
    const isOutOfReach = error instanceof PeerClosedError ||
      error instanceof TimeoutError;
    if (!isOutOfReach) return error;
    const failure = this.#options.unavailable?.(error) ?? error;
    const until = performance.now() + OBJECT_DOWN_MS;
    this.#down = { error: failure, until };
    return failure;
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
