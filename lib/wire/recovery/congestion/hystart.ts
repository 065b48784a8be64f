/**
 * HyStart++: leaves slow start when the round-trip time rises, before the
 * queue overflows (RFC 9406).
 */

/** Least rise of the RTT that counts, in milliseconds (RFC 9406 §4.3). */
const MIN_RTT_THRESH_MS = 4;
/** Rise of the RTT that always counts, in milliseconds. */
const MAX_RTT_THRESH_MS = 16;
/** In between, this fraction of the last round's RTT counts. */
const MIN_RTT_DIVISOR = 8;
/** RTT samples before a round is judged. */
const N_RTT_SAMPLE = 8;
/** How much slower Conservative Slow Start grows. */
const CSS_GROWTH_DIVISOR = 4;
/** Rounds of Conservative Slow Start before slow start ends. */
const CSS_ROUNDS = 5;

/**
 * Watches the rounds of one slow start. A round is over when a packet sent
 * after its beginning is acknowledged (RFC 9406 §4.2).
 */
export class HyStart {
  #largestSent = -1;
  #roundEnd = -1;
  #roundMin = Infinity;
  #lastRoundMin = Infinity;
  #samples = 0;
  /** RTT on entering Conservative Slow Start; infinite outside. */
  #cssBaseline = Infinity;
  #cssRounds = 0;

  /** By how much to divide slow start's growth: 1, or 4 in Conservative Slow Start. */
  get growthDivisor(): number {
    return this.#cssBaseline === Infinity ? 1 : CSS_GROWTH_DIVISOR;
  }

  restart(): void {
    this.#roundEnd = this.#largestSent;
    this.#roundMin = Infinity;
    this.#lastRoundMin = Infinity;
    this.#samples = 0;
    this.#cssBaseline = Infinity;
    this.#cssRounds = 0;
  }

  /** Notes a packet that has been sent. */
  onPacketSent(packetNumber: number): void {
    this.#largestSent = packetNumber;
    if (this.#roundEnd < 0) this.#roundEnd = packetNumber;
  }

  /**
   * Takes an acknowledgement during slow start.
   *
   * @param packetNumber Largest number it acknowledges.
   * @param rtt Its RTT sample in milliseconds; infinite when it gave none.
   * @returns Whether slow start is over.
   */
  onAck(packetNumber: number, rtt: number): boolean {
    if (rtt !== Infinity) {
      this.#samples++;
      if (rtt < this.#roundMin) this.#roundMin = rtt;
    }
    if (this.#samples >= N_RTT_SAMPLE) this.#judge();
    if (packetNumber < this.#roundEnd) return false;
    this.#roundEnd = this.#largestSent;
    // A round without a sample says nothing; keep what the one before said.
    if (this.#roundMin !== Infinity) this.#lastRoundMin = this.#roundMin;
    this.#roundMin = Infinity;
    this.#samples = 0;
    return this.#cssBaseline !== Infinity && ++this.#cssRounds >= CSS_ROUNDS;
  }

  #judge(): void {
    if (this.#cssBaseline !== Infinity) {
      // The rise was jitter: back to full speed.
      if (this.#roundMin < this.#cssBaseline) this.#cssBaseline = Infinity;
      return;
    }
    if (this.#lastRoundMin === Infinity) return;
    const threshold = Math.max(
      MIN_RTT_THRESH_MS,
      Math.min(this.#lastRoundMin / MIN_RTT_DIVISOR, MAX_RTT_THRESH_MS),
    );
    if (this.#roundMin >= this.#lastRoundMin + threshold) {
      this.#cssBaseline = this.#roundMin;
      this.#cssRounds = 0;
    }
  }
}
