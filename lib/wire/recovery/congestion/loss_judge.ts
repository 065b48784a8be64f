/**
 * Tells losses by congestion from losses by the path, so that BBR gives way to
 * the former alone. The draft (draft-ietf-ccwg-bbr §5.5.10) takes more than 2 %
 * of a flight for congestion whatever its cause, which costs radio links most
 * of their rate.
 *
 * Two things are known of congestion: it fills a queue, which lengthens the
 * round trips, and it ends when less is sent. So losses are compared with what
 * the path loses in quiet phases, when less is sent than it carries, and the
 * margin is narrow while round trips show a queue, and wide without one.
 */

/**
 * A round trip beyond this multiple of the minimum, and {@linkcode QUEUE_MS},
 * shows a queue.
 */
const QUEUE_GAIN = 1.125;
/** Milliseconds that timers and bursts of acknowledgements take. */
const QUEUE_MS = 2;
/**
 * Share lost beyond the path's own that is congestion while there is a queue
 * (BBRLossThresh).
 */
const MARGIN_QUEUE = 0.02;
/** The same without a queue: one too short to be seen, or a policer. */
const MARGIN_NO_QUEUE = 0.05;
/** The same while the path's own losses are not known. */
const MARGIN_UNKNOWN = 0.5;
/**
 * Standard deviations by which chance may exceed the path's share: half of one
 * while a queue speaks for congestion, or a probe of a short flight on a lossy
 * path would end by chance.
 */
const DEVIATIONS_QUEUE = 0.5;
/** The same without a queue. */
const DEVIATIONS_NO_QUEUE = 3;
/** Least share that chance is reckoned with. */
const SHARE_MIN = 0.005;
/** Quiet phases of which the one with the fewest losses counts. */
const PHASES = 4;
/** Packets that make a phase tell something. */
const PHASE_PACKETS = 50;
/** Packets after which the first phase is believed. */
const FIRST_PHASE_PACKETS = 200;
/** Most of a path's losses that are compensated. */
const SHARE_MAX = 0.5;

/** Knows what a path loses by itself. Sizes in bytes, times in milliseconds. */
export class LossJudge {
  readonly #phases: number[] = [];
  #phaseLost = -1;
  #phaseDelivered = 0;
  #roundRtt = Infinity;
  #lastRoundRtt = Infinity;

  /** Share of what is sent that the path loses whatever is sent, up to a half. */
  get share(): number {
    return this.#phases.length === 0 ? 0 : Math.min(...this.#phases);
  }

  /** Takes the round trip of an acknowledgement. */
  onRtt(rtt: number, roundStart: boolean): void {
    if (roundStart) {
      this.#lastRoundRtt = this.#roundRtt;
      this.#roundRtt = Infinity;
    }
    this.#roundRtt = Math.min(this.#roundRtt, rtt);
  }

  /** A phase begins in which less is sent than the path carries. */
  beginQuiet(lost: number, delivered: number): void {
    this.#phaseLost = lost;
    this.#phaseDelivered = delivered;
  }

  /** A round of the phase is over: the first phase tells something before its end. */
  onQuietRound(lost: number, delivered: number, datagram: number): void {
    if (this.#phases.length > 0 || this.#phaseLost < 0) return;
    const total = lost - this.#phaseLost + delivered - this.#phaseDelivered;
    if (total < FIRST_PHASE_PACKETS * datagram) return;
    this.endQuiet(lost, delivered, datagram);
  }

  /** The phase is over, if there was one. */
  endQuiet(lost: number, delivered: number, datagram: number): void {
    if (this.#phaseLost < 0) return;
    const phaseLost = lost - this.#phaseLost;
    const total = phaseLost + delivered - this.#phaseDelivered;
    this.#phaseLost = -1;
    if (total < PHASE_PACKETS * datagram) return;
    this.#phases.push(Math.min(phaseLost / total, SHARE_MAX));
    if (this.#phases.length > PHASES) this.#phases.shift();
  }

  /**
   * Whether so many lost bytes are a sign of congestion.
   *
   * @param lost Bytes that were lost.
   * @param total Bytes of which they were lost.
   * @param datagram Bytes of a full datagram.
   * @param minRtt The path's smallest round trip.
   */
  isCongestion(
    lost: number,
    total: number,
    datagram: number,
    minRtt: number,
  ): boolean {
    const { share } = this;
    const excess = lost - share * total;
    if (excess <= 0) return false;
    const rtt = Math.min(this.#roundRtt, this.#lastRoundRtt);
    // On a path shorter than what timers take no queue could be seen.
    const queue = minRtt < QUEUE_MS ||
      rtt !== Infinity && rtt > QUEUE_GAIN * minRtt + QUEUE_MS;
    if (queue) {
      return excess > MARGIN_QUEUE * total +
          DEVIATIONS_QUEUE * deviation(share, total, datagram);
    }
    if (this.#phases.length === 0) return excess > MARGIN_UNKNOWN * total;
    const chance = Math.max(share, SHARE_MIN);
    return excess > MARGIN_NO_QUEUE * total +
        DEVIATIONS_NO_QUEUE * deviation(chance, total, datagram);
  }
}

/** Standard deviation of the bytes lost of `total`. */
function deviation(share: number, total: number, datagram: number): number {
  return Math.sqrt(share * (1 - share) * total * datagram);
}
