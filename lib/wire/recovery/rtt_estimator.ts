/**
 * Round-trip time of a path (RFC 9002 §5) and the probe time-out that follows
 * from it (§6.2.1).
 */

/**
 * RTT assumed before the first sample, in milliseconds (RFC 9002 §6.2.2,
 * kInitialRtt).
 */
export const INITIAL_RTT_MS = 333;
/** Finest timer assumed, in milliseconds (RFC 9002 §6.1.2, kGranularity). */
export const GRANULARITY_MS = 1;

/** Smoothed RTT, its variation and its minimum; all in milliseconds. */
export class RttEstimator {
  /** The newest sample, 0 before the first. */
  latest = 0;
  /** Exponentially weighted mean of the samples. */
  smoothed: number = INITIAL_RTT_MS;
  /** Mean deviation of the samples. */
  variance: number = INITIAL_RTT_MS / 2;
  /**
   * Smallest sample since the start or {@linkcode resetMin}; infinite before
   * the first.
   */
  min = Infinity;
  /**
   * Smallest sample less what the peer says it waited: what is left is the path
   * and the two ends. Infinite before the first.
   */
  shortest = Infinity;
  /** When the first sample was taken; infinite before. */
  firstSampleTime = Infinity;
  #minIsStale = false;
  #assumed = false;

  /** Whether the figures are measured, not assumed. */
  get hasSample(): boolean {
    return this.firstSampleTime !== Infinity;
  }

  /** Whether the figures are of this path, measured or assumed. */
  get known(): boolean {
    return this.hasSample || this.#assumed;
  }

  /**
   * Takes what a round trip took at most, until there is a sample: longer than
   * it takes is safe.
   */
  assume(rtt: number): void {
    if (this.hasSample) return;
    this.smoothed = rtt;
    this.variance = rtt / 2;
    this.#assumed = true;
  }

  /**
   * Takes one sample (RFC 9002 §5.3).
   *
   * @param latest Time from sending a packet to its acknowledgement.
   * @param ackDelay What the peer says it waited, at most its max_ack_delay.
   */
  update(latest: number, ackDelay: number, now: number): void {
    this.latest = latest;
    const path = Math.max(0, latest - ackDelay);
    if (path < this.shortest) this.shortest = path;
    if (!this.hasSample) {
      this.firstSampleTime = now;
      this.min = latest;
      this.smoothed = latest;
      this.variance = latest / 2;
      return;
    }
    if (this.#minIsStale || latest < this.min) {
      this.min = latest;
      this.#minIsStale = false;
    }
    // A delay that would put the sample below the minimum is not believed.
    const adjusted = latest >= this.min + ackDelay ? latest - ackDelay : latest;
    this.variance += (Math.abs(this.smoothed - adjusted) - this.variance) / 4;
    this.smoothed += (adjusted - this.smoothed) / 8;
  }

  /**
   * The probe time-out without back-off (RFC 9002 §6.2.1).
   *
   * @param maxAckDelay Longest time the peer delays an acknowledgement.
   * @returns Milliseconds from the last ack-eliciting packet to a probe.
   */
  pto(maxAckDelay: number): number {
    return this.smoothed + Math.max(4 * this.variance, GRANULARITY_MS) +
      maxAckDelay;
  }

  /**
   * Lets the next sample replace the minimum: after persistent congestion (RFC
   * 9002 §5.2).
   */
  resetMin(): void {
    this.#minIsStale = true;
  }

  /** Forgets everything: the path is a new one (RFC 9000 §9.4). */
  reset(): void {
    this.latest = 0;
    this.smoothed = INITIAL_RTT_MS;
    this.variance = INITIAL_RTT_MS / 2;
    this.min = Infinity;
    this.shortest = Infinity;
    this.firstSampleTime = Infinity;
    this.#minIsStale = false;
    this.#assumed = false;
  }
}
