/**
 * A rate that a user has set, shared by all that send under it: those that have
 * something to send get equal parts, and what one does not use goes to the
 * others (max-min fairness). Unlike a pacer it counts content, not packets.
 */

/** Worth of the rate that may lie unused and be sent later, in milliseconds. */
const BURST_MS = 100;
/**
 * How late a timer may fire without loss of rate, in milliseconds: a busy
 * process is this late at times, and the pacer spreads what it then sends.
 */
const LATENESS_MS = 1000;
/**
 * Worth of the rate that waits for a packet of its own at most, in milliseconds:
 * at some kilobytes in a second packets become smaller, so that they keep coming.
 */
const PORTION_MS = 250;
/** Fewest bytes worth a packet. */
const PORTION_MIN = 64;
/** At least a packet's worth may be sent after a pause, in bytes. */
const BURST_BYTES = 1500;
/** Shortest wait worth a timer, in milliseconds. */
const TICK_MS = 1;
/** Longest wait before looking again, in milliseconds: the rate may have changed. */
const WAIT_MAX_MS = 1000;
/** The same while others wait, too, which may have stopped. */
const SHARED_WAIT_MAX_MS = 100;

/**
 * A rate and what of it is unused. Times are in milliseconds on one clock.
 *
 * @example
 * ```ts
 * import { RateLimit } from "./rate_limit.ts";
 *
 * const limit = new RateLimit(1_000_000, 0);
 * const share = limit.share();
 * console.log(share.nextSendTime(0, 1000)); // 1
 * console.log(share.nextSendTime(1, 1000)); // 1: now
 * ```
 */
export class RateLimit {
  /** Bytes per millisecond. */
  #rate = Infinity;
  #updated: number;
  /** Shares that wait, between which the rate is divided. */
  #waiting = 0;
  /** Bytes that a share which had always waited would have got. */
  #served = 0;
  /** Bytes that nobody waited for, up to a burst. */
  #spare = 0;

  /** @param bytesPerSecond More than 0; infinite for no limit. */
  constructor(bytesPerSecond: number, now: number) {
    this.#updated = now;
    this.setRate(bytesPerSecond, now);
  }

  /** Infinite for no limit. */
  get bytesPerSecond(): number {
    return 1000 * this.#rate;
  }

  /** Whether there is a limit. */
  get isLimited(): boolean {
    return this.#rate !== Infinity;
  }

  /** Changes the rate; time that has passed counts at the old one. */
  setRate(bytesPerSecond: number, now: number): void {
    if (!(bytesPerSecond > 0)) {
      throw new RangeError(`Cannot send ${bytesPerSecond} bytes per second`);
    }
    this.refill(now);
    this.#rate = bytesPerSecond / 1000;
    this.#spare = Math.min(this.#spare, this.#burst);
  }

  /** A part for one more that sends under the limit. */
  share(): RateShare {
    return new RateShare(this);
  }

  // --- for the shares ----------------------------------------------------------

  /** Most bytes that wait for a packet of their own. */
  get portion(): number {
    return Math.max(PORTION_MIN, Math.floor(this.#rate * PORTION_MS));
  }

  /** Most bytes that a share may have waited for without sending them. */
  get late(): number {
    return this.#rate * LATENESS_MS + PORTION_MIN;
  }

  /** What there is besides what shares wait for. */
  get spare(): number {
    return this.#spare;
  }

  /** Adds to what is spare, or takes of it. */
  addSpare(bytes: number): void {
    this.#spare = Math.min(this.#spare + bytes, this.#burst);
  }

  /** One share more, or less, waits. */
  addWaiting(change: 1 | -1): void {
    this.#waiting += change;
  }

  /** Milliseconds after which one that waits is to look whether it has so many more. */
  timeFor(bytes: number): number {
    const time = bytes * this.#waiting / this.#rate;
    const most = this.#waiting > 1 ? SHARED_WAIT_MAX_MS : WAIT_MAX_MS;
    return Math.min(Math.max(time, TICK_MS), most);
  }

  /** Divides what the time until `now` has brought; returns what each share got. */
  refill(now: number): number {
    const elapsed = now - this.#updated;
    if (elapsed <= 0) return this.#served;
    this.#updated = now;
    if (!this.isLimited) return this.#served;
    const bytes = elapsed * this.#rate;
    if (this.#waiting > 0) this.#served += bytes / this.#waiting;
    else this.addSpare(bytes);
    return this.#served;
  }

  get #burst(): number {
    return Math.max(this.#rate * BURST_MS, Math.min(this.portion, BURST_BYTES));
  }
}

/** The part of a {@linkcode RateLimit} that one sender has. */
export class RateShare {
  readonly #limit: RateLimit;
  /** Bytes that may be sent; less than 0 where more has been. */
  #tokens = 0;
  /** What a share had got when this one was last looked at while it waited. */
  #served = 0;
  /** How many wait on it: a sender may have several connections. */
  #waiting = 0;

  /** Use {@linkcode RateLimit.share}. */
  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  /** Whether there is a limit. */
  get isLimited(): boolean {
    return this.#limit.isLimited;
  }

  /** Whole bytes that may be sent at once, once {@linkcode nextSendTime} lets some go. */
  get available(): number {
    return Math.max(0, Math.floor(this.#tokens + this.#limit.spare));
  }

  /** Most bytes worth waiting for. */
  get portion(): number {
    return this.#limit.portion;
  }

  /**
   * When content may leave.
   *
   * @param size How many bytes, at most {@linkcode portion} of which are waited
   * for.
   * @returns `now`, or a time at least 1 ms later at which to look again.
   */
  nextSendTime(now: number, size: number): number {
    if (!this.isLimited) return now;
    this.#settle(now);
    const missing = Math.min(size, this.portion) - this.available;
    if (missing <= 0) return now;
    return now + this.#limit.timeFor(missing);
  }

  /** Notes content that has left, whether it was allowed or not. */
  onSent(size: number): void {
    if (!this.isLimited) return;
    this.#tokens -= size;
    if (this.#tokens >= 0) return;
    const spare = Math.min(this.#limit.spare, -this.#tokens);
    this.#limit.addSpare(-spare);
    this.#tokens += spare;
  }

  /** One waits from now on for the rate and nothing else: it gets its part. */
  enter(now: number): void {
    this.#settle(now);
    if (this.#waiting++ === 0) this.#limit.addWaiting(1);
  }

  /** One that waited does so no longer. */
  leave(now: number): void {
    this.#settle(now);
    if (--this.#waiting > 0) return;
    this.#limit.addWaiting(-1);
  }

  /** Takes what the time has brought. */
  #settle(now: number): void {
    const served = this.#limit.refill(now);
    if (this.#waiting > 0 && this.#limit.isLimited) {
      this.#tokens += served - this.#served;
      const { late } = this.#limit;
      if (this.#tokens > late) {
        this.#limit.addSpare(this.#tokens - late);
        this.#tokens = late;
      }
    }
    this.#served = served;
  }
}
