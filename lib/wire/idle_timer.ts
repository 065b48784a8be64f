/**
 * How long a silent peer is waited for, and when to ask whether it is there
 * (RFC 9000 §10.1).
 *
 * @module
 */

/** A connection must survive this many probe time-outs (RFC 9000 §10.1). */
const IDLE_PTOS = 3;
/** Longest that can make the wait, in milliseconds: a peer that acknowledges late on purpose makes a probe time-out any length. */
const IDLE_PTOS_MAX_MS = 60_000;
/** Keep-alive PINGs in one idle time-out: two may get lost. */
const PINGS_PER_TIMEOUT = 3;

/** The idle time-out of one connection. */
export class IdleTimer {
  readonly #timeout: number;
  #lastReceived: number;
  #from: number;
  /** Whether the peer has been asked for a sign of life since its last. */
  #asked = false;

  /**
   * Starts to wait.
   *
   * @param timeout The idle time-out both ends agreed on, in milliseconds.
   */
  constructor(timeout: number, now: number) {
    this.#timeout = timeout;
    this.#lastReceived = this.#from = now;
  }

  /** An authentic packet came. */
  onReceived(now: number): void {
    this.#lastReceived = this.#from = now;
    this.#asked = false;
  }

  /** A packet that must be acknowledged went out; the first one starts the wait anew. */
  onElicitingSent(now: number): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#from = now;
  }

  /**
   * When the peer is given up.
   *
   * @param pto The probe time-out, in milliseconds.
   */
  deadline(pto: number): number {
    const probes = Math.min(IDLE_PTOS * pto, IDLE_PTOS_MAX_MS);
    return this.#from + Math.max(this.#timeout, probes);
  }

  /** When a PING keeps the connection alive; infinite while an answer is awaited. */
  get pingDue(): number {
    return this.#asked ? Infinity : this.#from + this.#timeout /
        PINGS_PER_TIMEOUT;
  }

  /** Milliseconds since the last sign of life. */
  silence(now: number): number {
    return now - this.#lastReceived;
  }
}
