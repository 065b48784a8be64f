/** What keeps a sender from sending more, and for how long it has. */

/**
 * Why nothing goes out: there is nothing, the peer has given no credit for it,
 * congestion control or pacing hold it back, the peer's socket has no room for
 * more, or a rate that a user has set.
 */
export type SendLimit =
  | "application"
  | "flowControl"
  | "path"
  | "buffer"
  | "rate";

/** Milliseconds for which each limit has held. */
export type LimitedMs = Record<SendLimit, number>;

/** Adds up the times of the limits, of which one holds at any time. */
export class SendLimits {
  readonly #ms: LimitedMs = {
    application: 0,
    flowControl: 0,
    path: 0,
    buffer: 0,
    rate: 0,
  };
  #limit: SendLimit = "application";
  #since: number;

  /** Starts with nothing to send. */
  constructor(now: number) {
    this.#since = now;
  }

  /** From now on `limit` holds; what held before did so until now. */
  enter(now: number, limit: SendLimit): void {
    this.#ms[this.#limit] += now - this.#since;
    this.#since = now;
    this.#limit = limit;
  }

  /** The times up to the last call of {@linkcode enter}. */
  get ms(): LimitedMs {
    return { ...this.#ms };
  }
}
