/**
 * Packet numbers that are left out at random, so that a peer which acknowledges
 * what it has not received, to be sent more than the path carries, is found out
 * (RFC 9000 §21.4).
 */

/** Numbers until the first is left out, about: few, since each looks like a loss. */
const FIRST_PERIOD = 1024;
/** The same later on; it doubles each time. */
const LAST_PERIOD = 16_384;

/** Decides which numbers are left out. */
export class SkippedNumbers {
  readonly #random: () => number;
  #period = FIRST_PERIOD;
  #next: number;

  /** @param random Between 0 and 1, in steps of 1/256. */
  constructor(random: () => number) {
    this.#random = random;
    this.#next = this.#gap();
  }

  /** Whether this number, the next one, is to be left out. */
  isNext(number: number): boolean {
    if (number < this.#next) return false;
    this.#period = Math.min(2 * this.#period, LAST_PERIOD);
    this.#next = number + this.#gap();
    return true;
  }

  /** Between half a period and one and a half, as even as two bytes are. */
  #gap(): number {
    const random = this.#random() + this.#random() / 256;
    return Math.floor(this.#period * (0.5 + random));
  }
}
