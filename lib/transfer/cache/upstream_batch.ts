import { verifyHash } from "../../content/mod.ts";
import type { Permit } from "../../async/semaphore.ts";
import { StreamResetError, TimeoutError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import type { Keeper } from "../../mesh/mod.ts";
import type { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import { StreamErrorCode } from "../protocol/stream_error_code.ts";
import { ChunkUnavailableError } from "../protocol/transfer_error.ts";
import type { RegisteredTransfer } from "../protocol/transfer_registry.ts";
import type { UpstreamEvent } from "./upstream_event.ts";

/** A chunk that the local store lacks, for all who wait for it. */
export class Miss {
  /** Keys of the peers that wait, in hex; "" is this node itself. */
  readonly principals: Set<string> = new Set();
  /** Whether it is part of a request. */
  isTaken = false;
  /** Its row, once it is. */
  transfer?: RegisteredTransfer;
  /** Told when it ends from outside of its batch. */
  onDrop?: () => void;
  #isOver = false;
  readonly #result = Promise.withResolvers<Uint8Array | undefined>();

  constructor(readonly hash: Uint8Array) {}

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The bytes, or `undefined` when the upstream has none. */
  get result(): Promise<Uint8Array | undefined> {
    return this.#result.promise;
  }

  /** Ends it with its bytes or with why there are none; later ends do nothing. */
  end(end: { bytes?: Uint8Array } | { error: unknown }): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.transfer?.end();
    this.onDrop?.();
    if ("error" in end) this.#result.reject(end.error);
    else this.#result.resolve(end.bytes);
  }
}

/** What batches need of their surroundings. */
export interface BatchContext {
  /** Keeps the upstream attached. */
  readonly keeper: Pick<Keeper, "current" | "latest" | "loss" | "change">;
  readonly chunks: ChunkFetcher;
  /** Longest wait for an upstream that was lost, or was never there. */
  readonly waitMs: number;
  /** Keeps a chunk that is verified; does not throw. */
  keep(hash: Uint8Array, bytes: Uint8Array): Promise<void>;
  readonly emit: (event: UpstreamEvent) => void;
}

/**
 * Chunks that are fetched with one request, received one after the other, over
 * as many sessions as it takes.
 */
export class UpstreamBatch {
  readonly #context: BatchContext;
  readonly #misses: readonly Miss[];
  readonly #memory: Permit;

  /** @param memory `CHUNK_SIZE` of the bytes of chunks in memory. */
  constructor(context: BatchContext, misses: Miss[], memory: Permit) {
    this.#context = context;
    this.#misses = misses;
    this.#memory = memory;
  }

  /** Brings every chunk to its end; never throws. */
  async run(): Promise<void> {
    for (;;) {
      const left = this.#misses.filter(({ isOver }) => !isOver);
      if (left.length === 0) return;
      const request = new AbortController();
      for (const miss of left) miss.onDrop = () => request.abort();
      try {
        await this.#attached(request.signal);
        await this.#receive(left, request.signal);
      } catch (error) {
        // One is not wanted any more: the others are asked for again.
        if (request.signal.aborted) continue;
        const failure = isOutOfReach(error)
          ? new ChunkUnavailableError(error.message, { cause: error })
          : error;
        for (const miss of left) this.#fail(miss, failure);
      }
    }
  }

  /**
   * Waits for the upstream: for the first attempt to attach, or as long after
   * it was lost as it may take to be back.
   */
  async #attached(signal: AbortSignal): Promise<void> {
    const { keeper, waitMs } = this.#context;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), waitMs);
    const either = AbortSignal.any([signal, late.signal]);
    try {
      while (keeper.current === undefined && keeper.loss !== undefined) {
        const { loss: { error, since: lostAt }, latest } = keeper;
        const isRecent = latest !== undefined &&
          performance.now() - lostAt < waitMs;
        if (late.signal.aborted || error !== undefined && !isRecent) {
          throw new ChunkUnavailableError("the upstream is not attached", {
            cause: error,
          });
        }
        await keeper.change(either).catch(() => signal.throwIfAborted());
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #receive(
    misses: Miss[],
    signal: AbortSignal,
  ): Promise<void> {
    const { chunks } = this.#context;
    let next = 0;
    let received = 0;
    const responses = chunks.fetchEach(misses.map(({ hash }) => hash), {
      signal,
      allocate: (length) => {
        received = 0;
        // A chunk of many is not worth giving memory back for: the next may be long.
        const isOnly = this.#misses.length === 1;
        this.#memory.resize(isOnly ? length : Math.max(length, CHUNK_SIZE));
        misses[next].transfer?.update(0, length);
        return new Uint8Array(length);
      },
      onBytes: (count) => {
        received += count;
        misses[next].transfer?.update(received);
      },
    });
    for await (const bytes of responses) {
      signal.throwIfAborted();
      await this.#take(misses[next++], bytes);
    }
  }

  async #take(miss: Miss, bytes?: Uint8Array): Promise<void> {
    const { keep, emit } = this.#context;
    const { hash } = miss;
    if (bytes === undefined) {
      emit({ type: "absent", hash });
    } else {
      try {
        verifyHash(bytes, hash, {});
      } catch (error) {
        return this.#fail(miss, error);
      }
      emit({ type: "fetched", hash, bytes: bytes.length });
      await keep(hash, bytes);
    }
    miss.onDrop = undefined;
    miss.end({ bytes });
  }

  #fail(miss: Miss, error: unknown): void {
    if (miss.isOver) return;
    this.#context.emit({ type: "fetch_failed", hash: miss.hash, error });
    miss.onDrop = undefined;
    miss.end({ error });
  }
}

/** Whether the upstream may answer later what it did not answer now. */
function isOutOfReach(error: unknown): error is Error {
  return error instanceof TimeoutError ||
    error instanceof StreamResetError &&
      (error.code === StreamErrorCode.unavailable ||
        error.code === StreamErrorCode.shuttingDown);
}
