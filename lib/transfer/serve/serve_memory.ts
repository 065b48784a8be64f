/**
 * Memory for the chunks that a holder is sending: one bound for all sessions
 * together, and one for each.
 *
 * A part of it is kept for small responses, so that one never waits for large
 * ones, which hold their memory for as long as the peer takes to read them.
 *
 * A session asks for the common memory only with what its own bound allows, two
 * chunks, so that none fills the queue; those that hold less go first; and no
 * response waits for more while it holds some, so that there is always one that
 * can go on.
 *
 * Memory is a loan that can be called back at any time: what a response holds can
 * be read again, and what its stream has not sent can be taken back
 * (`response_writer.ts`). None is
 * given before the peer's credit lets something leave. While others wait, a
 * response that has run out of credit loses its memory at once, one of which
 * little was taken for {@linkcode ServeMemoryOptions.stallMs} then, and the slowest
 * one a while later; it asks again when the peer has acknowledged all that it was
 * sent. The streams of a session take turns on the same line: where several hold
 * memory, each gets as many times as long.
 *
 * Those wait in the order of what their keys hold, in all sessions, and behind
 * others when they have just lost some. Who comes with many keys at once has
 * memory for each until it has lost it, so that others wait for as long.
 */

import { type Permit, Semaphore } from "../../async/semaphore.ts";
import {
  CHUNK_SIZE,
  OVERSLEPT_MS,
  SERVE_BYTES,
  SERVE_NODE_BYTES,
  SERVE_RESERVE_BYTES,
  SERVE_STALL_MS,
} from "../../limits.ts";
import { RequestMemory, type RequestRoom } from "./request_memory.ts";
import {
  type ResponseMemory,
  type SessionShare,
  type SharedMemory,
  SLOW_MS,
} from "./response_memory.ts";

/** Bytes per millisecond below which the slowest may lose its memory to others. */
const SLOW_RATE = 256;
/** Milliseconds of waiting that make up for one of them. */
const LOSS_MS = 10_000;

/** What the sessions see of the memory of all. */
interface CommonMemory extends SharedMemory {
  /** Bytes that the sessions of a key hold, by the key. */
  readonly heldBy: Map<string, number>;
  /** What the requests of all sessions take. */
  readonly requests: RequestMemory;
}

let commonOf: (memory: ServeMemory) => CommonMemory;

/** Options of {@linkcode ServeMemory}. */
export interface ServeMemoryOptions {
  /**
   * Bytes for all sessions together.
   *
   * @default {SERVE_NODE_BYTES}
   */
  maxBytes?: number;
  /**
   * How many of them are kept for small responses.
   *
   * @default {a sixteenth}
   */
  reserveBytes?: number;
  /**
   * Time without progress, in milliseconds, after which a response loses its
   * memory to those that wait.
   *
   * @default {SERVE_STALL_MS}
   */
  stallMs?: number;
}

/** The memory of a holder, shared by the sessions it serves. */
export class ServeMemory {
  readonly #memory: Semaphore;
  readonly #reserve: Semaphore;
  readonly #stallMs: number;
  /** How often it is looked for responses that stand still, while any waits. */
  readonly #lookMs: number;
  #lookedAt = 0;
  /** Responses that hold memory. */
  readonly #holding = new Set<ResponseMemory>();
  readonly #heldBy = new Map<string, number>();
  #recalledAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Of all sessions, for what is asked. */
  readonly #requests = new RequestMemory();

  static {
    commonOf = (memory) => ({
      holding: memory.#holding,
      heldBy: memory.#heldBy,
      requests: memory.#requests,
      recall: () => memory.#recall(),
      memory: memory.#memory,
      reserve: memory.#reserve,
      acquire: (...how) => memory.#acquire(...how),
    });
  }

  /** Makes memory that nobody uses yet. */
  constructor(options: ServeMemoryOptions = {}) {
    const { maxBytes = SERVE_NODE_BYTES } = options;
    const reserveBytes = options.reserveBytes ??
      Math.max(1, Math.floor(maxBytes / 16));
    this.#memory = new Semaphore(maxBytes - reserveBytes);
    this.#reserve = new Semaphore(reserveBytes);
    this.#stallMs = options.stallMs ?? SERVE_STALL_MS;
    this.#lookMs = Math.max(1, Math.min(1000, this.#stallMs / 4));
  }

  /** Bytes in use. */
  get used(): number {
    return this.#memory.used + this.#reserve.used;
  }

  /** Bytes that requests take which are not answered yet. */
  get requestBytes(): number {
    return this.#requests.used;
  }

  async #acquire(
    from: Semaphore,
    units: number,
    signal: AbortSignal | undefined,
    held: () => number,
  ): Promise<Permit> {
    let permit = from.tryAcquire(units);
    if (permit !== undefined) return permit;
    this.#recall();
    permit = from.tryAcquire(units);
    if (permit !== undefined) return permit;
    if (this.#timer === undefined) {
      this.#lookedAt = performance.now();
      this.#recalledAt = this.#lookedAt;
      this.#timer = setInterval(() => this.#recallStalled(), this.#lookMs);
    }
    try {
      return await from.acquire(units, signal, held);
    } finally {
      if (this.#memory.waiting + this.#reserve.waiting === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    }
  }

  #recall(): void {
    for (const response of this.#holding) {
      if (response.isOutOfCredit) response.recall();
    }
  }

  #recallStalled(): void {
    const now = performance.now();
    const sleptMs = now - this.#lookedAt - this.#lookMs;
    this.#lookedAt = now;
    for (const response of this.#holding) {
      if (sleptMs >= OVERSLEPT_MS) response.excuse(sleptMs);
      const isStill = response.isOutOfCredit ||
        response.standsStillFor(now) >= this.#stallMs;
      if (!isStill) continue;
      response.recall();
      this.#recalledAt = now;
    }
    if (now - this.#recalledAt >= SLOW_MS) this.#recallSlowest(now);
  }

  /** Of those that are slow, which keep memory for long, one has to wait anew. */
  #recallSlowest(now: number): void {
    let slowest: ResponseMemory | undefined;
    let least = SLOW_RATE;
    for (const response of this.#holding) {
      const rate = response.rate(now);
      if (rate < least) [slowest, least] = [response, rate];
    }
    if (slowest === undefined) return;
    slowest.recall();
    this.#recalledAt = now;
  }
}

/** The part of a {@linkcode ServeMemory} that one session may use. */
export class SessionMemory implements SessionShare {
  readonly common: CommonMemory;
  readonly own: Semaphore;
  /** What it may use besides for small responses. */
  readonly reserve = new Semaphore(SERVE_RESERVE_BYTES);
  /** How many responses of the session hold memory. */
  holding = 0;
  /** How often they lost memory, less how often they did not. */
  losses = 0;

  readonly #key: string;

  /**
   * @param maxBytes Its own bound, without the reserve.
   * @param key The peer's, in hex: sessions of one key count together.
   */
  constructor(
    memory: ServeMemory,
    maxBytes: number = SERVE_BYTES,
    key = "",
  ) {
    this.common = commonOf(memory);
    this.own = new Semaphore(maxBytes);
    this.#key = key;
  }

  /** What the sessions of its key hold. */
  get held(): number {
    return this.common.heldBy.get(this.#key) ?? 0;
  }

  /** One of its responses holds so much more. */
  hold(bytes: number): void {
    const held = this.held + bytes;
    if (held === 0) this.common.heldBy.delete(this.#key);
    else this.common.heldBy.set(this.#key, held);
  }

  /** Its place in the line, the less the better. */
  rank(waitingSince: number): number {
    const waited = (performance.now() - waitingSince) / LOSS_MS;
    return this.held + Math.max(0, this.losses - waited) * CHUNK_SIZE;
  }

  /** Room for one request; see {@linkcode RequestMemory.room}. */
  requestRoom(end: () => void): RequestRoom {
    return this.common.requests.room(this.#key, end);
  }
}
