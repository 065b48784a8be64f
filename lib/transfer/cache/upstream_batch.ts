import { verifyHash } from "../../content/mod.ts";
import type { Permit } from "../../async/semaphore.ts";
import { CHUNK_SIZE, UPSTREAM_ATTEMPTS } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import type { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import type { RegisteredTransfer } from "../protocol/transfer_registry.ts";
import type { AttachedUpstream, KeptSession } from "./kept_session.ts";
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
  readonly upstream: KeptSession;
  /** Longest wait for the upstream to be attached, from the last progress on. */
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
  #lastProgress = performance.now();

  /** @param memory `CHUNK_SIZE` of the bytes of chunks in memory. */
  constructor(context: BatchContext, misses: Miss[], memory: Permit) {
    this.#context = context;
    this.#misses = misses;
    this.#memory = memory;
  }

  /** Brings every chunk to its end; never throws. */
  async run(): Promise<void> {
    let sessions = 1;
    for (;;) {
      const left = this.#misses.filter(({ isOver }) => !isOver);
      if (left.length === 0) return;
      const request = new AbortController();
      for (const miss of left) miss.onDrop = () => request.abort();
      let attached: AttachedUpstream | undefined;
      try {
        attached = await this.#attached(request.signal);
        await this.#receive(left, attached.chunks, request.signal);
      } catch (error) {
        // One is not wanted any more: the others are asked for again.
        if (request.signal.aborted) continue;
        const isOver = attached && await hasEnded(attached.session);
        if (isOver && sessions++ < UPSTREAM_ATTEMPTS) continue;
        for (const miss of left) this.#fail(miss, error);
      }
    }
  }

  async #attached(signal: AbortSignal): Promise<AttachedUpstream> {
    const { upstream, waitMs } = this.#context;
    const waited = performance.now() - this.#lastProgress;
    return await upstream.attached(Math.max(0, waitMs - waited), signal);
  }

  async #receive(
    misses: Miss[],
    chunks: ChunkFetcher,
    signal: AbortSignal,
  ): Promise<void> {
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
        this.#lastProgress = performance.now();
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

/** Whether a session is over, which it is before its streams fail for it. */
async function hasEnded(session: Session): Promise<boolean> {
  return await Promise.race([session.closed, undefined]) !== undefined;
}
