/**
 * How much more a path acknowledges at once than its bandwidth explains
 * (draft-ietf-ccwg-bbr §5.5.9): a radio that delivers in bursts needs so much
 * more in flight.
 */

import type { AckEvent } from "./congestion_controller.ts";

/** Rounds for which a burst is remembered, twice. */
const FILTER_ROUNDS = 5;

/** Measures bursts of acknowledgements. Times in milliseconds, sizes in bytes. */
export class AckAggregation {
  /** Largest burst of this and of the last stretch of rounds. */
  #current = 0;
  #last = 0;
  #rounds = 0;
  #start = 0;
  #delivered = 0;

  /** Bytes beyond the bandwidth-delay product that a burst takes. */
  get extra(): number {
    return Math.max(this.#last, this.#current);
  }

  /** Sending begins after a pause: its silence is no sign of a slow path. */
  onRestart(now: number): void {
    if (this.#delivered === 0) return;
    this.#start = now;
    this.#delivered = 0;
  }

  /**
   * Takes an acknowledgement.
   *
   * @param roundStart Whether it begins a round.
   * @param bandwidth Bytes per millisecond that are expected.
   * @param window The congestion window: no burst is larger.
   */
  onAck(
    { now, ackedBytes }: AckEvent,
    roundStart: boolean,
    bandwidth: number,
    window: number,
  ): void {
    if (roundStart && ++this.#rounds >= FILTER_ROUNDS) {
      this.#rounds = 0;
      this.#last = this.#current;
      this.#current = 0;
    }
    const expected = bandwidth * (now - this.#start);
    if (this.#delivered <= expected) {
      this.#start = now;
      this.#delivered = ackedBytes;
    } else {
      this.#delivered += ackedBytes;
    }
    const extra = this.#delivered - bandwidth * (now - this.#start);
    this.#current = Math.max(this.#current, Math.min(extra, window));
  }
}
