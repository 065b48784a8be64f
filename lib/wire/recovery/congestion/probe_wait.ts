/**
 * How long BBR waits between probes for bandwidth (draft-ietf-ccwg-bbr
 * §5.3.3.5): two to three seconds, or as many rounds as Reno would need, so that
 * flows do not probe in step and none starves beside Reno.
 */

/** Least time between probes, in milliseconds, but for Reno's sake. */
const WAIT_MS = 2000;
/** Random time on top. */
const WAIT_RANDOM_MS = 1000;
/** Rounds of Reno that are waited for at most. */
const RENO_ROUNDS_MAX = 63;
/**
 * Least time between probes whatever the rounds: on a local network Reno's are
 * over within milliseconds, and every probe overflows a short queue.
 */
const LEAST_MS = 50;

/** Tells when the next probe is due. Times in milliseconds, sizes in bytes. */
export class ProbeWait {
  #random: () => number;
  #start = 0;
  #wait = 0;
  #rounds = 0;

  /** @param random Numbers in [0, 1) that keep flows from probing in step. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** A probe is over. */
  begin(now: number): void {
    this.#rounds = this.#random() < 0.5 ? 0 : 1;
    this.#wait = WAIT_MS + WAIT_RANDOM_MS * this.#random();
    this.#start = now;
  }

  onRound(): void {
    this.#rounds++;
  }

  /**
   * Whether it is time to probe.
   *
   * @param inFlight What Reno would have in flight.
   */
  isOver(now: number, inFlight: number, datagram: number): boolean {
    const waited = now - this.#start;
    if (waited > this.#wait) return true;
    const renoRounds = Math.min(inFlight / datagram, RENO_ROUNDS_MAX);
    return this.#rounds >= renoRounds && waited >= LEAST_MS;
  }
}
