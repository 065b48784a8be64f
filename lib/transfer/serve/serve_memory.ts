/**
 * Memory for the chunks that a holder is sending: one bound for all sessions
 * together, and one for each.
 *
 * Memory is a loan that can be called back at any time: what a response holds can
 * be read again, and what its stream has not sent can be taken back
 * (`response_writer.ts`). None is given before the peer's credit lets something
 * leave, and no response waits for more while it holds some, so that there is
 * always one that can go on. A part is kept for small responses, so that one
 * never waits for large ones.
 *
 * **Who takes nothing keeps nobody waiting**, however many sessions and keys it
 * has, by this argument. A session that has yet to acknowledge something has one
 * response read at a time, from memory of its own kind, which it keeps while
 * others wait only until what was read is written: a time that we choose, not the
 * peer. It goes on with a small copy, and gets memory again when it has
 * acknowledged that. So each such session costs one reading in all, and what is
 * acknowledged is bandwidth that the peer has paid for.
 *
 * **Who takes little waits behind who takes much.** While others wait, a response
 * loses its memory when it has no credit, and every few milliseconds the worst of
 * those does that stand still for two round trips, or have had it for a slice of
 * time and waste more of what is read for them than those that wait
 * (`taken_work.ts`); they wait in the same order. So a client that takes all it
 * asks for is the next one in any line, and the line moves.
 *
 * **What was sent and not acknowledged** cannot be taken back; it has a bound of
 * its own (`sent_chunks.ts`).
 */

import { type Permit, Semaphore } from "../../async/semaphore.ts";
import {
  OVERSLEPT_MS,
  SERVE_NEWCOMER_BYTES,
  SERVE_NODE_BYTES,
  SERVE_SLICE_MS,
  SERVE_STALL_MS,
} from "../../limits.ts";
import { AskingBudgets } from "./asking_budget.ts";
import type { Borrower, SessionShare, SharedMemory } from "./memory_share.ts";
import { RequestMemory } from "./request_memory.ts";
import { AllSentChunks, type SentChunks } from "./sent_chunks.ts";
import { TakenWork } from "./taken_work.ts";

/** Bytes, for each that is taken, by which two have to differ in what they waste. */
const WASTE_SLACK = 1;
/** How often it is looked how far all are with acknowledging, in milliseconds. */
const SENT_LOOK_MS = 500;

/** What the sessions see of the memory of all. */
export interface CommonMemory extends SharedMemory {
  /** Bytes that the sessions of a key hold, by the key. */
  readonly heldBy: Map<string, number>;
  /** What the requests of all sessions take. */
  readonly requests: RequestMemory;
  readonly work: TakenWork;
  /** What may be asked for. */
  readonly asking: AskingBudgets;
  /** Watches chunks that were sent until they are acknowledged, or given up. */
  watch(chunks: SentChunks): void;
  unwatch(chunks: SentChunks): void;
  readonly stallMs: number;
}

/** For the sessions of a holder; see `session_memory.ts`. */
export let commonMemoryOf: (memory: ServeMemory) => CommonMemory;

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
   * How many of them are for sessions that have yet to acknowledge something.
   *
   * @default {SERVE_NEWCOMER_BYTES, at most a quarter}
   */
  newcomerBytes?: number;
  /**
   * Bytes of chunks that may wait for acknowledgements.
   *
   * @default {SERVE_SENT_BYTES}
   */
  sentBytes?: number;
  /**
   * Time without progress, in milliseconds, after which a response loses its
   * memory to those that wait; longer on a long path.
   *
   * @default {SERVE_STALL_MS}
   */
  stallMs?: number;
}

/** The memory of a holder, shared by the sessions it serves. */
export class ServeMemory {
  readonly #memory: Semaphore;
  readonly #newcomers: Semaphore;
  readonly #reserve: Semaphore;
  readonly #stallMs: number;
  /** How often it is looked for responses that stand still, while any waits. */
  readonly #lookMs: number;
  #lookedAt = 0;
  #looks = 0;
  /** Responses that hold memory, and sessions that wait for it. */
  readonly #holding = new Set<Borrower>();
  readonly #waiting = new Map<SessionShare, number>();
  /** Sessions with responses that wait until another one has shown something. */
  readonly #unproven = new Map<SessionShare, number>();
  readonly #heldBy = new Map<string, number>();
  readonly #work = new TakenWork();
  readonly #sent: AllSentChunks;
  #sentLookedAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #sentTimer: ReturnType<typeof setInterval> | undefined;
  /** Of all sessions, for what is asked. */
  readonly #requests = new RequestMemory();

  readonly #common: CommonMemory;

  static {
    commonMemoryOf = (memory) => memory.#common;
  }

  /** Makes memory that nobody uses yet. */
  constructor(options: ServeMemoryOptions = {}) {
    const { maxBytes = SERVE_NODE_BYTES } = options;
    const reserveBytes = options.reserveBytes ??
      Math.max(1, Math.floor(maxBytes / 16));
    const newcomerBytes = options.newcomerBytes ??
      Math.min(SERVE_NEWCOMER_BYTES, Math.floor(maxBytes / 4));
    this.#memory = new Semaphore(maxBytes - reserveBytes - newcomerBytes);
    this.#newcomers = new Semaphore(newcomerBytes);
    this.#reserve = new Semaphore(reserveBytes);
    this.#sent = new AllSentChunks(options.sentBytes);
    this.#stallMs = options.stallMs ?? SERVE_STALL_MS;
    this.#lookMs = Math.max(1, this.#stallMs / 4);
    this.#common = {
      holding: this.#holding,
      heldBy: this.#heldBy,
      requests: this.#requests,
      work: this.#work,
      asking: new AskingBudgets(),
      kept: 0,
      recall: () => this.#recall(),
      watch: (chunks) => this.#watch(chunks),
      unwatch: (chunks) => {
        this.#sent.delete(chunks);
        this.#stopLooking();
      },
      memory: this.#memory,
      newcomers: this.#newcomers,
      reserve: this.#reserve,
      stallMs: this.#stallMs,
      acquire: (...how) => this.#acquire(...how),
      untilChanged: (session, signal) =>
        this.#whileLooking(
          this.#unproven,
          session,
          () => session.changed.wait(signal),
        ),
    };
  }

  /** Bytes in use. */
  get used(): number {
    return this.#memory.used + this.#newcomers.used + this.#reserve.used;
  }

  /** Bytes of chunks that were sent and not acknowledged, as of the last look. */
  get sentBytes(): number {
    return this.#sent.bytes;
  }

  /** How often it was looked for memory that lies idle, while others waited. */
  get looks(): number {
    return this.#looks;
  }

  /** Bytes that requests take which are not answered yet. */
  get requestBytes(): number {
    return this.#requests.used;
  }

  async #acquire(
    from: Semaphore,
    units: number,
    session: SessionShare,
    signal: AbortSignal | undefined,
  ): Promise<Permit> {
    let permit = from.tryAcquire(units);
    if (permit !== undefined) return permit;
    this.#recall();
    permit = from.tryAcquire(units);
    if (permit !== undefined) return permit;
    const since = performance.now();
    return await this.#whileLooking(
      this.#waiting,
      session,
      () => from.acquire(units, signal, () => session.rank(since)),
    );
  }

  /** Counts a session among those that wait for something while they do. */
  async #whileLooking<T>(
    among: Map<SessionShare, number>,
    session: SessionShare,
    wait: () => Promise<T>,
  ): Promise<T> {
    if (this.#timer === undefined) {
      this.#lookedAt = performance.now();
      this.#timer = setInterval(() => this.#look(), this.#lookMs);
    }
    among.set(session, (among.get(session) ?? 0) + 1);
    try {
      return await wait();
    } finally {
      const left = among.get(session)! - 1;
      if (left > 0) among.set(session, left);
      else among.delete(session);
      if (this.#waiting.size + this.#unproven.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    }
  }

  /** Takes back at once what keeps nobody from going on. */
  #recall(): void {
    for (const response of this.#holding) {
      if (response.isOutOfCredit) response.recall(true);
      else if (response.isNewcomer) response.recall();
    }
  }

  /**
   * Takes back at once from those that have no credit, and from the worst of
   * those that let it lie, or whose slice is over.
   */
  #look(): void {
    const now = performance.now();
    const lateMs = now - this.#lookedAt - this.#lookMs;
    this.#lookedAt = now;
    for (const session of this.#unproven.keys()) session.look();
    if (this.#waiting.size === 0) return;
    this.#looks++;
    this.#recall();
    const sliceMs = SERVE_SLICE_MS / SERVE_STALL_MS * this.#stallMs;
    let worst: Borrower | undefined;
    let isFault = false;
    let most = this.#leastWasted() + WASTE_SLACK;
    for (const response of this.#holding) {
      // What this process does not do in time is not the peer's fault.
      if (lateMs > 0) response.excuse(lateMs);
      const isStill = response.isStill(now);
      const wastes = response.wastes(now, isStill ? 0 : sliceMs);
      if (wastes <= most && !(isStill && worst === undefined)) continue;
      [worst, isFault] = [response, isStill];
      most = Math.max(most, wastes);
    }
    worst?.recall(isFault);
  }

  /** Of those that wait. */
  #leastWasted(): number {
    let least = Infinity;
    for (const session of this.#waiting.keys()) {
      least = Math.min(least, session.wasted());
    }
    return least;
  }

  #watch(chunks: SentChunks): void {
    this.#sent.add(chunks);
    const now = performance.now();
    if (this.#sentTimer === undefined) {
      this.#sentLookedAt = now;
      this.#sentTimer = setInterval(() => this.#lookAtSent(), SENT_LOOK_MS);
    } else if (now - this.#sentLookedAt >= SENT_LOOK_MS) this.#lookAtSent();
  }

  #lookAtSent(): void {
    const now = performance.now();
    const sleptMs = now - this.#sentLookedAt - SENT_LOOK_MS;
    this.#sentLookedAt = now;
    if (sleptMs >= OVERSLEPT_MS) this.#sent.excuse(sleptMs);
    this.#sent.look(now);
    this.#stopLooking();
  }

  #stopLooking(): void {
    if (this.#sent.size > 0) return;
    clearInterval(this.#sentTimer);
    this.#sentTimer = undefined;
  }
}
