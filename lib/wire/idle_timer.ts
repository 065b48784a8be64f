/**
 * The idle time-out of a connection and the PINGs that keep it alive (RFC 9000
 * §10.1), or show whether the way to and from the peer still exists.
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
/**
 * Longest time without a packet before a PING keeps the connection alive, in
 * milliseconds: many NATs forget a mapping after 30 s (RFC 4787 §4.3 asks for
 * more), and the PING may get lost.
 */
const KEEP_ALIVE_MS = 10_000;
/** Probe time-outs of silence after which a peer that owes data is asked … */
const QUIET_PTOS = 3;
/** … or after this many milliseconds, if that is one probe time-out at least. */
const QUIET_MS = 1000;
/** For so many milliseconds after a sleep the peer may tell what it did meanwhile. */
const AWAKE_MS = 10_000;
/** Where the wait between such questions stops doubling. */
const QUESTIONS_MAX = 20;

/** The idle time-out of one connection. */
export class IdleTimer {
  readonly #timeout: number;
  #lastReceived: number;
  #restarted: number;
  /** Whether an ack-eliciting packet has been sent since the last one received. */
  #eliciting = false;
  /** When this end last woke from a sleep that was longer than the time-out. */
  #oversleptAt = -Infinity;
  /** PINGs sent to ask for the peer since it last sent data. */
  #questions = 0;

  /** Starts to wait for `timeout`, which both ends agreed on, in milliseconds. */
  constructor(timeout: number, now: number) {
    this.#timeout = timeout;
    this.#lastReceived = this.#restarted = now;
  }

  /** An authentic packet came. */
  onReceived(now: number): void {
    // It would have been given up, had this end run.
    if (this.silence(now) >= this.#timeout) this.#oversleptAt = now;
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
    return this.#eliciting ? Infinity : this.#restarted +
      Math.min(this.#timeout / PINGS_PER_TIMEOUT, KEEP_ALIVE_MS);
  }

  /**
   * When a peer that owes data is asked whether it is there, since who only
   * receives does not notice that nothing can come: some time after its last
   * packet, and after twice the time each time that it answers without data.
   * Infinite while an answer is awaited.
   */
  questionDue(pto: number): number {
    if (this.#eliciting) return Infinity;
    const quiet = Math.max(pto, Math.min(QUIET_PTOS * pto, QUIET_MS));
    return this.#lastReceived + quiet * 2 ** this.#questions;
  }

  /** The peer was asked, or need not be. */
  onQuestion(): void {
    this.#questions = Math.min(this.#questions + 1, QUESTIONS_MAX);
  }

  /** The peer sent data. */
  onData(): void {
    this.#questions = 0;
  }

  /**
   * The time-out has passed while this end did not run: the wait starts anew.
   */
  onOverslept(now: number): void {
    this.#oversleptAt = now;
    this.#restarted = now;
    this.#eliciting = false;
  }

  /**
   * Whether the time-out has passed since a packet came, or had a moment ago:
   * the peer has given this end up.
   */
  expired(now: number): boolean {
    return this.silence(now) >= this.#timeout ||
      now - this.#oversleptAt < AWAKE_MS;
  }

  /** Milliseconds since the first of the packets that the peer leaves unanswered. */
  unanswered(now: number): number {
    return this.#eliciting ? now - this.#restarted : 0;
  }

  /** Milliseconds since a packet came. */
  silence(now: number): number {
    return now - this.#lastReceived;
  }
}
