/**
 * The smallest round-trip time of a path, kept fresh (draft-ietf-ccwg-bbr
 * §5.3.4): BBR's two windowed minima, one to decide by, one to probe by.
 */

/** How long a minimum is believed, in milliseconds (MinRTTFilterLen). */
const MIN_RTT_MS = 10_000;
/**
 * How long the minimum may go unconfirmed before it is probed for, in
 * milliseconds (ProbeRTTInterval).
 */
const PROBE_RTT_INTERVAL_MS = 5000;
/**
 * Silence before a sample, in milliseconds, that is as good as a probe: nothing
 * of ours was before it in a queue.
 */
const SILENCE_MS = 1000;
/** An RTT up to this multiple of the minimum confirms it. */
const SIMILAR_RTT = 1.125;

/** A windowed minimum of RTT samples. Times in milliseconds. */
export class MinRttFilter {
  /** The minimum, infinite without a sample. */
  value = Infinity;
  #minAt = 0;
  #recent = Infinity;
  #recentAt = 0;
  #lastAt = 0;

  /**
   * Takes a sample.
   *
   * @returns Whether nothing had confirmed the recent minimum for so long that
   * it is time to probe for it.
   */
  update(now: number, rtt: number): boolean {
    const silent = now > this.#lastAt + SILENCE_MS;
    this.#lastAt = now;
    const expired = now > this.#recentAt + PROBE_RTT_INTERVAL_MS;
    if (expired || rtt <= this.#recent * SIMILAR_RTT) {
      this.#recent = expired ? rtt : Math.min(this.#recent, rtt);
      this.#recentAt = now;
    }
    if (this.#recent < this.value || now > this.#minAt + MIN_RTT_MS) {
      this.value = this.#recent;
      this.#minAt = this.#recentAt;
    } else if (this.#recent <= this.value * SIMILAR_RTT) {
      this.#minAt = this.#recentAt;
    }
    return expired && !silent;
  }

  /** The path is another one: this sample is all that is known of it. */
  restart(now: number, rtt: number): void {
    this.value = rtt;
    this.#minAt = now;
    this.#recent = rtt;
    this.#recentAt = now;
  }

  /** The path was drained: what was seen is the minimum of now. */
  confirm(now: number): void {
    this.#recentAt = now;
  }
}
