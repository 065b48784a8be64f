/**
 * How far a peer may send ahead of the application: a window that grows where
 * the path needs more (RFC 9000 §4.1 leaves the size to the receiver).
 */

/**
 * A window is to hold what arrives in this many round trips: a new limit goes
 * out when half is used up, takes one round trip to show, and what was lost
 * needs another one to come.
 */
const ROUND_TRIPS = 4;

/** Bytes that the windows of many connections may grow by, all together. */
export class WindowBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Takes bytes, all of them or none. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  /** Gives back bytes that were taken. */
  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** How large a window may become. */
export interface WindowBounds {
  /** In bytes. */
  readonly max: number;
  /** Where the bytes come from; without it nobody else counts them. */
  readonly budget?: WindowBudget;
}

/** The window of a stream or of a connection. */
export class ReceiveWindow {
  readonly #initial: number;
  readonly #bounds: WindowBounds;
  #size: number;
  /** When the peer was told of the newest limit; unknown for the first. */
  #toldAt: number | undefined;
  /** What had been consumed then. */
  #consumedThen = 0;

  constructor(initial: number, bounds: WindowBounds = { max: initial }) {
    this.#initial = initial;
    this.#size = initial;
    this.#bounds = bounds;
  }

  /** Bytes the peer may send beyond what was consumed. */
  get size(): number {
    return this.#size;
  }

  /** Whether so much is used up that the peer should get a new limit. */
  isUsedUp(limit: number, consumed: number): boolean {
    return limit - consumed < this.#size / 2;
  }

  /**
   * Before a new limit is told: doubles the window when it was used up so fast
   * that it, and not the peer or the path, may be what bounds the rate.
   *
   * @param consumed Bytes consumed since the beginning.
   * @param rtt Milliseconds, without what waits in queues; infinite when unknown.
   */
  grow(now: number, rtt: number, consumed: number): void {
    const { max, budget } = this.#bounds;
    const size = Math.min(max, 2 * this.#size);
    if (size <= this.#size || this.#toldAt === undefined) return;
    const used = consumed - this.#consumedThen;
    // A limit that is told again because it was lost says nothing of the rate.
    if (rtt === Infinity || used < this.#size / 2) return;
    const elapsed = now - this.#toldAt;
    if (used * ROUND_TRIPS * rtt <= this.#size * elapsed) return;
    if (budget !== undefined && !budget.take(size - this.#size)) return;
    this.#size = size;
  }

  /** A new limit was told. */
  onTold(now: number, consumed: number): void {
    this.#toldAt = now;
    this.#consumedThen = consumed;
  }

  /** Gives back what it has grown by: it is not used any more. */
  release(): void {
    this.#bounds.budget?.give(this.#size - this.#initial);
    this.#size = this.#initial;
  }
}
