/**
 * Notices that round trips have become longer at once, as when a route changes
 * or a radio link slows down; the queue of a flow that starts grows more
 * slowly. Without it a sender on a longer path crawls until its minimum RTT has
 * expired, with a window for the old path.
 */

/**
 * How much longer a round's shortest trip is than the longest of the round
 * before the change.
 */
const GAIN = 3;
/** Milliseconds beyond that. */
const MARGIN_MS = 5;
/** Rounds that have to agree. */
const ROUNDS = 2;

/** Compares the round trips of successive rounds, in milliseconds. */
export class RttJump {
  #min = Infinity;
  #max = 0;
  #lastMax = 0;
  #maxBeforeLast = 0;
  #longRounds = 0;
  #before = 0;

  /** Whether round trips have become longer; {@linkcode reset} takes it as known. */
  get seen(): boolean {
    return this.#longRounds >= ROUNDS;
  }

  /** Takes the round trip of an acknowledgement. */
  onRtt(rtt: number, roundStart: boolean): void {
    if (roundStart && this.#min !== Infinity) this.#endRound();
    this.#min = Math.min(this.#min, rtt);
    this.#max = Math.max(this.#max, rtt);
  }

  /** The longer path is known. */
  reset(): void {
    this.#longRounds = 0;
  }

  #endRound(): void {
    // The round of the change has trips of both kinds.
    const before = this.#longRounds > 0 ? this.#before : this.#maxBeforeLast;
    if (before > 0 && this.#min > GAIN * before + MARGIN_MS) {
      this.#before = before;
      this.#longRounds++;
    } else this.#longRounds = 0;
    this.#maxBeforeLast = this.#lastMax;
    this.#lastMax = this.#max;
    this.#min = Infinity;
    this.#max = 0;
  }
}
