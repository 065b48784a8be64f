import { CHUNK_SIZE, UPSTREAM_ATTEMPTS } from "../../limits.ts";
import type { Permit } from "../../async/semaphore.ts";
import type { Session } from "../../mesh/mod.ts";
import type { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import { verifyHash } from "../ask/verify_hash.ts";
import type { AttachedUpstream, KeptSession } from "./kept_session.ts";
import type { Miss } from "./miss.ts";
import type { UpstreamEvent } from "./upstream_event.ts";

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
  /** Those that have not ended; what is received belongs to the first. */
  readonly #left: Miss[];
  readonly #memory: Permit;
  readonly #isSingle: boolean;
  #request = new AbortController();
  #lastProgress = performance.now();

  /** @param memory `CHUNK_SIZE` of the bytes of chunks in memory. */
  constructor(context: BatchContext, misses: Miss[], memory: Permit) {
    this.#context = context;
    this.#left = misses;
    this.#memory = memory;
    this.#isSingle = misses.length === 1;
  }

  /** Brings every chunk to its end; never throws. */
  async run(): Promise<void> {
    for (const miss of this.#left) miss.onEnd = () => this.#drop(miss);
    let sessions = 1;
    while (this.#left.length > 0) {
      this.#request = new AbortController();
      const { signal } = this.#request;
      let attached: AttachedUpstream | undefined;
      try {
        attached = await this.#attached(signal);
        await this.#receive(attached.chunks, signal);
      } catch (error) {
        // One is not wanted any more: the others are asked for again.
        if (signal.aborted) continue;
        const isOver = attached && await hasEnded(attached.session);
        if (isOver && sessions++ < UPSTREAM_ATTEMPTS) continue;
        for (const miss of [...this.#left]) this.#fail(miss, error);
      }
    }
  }

  /** A chunk has ended from outside: what is received must not be taken for another's. */
  #drop(miss: Miss): void {
    if (this.#leave(miss)) this.#request.abort();
  }

  #leave(miss: Miss): boolean {
    const index = this.#left.indexOf(miss);
    if (index >= 0) this.#left.splice(index, 1);
    return index >= 0;
  }

  async #attached(signal: AbortSignal): Promise<AttachedUpstream> {
    const { upstream, waitMs } = this.#context;
    const waited = performance.now() - this.#lastProgress;
    return await upstream.attached(Math.max(0, waitMs - waited), signal);
  }

  async #receive(chunks: ChunkFetcher, signal: AbortSignal): Promise<void> {
    let received = 0;
    const responses = chunks.fetchEach(this.#left.map(({ hash }) => hash), {
      signal,
      allocate: (length) => {
        received = 0;
        // A chunk of many is not worth giving memory back for: the next may be long.
        this.#memory.resize(
          this.#isSingle ? length : Math.max(length, CHUNK_SIZE),
        );
        this.#left[0]?.transfer?.update(0, length);
        return new Uint8Array(length);
      },
      onBytes: (count) => {
        received += count;
        this.#lastProgress = performance.now();
        this.#left[0]?.transfer?.update(received);
      },
    });
    for await (const bytes of responses) {
      signal.throwIfAborted();
      await this.#take(this.#left[0], bytes);
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
    this.#leave(miss);
    miss.end(bytes);
  }

  #fail(miss: Miss, error: unknown): void {
    this.#leave(miss);
    this.#context.emit({ type: "fetch_failed", hash: miss.hash, error });
    miss.fail(error);
  }
}

/** Whether a session is over, which it is before its streams fail for it. */
async function hasEnded(session: Session): Promise<boolean> {
  return await Promise.race([session.closed, undefined]) !== undefined;
}
