import { AwakeClock } from "../../async/awake_clock.ts";
import { TimeoutError, type TransferError } from "../../errors.ts";
import { REQUEST_TIMEOUT_MS } from "../../limits.ts";
import {
  absenceMs,
  lossError,
  mayBeAsleep,
  type Session,
} from "../../mesh/mod.ts";

/** A request that is watched. */
export interface WatchedRequest {
  /** When it last made progress, on the clock of its {@linkcode StallWatch}. */
  lastProgress: number;
  /** Whether its answer has begun. */
  readonly started: boolean;
  /**
   * Whether bytes of the answer have come, or of the request have left, since
   * this was last asked.
   */
  hasProgressed(): boolean;
  /** Makes every wait of the request fail with `reason`. */
  fail(reason: unknown): void;
}

/** Where a {@linkcode StallWatch} has its time from. */
export interface WatchTime {
  /** Milliseconds that never go back. */
  now(): number;
  /** Calls back again and again until the returned function is called. */
  every(ms: number, callback: () => void): () => void;
}

const SYSTEM_TIME: WatchTime = {
  now: () => performance.now(),
  every: (ms, callback) => {
    const timer = setInterval(callback, ms);
    return () => clearInterval(timer);
  },
};

/**
 * Ends requests that make no progress, with one timer for all requests of a
 * session.
 *
 * A request whose answer has not begun may stand in the holder's queue: it is
 * late only when nothing else of the session moves either. Otherwise a slow
 * line would fail for no other reason than being slow.
 *
 * Time in which this process did not run counts for nobody. Time in which the
 * holder is looked for counts only against how long it may be away.
 */
export class StallWatch {
  readonly session: Session;
  readonly timeoutMs: number;
  readonly #absenceMs: number;
  readonly #stepMs: number;
  readonly #clock: AwakeClock;
  readonly #requests: Set<WatchedRequest> = new Set();
  /** How much of the clock's time the holder was away. */
  #awayMs = 0;
  #lastProgress = 0;
  /** Whether any request has made progress. */
  hasMoved = false;
  /** The clock at the last progress, the time that the holder was away included. */
  #lastMoved = 0;
  readonly #time: WatchTime;
  #stop?: () => void;

  /**
   * @param timeoutMs Longest time without progress, if somebody has said so;
   * else a usual one while the holder is there, and a longer one while it is not.
   */
  constructor(
    session: Session,
    timeoutMs: number | undefined,
    time: WatchTime = SYSTEM_TIME,
  ) {
    this.session = session;
    this.timeoutMs = timeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#absenceMs = absenceMs(timeoutMs);
    this.#stepMs = Math.max(1, Math.min(1000, this.timeoutMs / 4));
    this.#time = time;
    this.#clock = new AwakeClock(this.#stepMs, () => time.now());
  }

  /** Milliseconds in which this process ran and the holder was there. */
  get now(): number {
    return this.#clock.now - this.#awayMs;
  }

  /** Whether nothing has come for as long as a holder may be away. */
  get isGivenUp(): boolean {
    return this.#clock.now - this.#lastMoved >= this.#absenceMs;
  }

  enter(request: WatchedRequest): void {
    this.#requests.add(request);
    if (this.#stop !== undefined) return;
    this.#clock.tick();
    this.#stop = this.#time.every(this.#stepMs, () => this.#check());
  }

  progress(request: WatchedRequest): void {
    this.hasMoved = true;
    request.lastProgress = this.#lastProgress = this.now;
    this.#lastMoved = this.#clock.now;
  }

  /**
   * The holder has said why it does not answer yet, as a cache whose node above
   * is away: that counts as its own absence.
   */
  excuse(request: WatchedRequest): void {
    if (this.#absenceMs > this.timeoutMs) request.lastProgress = this.now;
  }

  leave(request: WatchedRequest): void {
    this.#requests.delete(request);
    if (this.#requests.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  #check(): void {
    const passed = this.#clock.tick();
    const loss = this.session.kept?.loss;
    if (loss !== undefined && mayBeAsleep(loss)) this.#awayMs += passed;
    // A read that waits for many bytes makes progress before it has them all.
    for (const request of this.#requests) {
      if (request.hasProgressed()) this.progress(request);
    }
    const { now, isGivenUp } = this;
    for (const request of this.#requests) {
      const since = request.started
        ? request.lastProgress
        : Math.max(request.lastProgress, this.#lastProgress);
      if (now - since < this.timeoutMs && !isGivenUp) continue;
      request.fail(this.#lateError());
    }
  }

  #lateError(): TransferError {
    const loss = this.session.kept?.loss;
    if (loss !== undefined) return lossError(loss, false);
    return new TimeoutError(
      `the holder made no progress for ${this.timeoutMs} ms`,
      { hint: "Look whether the holder still runs, or allow more time." },
    );
  }
}
