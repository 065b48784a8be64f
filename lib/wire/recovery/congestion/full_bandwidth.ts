/**
 * Whether the bandwidth of a path is reached: its estimate no longer grows
 * (draft-ietf-ccwg-bbr §5.3.1.2). It ends BBR's start-up and its probes.
 */

/** Growth that shows that the bandwidth is not reached yet. */
const GROWTH = 1.25;
/** Rounds without that growth after which it is. */
const ROUNDS = 3;

/** Watches the delivery rate, in bytes per millisecond, for a plateau. */
export class FullBandwidth {
  #rate = 0;
  #rounds = 0;
  /** Whether the rate has stopped to grow since the last restart. */
  now = false;
  ever = false;

  /** Takes a rate that the application did not limit. */
  onSample(rate: number, roundStart: boolean): void {
    if (this.now) return;
    if (rate >= this.#rate * GROWTH) {
      this.#rate = rate;
      this.#rounds = 0;
    } else if (roundStart && ++this.#rounds >= ROUNDS) this.set();
  }

  /** Takes it as reached: losses say so. */
  set(): void {
    this.now = true;
    this.ever = true;
  }

  /** Looks for growth beyond `rate` anew. */
  restart(rate: number): void {
    this.#rate = rate;
    this.#rounds = 0;
    this.now = false;
  }
}
