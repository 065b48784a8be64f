/** Spreads packets over the round trip (RFC 9002 §7.7). */

/** Datagrams that may leave at once (RFC 9002 §7.7: the initial window). */
const BURST_DATAGRAMS = 10;
/** Worth of the rate that may leave at once, in milliseconds: two ticks of a timer. */
const BURST_MS = 2;
/** Shortest wait worth a timer, in milliseconds: timers fire no finer than this. */
const TICK_MS = 1;
/** How late a timer may fire without loss of rate, in milliseconds. */
const LATENESS_MS = 8;

/**
 * A token bucket: bytes may leave as fast as `rate` allows, after a pause in a
 * burst of 10 datagrams or 2 ms worth, if the peer bears that. While a packet
 * has been waiting for tokens they gather beyond the burst for 8 ms more, so
 * that a timer that fires late costs no throughput.
 *
 * @example
 * ```ts
 * const pacer = new Pacer(1200);
 * pacer.setRate(1200, 0); // 1200 bytes per millisecond
 * while (pacer.nextSendTime(0, 1200) === 0) pacer.onSent(1200); // 10 times
 * pacer.nextSendTime(0, 1200); // 1
 * ```
 */
export class Pacer {
  #datagram: number;
  #rate = Infinity;
  #tokens: number;
  #updated = 0;
  #waiting = false;

  /**
   * Starts without a rate.
   *
   * @param atOnce Bytes of datagrams of a size that the peer bears at once;
   * twice as much after a timer that was late. @default {any number}
   */
  constructor(
    maxDatagramSize: number,
    private readonly atOnce: (size: number) => number = () => Infinity,
  ) {
    this.#datagram = maxDatagramSize;
    this.#tokens = BURST_DATAGRAMS * maxDatagramSize;
  }

  /** Most bytes that leave at once after a pause. */
  get #burst(): number {
    const datagrams = BURST_DATAGRAMS * this.#datagram;
    const wanted = this.#rate === Infinity
      ? datagrams
      : Math.max(datagrams, this.#rate * BURST_MS);
    return Math.min(wanted, this.atOnce(this.#datagram));
  }

  /**
   * Changes the rate; time that has passed counts at the old one.
   *
   * @param rate Bytes per millisecond, more than 0; infinite for no limit.
   */
  setRate(rate: number, now: number): void {
    if (rate === this.#rate) return;
    this.#refill(now);
    this.#rate = rate;
  }

  onMtuChange(maxDatagramSize: number): void {
    this.#datagram = maxDatagramSize;
  }

  /** Notes a datagram that has left, whether it was allowed or not. */
  onSent(size: number): void {
    // Packets that may not wait, as probes, put the bucket into debt, at most
    // one burst.
    this.#tokens = Math.max(this.#tokens - size, -this.#burst);
  }

  /**
   * When a datagram may leave.
   *
   * @returns `now`, or a time at least 1 ms later, so that every wake-up sends a
   * tick's worth.
   */
  nextSendTime(now: number, size: number): number {
    if (this.#rate === Infinity) return now;
    this.#refill(now);
    this.#waiting = this.#tokens < size;
    return this.#waiting
      ? now + Math.max((size - this.#tokens) / this.#rate, TICK_MS)
      : now;
  }

  #refill(now: number): void {
    const elapsed = now - this.#updated;
    if (elapsed <= 0) return;
    this.#updated = now;
    const full = this.#burst;
    if (this.#rate === Infinity) {
      this.#tokens = full;
      return;
    }
    const limit = this.#waiting
      ? Math.min(
        full + this.#rate * LATENESS_MS,
        2 * this.atOnce(this.#datagram),
      )
      : full;
    this.#tokens = Math.max(
      this.#tokens,
      Math.min(this.#tokens + elapsed * this.#rate, limit),
    );
  }
}
