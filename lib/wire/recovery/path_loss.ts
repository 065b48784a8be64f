/** How much of what is sent on a path gets lost, in either direction. */

/** Packets that count: many, since losses come in bursts with pauses between. */
const MEMORY = 1024;

/** Our packets until one weighs less than this part of {@linkcode MEMORY}. */
const FIRST = 64;

/** Received numbers of which the gaps are counted together. */
const SPAN = 64;

/** What is believed of a path of which nothing is known. */
const UNKNOWN = 0.01;

/**
 * The share of packets that do not arrive. Who mostly receives sends too few to
 * learn it from them; the gaps in what it receives tell of the same path.
 */
export class PathLoss {
  #sent = UNKNOWN;
  #fates = 0;
  #received = 0;
  #spans = 0;
  #first = -1;
  #arrived = 0;

  /** Between 0 and 1: that of the direction in which more gets lost. */
  get share(): number {
    return Math.max(this.#sent, this.#received);
  }

  /** One of our packets was acknowledged, or found lost. */
  onFate(lost: boolean): void {
    this.#fates = Math.min(this.#fates + 1, MEMORY);
    this.#sent += ((lost ? 1 : 0) - this.#sent) / Math.max(this.#fates, FIRST);
  }

  /** A packet with this number arrived for the first time. */
  onReceived(number: number): void {
    if (this.#first < 0) this.#first = number;
    const span = number - this.#first;
    if (span >= SPAN) {
      // Late ones of the time before can make them more than were sent.
      const missing = Math.max(0, 1 - this.#arrived / span);
      this.#spans = Math.min(this.#spans + 1, MEMORY / SPAN);
      this.#received += (missing - this.#received) / this.#spans;
      this.#first = number;
      this.#arrived = 0;
    }
    if (number >= this.#first) this.#arrived++;
  }
}
