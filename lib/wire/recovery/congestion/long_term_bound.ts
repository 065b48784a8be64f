/**
 * The most a path has been seen to bear in flight, and how probing raises it
 * (draft-ietf-ccwg-bbr §5.5.10: inflight_longterm).
 */

/** Share of the bound left to others (BBRHeadroom; the draft has 0.15). */
const HEADROOM = 0.3;
/** Rounds after which the slope of a probe grows no more. */
const ROUNDS_MAX = 30;

/** An upper bound on the bytes in flight, infinite until losses show one. */
export class LongTermBound {
  value = Infinity;
  #prior = Infinity;
  #rounds = 0;
  #acked = 0;
  /** Acknowledged bytes for which the bound rises by one datagram. */
  #bytesPerStep = Infinity;

  /**
   * The bound less what is left to others.
   *
   * @param least What is not left to them.
   * @param lostShare What the path loses is in flight until that is noticed,
   * but takes no room from others.
   */
  withHeadroom(datagram: number, least: number, lostShare = 0): number {
    if (this.value === Infinity) return Infinity;
    const headroom = Math.max(
      datagram,
      HEADROOM * (1 - lostShare) * this.value,
    );
    return Math.min(this.value, Math.max(this.value - headroom, least));
  }

  /**
   * Losses have shown that `inFlight` is the most; {@linkcode restore} takes it
   * back.
   */
  lower(inFlight: number): void {
    this.#prior = this.value;
    this.value = inFlight;
  }

  /** The losses were none: the bound is at least what it was before. */
  restore(): void {
    this.value = Math.max(this.value, this.#prior);
  }

  onProbeRefill(): void {
    this.#rounds = 0;
    this.#acked = 0;
  }

  /** A round of a probe begins: in each the bound rises twice as fast. */
  onProbeRound(window: number, datagram: number): void {
    const growth = 2 ** this.#rounds;
    this.#rounds = Math.min(this.#rounds + 1, ROUNDS_MAX);
    this.#bytesPerStep = Math.max(window / growth, datagram);
  }

  /** Raises the bound for what was acknowledged while it was all in use. */
  raise(ackedBytes: number, datagram: number): void {
    this.#acked += ackedBytes;
    if (this.#acked < this.#bytesPerStep) return;
    const steps = Math.floor(this.#acked / this.#bytesPerStep);
    this.#acked -= steps * this.#bytesPerStep;
    this.value += steps * datagram;
  }

  onProbeEnd(): void {
    this.#bytesPerStep = Infinity;
  }
}
