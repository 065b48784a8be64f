import { PeerClosedError } from "../../errors.ts";
import {
  CHUNK_SIZE,
  GET_MANY_BYTES_MAX,
  UPSTREAM_ATTEMPTS,
} from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import type { Flight } from "./upstream_flight.ts";
import { GIVEN_UP } from "./upstream_flight.ts";
import type { UpstreamLink } from "./upstream_link.ts";
import type { Budget } from "../../async/budget.ts";
import type { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import type { UpstreamEvent } from "./upstream_event.ts";
import { verifyHash } from "../ask/verify_hash.ts";

/** What batches need of their surroundings. */
export interface BatchContext {
  readonly link: UpstreamLink;
  /** Longest wait for the upstream to be attached, from the last progress on. */
  readonly waitMs: number;
  /** Bytes of chunks in memory, of which a batch is given `CHUNK_SIZE`. */
  readonly budget: Budget;
  /** Asks over a session. */
  fetcherOf(session: Session): ChunkFetcher;
  /** Keeps a chunk that is verified; does not throw. */
  keep(hash: Uint8Array, bytes: Uint8Array): Promise<void>;
  readonly emit: (event: UpstreamEvent) => void;
}

/**
 * Chunks that are asked for with one request, received one after the other,
 * over as many sessions as it takes.
 */
export class UpstreamBatch {
  /** Those that have not ended; what is received belongs to the first. */
  #left: Flight[] = [];
  #single = false;
  readonly #context: BatchContext;
  /** Ends the request that runs. */
  #controller = new AbortController();
  #held = CHUNK_SIZE;
  #received = 0;
  #lastProgress = performance.now();

  constructor(context: BatchContext) {
    this.#context = context;
  }

  /** Adds a chunk, as long as it does not run. */
  add(flight: Flight): void {
    this.#left.push(flight);
  }

  /**
   * Brings every flight to its end and gives the memory back; never throws.
   *
   * @param signal Gives up what has not come yet.
   */
  async run(signal?: AbortSignal): Promise<void> {
    const onAbort = () => this.#giveUp();
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    this.#single = this.#left.length === 1;
    try {
      for (let sessions = 1; this.#left.length > 0;) {
        this.#controller = new AbortController();
        if (!await this.#receive(sessions === UPSTREAM_ATTEMPTS)) sessions++;
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#context.budget.release(this.#held);
    }
  }

  /** Fails one flight; the others are asked for again. */
  cancel(flight: Flight, reason: unknown): void {
    if (flight.over) return;
    this.#fail(flight, reason);
    this.#controller.abort(reason);
  }

  #giveUp(): void {
    for (const flight of this.#left.splice(0)) flight.end(GIVEN_UP);
    this.#controller.abort();
  }

  /**
   * Asks for what is left.
   *
   * @param last Whether there is no other attempt when the session ends.
   * @returns Whether it did not end.
   */
  async #receive(last: boolean): Promise<boolean> {
    const { signal } = this.#controller;
    let session: Session | undefined;
    try {
      session = await this.#attached(signal);
      await this.#request(session, signal);
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      if (!last && await this.#hasEnded(session, error)) return false;
      for (const flight of [...this.#left]) this.#fail(flight, error);
      return true;
    }
  }

  #attached(signal: AbortSignal): Promise<Session> {
    const { link, waitMs } = this.#context;
    const waited = performance.now() - this.#lastProgress;
    return link.attached(Math.max(0, waitMs - waited), signal);
  }

  async #request(session: Session, signal: AbortSignal): Promise<void> {
    let received = 0;
    const answers = this.#context.fetcherOf(session).fetchEach(
      this.#left.map(({ hash }) => hash),
      {
        signal,
        allocate: (length) => {
          received = 0;
          this.#reserve(length);
          this.#left[0]?.transfer?.update(0, length);
          return new Uint8Array(length);
        },
        onBytes: (count) => {
          received += count;
          this.#lastProgress = performance.now();
          this.#left[0]?.transfer?.update(received);
        },
      },
    );
    for await (const bytes of answers) {
      // Without one that was cancelled, the others would get its bytes.
      signal.throwIfAborted();
      await this.#take(this.#left[0], bytes);
      this.#received += bytes?.length ?? 0;
      // More than a fetcher asks for at once: who reads on comes again.
      if (this.#received >= GET_MANY_BYTES_MAX && this.#left.length > 0) {
        return this.#giveUp();
      }
    }
  }

  /** A chunk of many is not worth giving memory back for: the next may be long. */
  #reserve(length: number): void {
    const held = this.#single ? length : Math.max(length, CHUNK_SIZE);
    this.#context.budget.adjust(this.#held, held);
    this.#held = held;
  }

  async #take(flight: Flight, bytes?: Uint8Array): Promise<void> {
    const { keep, emit } = this.#context;
    const { hash } = flight;
    if (bytes === undefined) {
      emit({ type: "absent", hash });
    } else {
      try {
        verifyHash(bytes, hash, {});
      } catch (error) {
        return this.#fail(flight, error);
      }
      emit({ type: "fetched", hash, bytes: bytes.length });
      await keep(hash, bytes);
    }
    if (flight.over) return;
    this.#leave(flight);
    flight.end(bytes);
  }

  #fail(flight: Flight, error: unknown): void {
    this.#leave(flight);
    this.#context.emit({ type: "fetch_failed", hash: flight.hash, error });
    flight.fail(error);
  }

  #leave(flight: Flight): void {
    this.#left = this.#left.filter((other) => other !== flight);
  }

  /** Whether a request failed because its session is over. */
  async #hasEnded(
    session: Session | undefined,
    error: unknown,
  ): Promise<boolean> {
    if (session === undefined || !(error instanceof PeerClosedError)) {
      return false;
    }
    // Streams fail before the link has seen the end.
    await new Promise((resolve) => setTimeout(resolve));
    return this.#context.link.session !== session;
  }
}
