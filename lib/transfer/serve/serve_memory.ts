/**
 * Memory for the chunks that a holder is sending: one bound for all sessions
 * together, and one for each.
 *
 * Both are granted first come first served. A session asks for the common
 * memory only with what its own bound allows, two chunks, so that none fills
 * the queue; and nobody waits for more while it holds some, so that there is
 * always somebody who can go on.
 *
 * What can stand still is a peer that does not read. As long as nobody needs
 * the memory it may take its time. When somebody waits, an answer of which
 * nothing was taken for {@linkcode ServeMemoryOptions.stallMs} is ended. The
 * streams of a session take turns on the same line: where several hold memory,
 * each gets as many times as long.
 *
 * @module
 */

import { TimeoutError } from "../../errors.ts";
import {
  REQUEST_TIMEOUT_MS,
  SERVE_BYTES,
  SERVE_NODE_BYTES,
} from "../../limits.ts";
import { Budget } from "../../async/budget.ts";

/** Options of {@linkcode ServeMemory}. */
export interface ServeMemoryOptions {
  /**
   * Bytes for all sessions together.
   *
   * @default {SERVE_NODE_BYTES}
   */
  maxBytes?: number;
  /**
   * Time without progress, in milliseconds, after which an answer loses its
   * memory to those who wait.
   *
   * @default {REQUEST_TIMEOUT_MS}
   */
  stallMs?: number;
}

/** The memory of a holder, shared by the sessions it serves. */
export class ServeMemory {
  readonly #budget: Budget;
  readonly #stallMs: number;
  readonly #holding = new Set<AnswerMemory>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Makes memory that nobody uses yet. */
  constructor(options: ServeMemoryOptions = {}) {
    this.#budget = new Budget(options.maxBytes ?? SERVE_NODE_BYTES);
    this.#stallMs = options.stallMs ?? REQUEST_TIMEOUT_MS;
  }

  /** Bytes in use. */
  get used(): number {
    return this.#budget.used;
  }

  /**
   * The part of one session.
   *
   * @param maxBytes Its own bound. @default {SERVE_BYTES}
   */
  forSession(maxBytes: number = SERVE_BYTES): SessionMemory {
    const own = new Budget(maxBytes);
    const common: CommonMemory = {
      budget: this.#budget,
      acquire: (units, signal) => this.#acquire(units, signal),
      holding: this.#holding,
    };
    const session = { holding: 0 };
    return {
      forAnswer: (abort) => new AnswerMemory(own, common, session, abort),
    };
  }

  /** Takes units in turn; while somebody waits, those who stand still are watched. */
  async #acquire(units: number, signal: AbortSignal): Promise<void> {
    if (this.#budget.tryAcquire(units)) return;
    this.#timer ??= setInterval(
      () => this.#endStalled(),
      Math.max(1, Math.min(1000, this.#stallMs / 4)),
    );
    try {
      await this.#budget.acquire(units, signal);
    } finally {
      if (this.#budget.waiting === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    }
  }

  #endStalled(): void {
    const now = performance.now();
    for (const answer of this.#holding) {
      if (answer.standsStillFor(now) >= this.#stallMs) answer.end();
    }
  }
}

/** The part of a {@linkcode ServeMemory} that one session may use. */
export interface SessionMemory {
  /**
   * The part of one answer.
   *
   * @param abort Ends the answer, which then releases what it holds.
   */
  forAnswer(abort: (reason: TimeoutError) => void): AnswerMemory;
}

/** What all sessions share. */
interface CommonMemory {
  readonly budget: Budget;
  acquire(units: number, signal: AbortSignal): Promise<void>;
  readonly holding: Set<AnswerMemory>;
}

/** Memory that one answer uses: first taken by estimate, then {@linkcode adjust}ed to what was loaded. */
export class AnswerMemory {
  readonly #own: Budget;
  readonly #common: CommonMemory;
  /** How many answers of the session hold memory. */
  readonly #session: { holding: number };
  readonly #abort: (reason: TimeoutError) => void;
  #held = 0;
  /** Chunks that are being read: it is not the peer whom they wait for. */
  #loading = 0;
  #lastProgress = 0;

  /** Use {@linkcode SessionMemory.forAnswer}. */
  constructor(
    own: Budget,
    common: CommonMemory,
    session: { holding: number },
    abort: (reason: TimeoutError) => void,
  ) {
    this.#own = own;
    this.#common = common;
    this.#session = session;
    this.#abort = abort;
  }

  /**
   * Takes memory to load a chunk into, if it is free now and nobody waits.
   *
   * @returns Whether it was taken.
   */
  tryAcquire(bytes: number): boolean {
    if (!this.#own.tryAcquire(bytes)) return false;
    if (!this.#common.budget.tryAcquire(bytes)) {
      this.#own.release(bytes);
      return false;
    }
    this.#took(bytes);
    return true;
  }

  /**
   * Takes memory to load a chunk into, waiting for it in turn. An answer that
   * holds memory must not wait for more.
   *
   * @throws The signal's reason when it aborts first.
   */
  async acquire(bytes: number, signal: AbortSignal): Promise<void> {
    await this.#own.acquire(bytes, signal);
    try {
      await this.#common.acquire(bytes, signal);
    } catch (error) {
      this.#own.release(bytes);
      throw error;
    }
    this.#took(bytes);
  }

  /** A chunk was loaded: replaces what was taken for it by what it needs. */
  adjust(taken: number, needed: number): void {
    this.#loading--;
    this.#lastProgress = performance.now();
    this.#own.adjust(taken, needed);
    this.#common.budget.adjust(taken, needed);
    this.#hold(needed - taken);
  }

  /** Gives memory back. */
  release(bytes: number): void {
    this.#own.release(bytes);
    this.#common.budget.release(bytes);
    this.#hold(-bytes);
  }

  /** The peer has taken something of the answer. */
  onProgress(): void {
    this.#lastProgress = performance.now();
  }

  /** Milliseconds for which the peer lets memory lie, for each answer of its session that does. */
  standsStillFor(now: number): number {
    if (this.#loading > 0) return 0;
    return (now - this.#lastProgress) / this.#session.holding;
  }

  /** Ends the answer, whose memory others wait for. */
  end(): void {
    this.#abort(
      new TimeoutError("the client did not read on while others waited"),
    );
  }

  #took(bytes: number): void {
    this.#loading++;
    this.#hold(bytes);
  }

  #hold(bytes: number): void {
    const before = this.#held;
    this.#held += bytes;
    if (before === 0 && this.#held > 0) {
      this.#session.holding++;
      this.#common.holding.add(this);
    } else if (before > 0 && this.#held === 0) {
      this.#session.holding--;
      this.#common.holding.delete(this);
    }
  }
}
