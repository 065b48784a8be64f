/**
 * The idle time-out of a connection and the PINGs that keep it alive (RFC 9000
 * §10.1).
 */

/** A connection must survive this many probe time-outs (RFC 9000 §10.1). */
const IDLE_PTOS = 3;
/**
 * Longest that can make the wait, in milliseconds: a peer that acknowledges
 * late on purpose makes a probe time-out any length.
 */
const IDLE_PTOS_MAX_MS = 60_000;
/** Keep-alive PINGs in one idle time-out: two may get lost. */
const PINGS_PER_TIMEOUT = 3;

/** The idle time-out of one connection. */
export class IdleTimer {
  readonly #timeout: number;
  #lastReceived: number;
  #restarted: number;
  /** Whether an ack-eliciting packet has been sent since the last one received. */
  #eliciting = false;

  /** Starts to wait for `timeout`, which both ends agreed on, in milliseconds. */
  constructor(timeout: number, now: number) {
    this.#timeout = timeout;
    this.#lastReceived = this.#restarted = now;
  }

  /** An authentic packet came. */
  onReceived(now: number): void {
    this.#lastReceived = this.#restarted = now;
    this.#eliciting = false;
  }

  /** An ack-eliciting packet went out; the first one starts the wait anew. */
  onElicitingSent(now: number): void {
    if (this.#eliciting) return;
    this.#eliciting = true;
    this.#restarted = now;
  }

  /** When the peer is given up; `pto` is the probe time-out, in milliseconds. */
  deadline(pto: number): number {
    const probes = Math.min(IDLE_PTOS * pto, IDLE_PTOS_MAX_MS);
    return this.#restarted + Math.max(this.#timeout, probes);
  }

  /** When a PING keeps the connection alive; infinite while an answer is awaited. */
  get pingDue(): number {
    return this.#eliciting
      ? Infinity
      : this.#restarted + this.#timeout / PINGS_PER_TIMEOUT;
  }

  /** Milliseconds since a packet came. */
  silence(now: number): number {
    return now - this.#lastReceived;
  }
}
