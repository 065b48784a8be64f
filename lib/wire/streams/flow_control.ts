/**
 * Flow control of a connection: the credit that all its streams share, in each
 * direction (RFC 9000 §4.1). That of one stream is in its halves.
 */

import {
  TransportError,
  TransportErrorCode,
} from "../packet/transport_error.ts";
import { ReceiveWindow, type WindowBounds } from "./receive_window.ts";

/**
 * How much faster than it was asked to a peer may send, so that credit is no
 * second, rougher limit for one that keeps to the rate.
 */
const RATE_SLACK = 1.1;
/** Milliseconds between two limits for a peer that sends faster. */
const RATE_PAUSE_MS = 500;

/** Credit for stream data, both what the peer gave and what it was given. */
export class FlowControl {
  readonly #window: ReceiveWindow;
  #sendLimit: number;
  #sent = 0;
  #receiveLimit: number;
  #received = 0;
  #consumed = 0;
  /** Bytes per millisecond of credit at most. */
  #rate = Infinity;
  /** When that began, and from which limit on. */
  #rateSince = 0;
  #rateBase = 0;
  /** When a peer that was refused credit for its rate is owed some. */
  #rateDue = Infinity;

  /** Whether the peer should get a MAX_DATA; {@linkcode raiseLimit} clears it. */
  owesLimit = false;

  /**
   * Starts with nothing sent and nothing received.
   *
   * @param window Bytes the peer may send beyond what was consumed.
   * @param sendLimit Bytes the peer lets us send, at the start.
   * @param bounds How large the window may become; it stays without.
   */
  constructor(window: number, sendLimit: number, bounds?: WindowBounds) {
    this.#window = new ReceiveWindow(window, bounds);
    this.#receiveLimit = window;
    this.#sendLimit = sendLimit;
  }

  /** Bytes of new data that may be sent now, on all streams together. */
  get credit(): number {
    return this.#sendLimit - this.#sent;
  }

  /** New data was sent; what goes out again costs nothing. */
  onSent(bytes: number): void {
    this.#sent += bytes;
  }

  /** Takes a MAX_DATA; tells whether it is more than before. */
  onMaxData(limit: number): boolean {
    if (limit <= this.#sendLimit) return false;
    this.#sendLimit = limit;
    return true;
  }

  /**
   * The highest offsets of streams have moved by `bytes`.
   *
   * @throws {TransportError} `FLOW_CONTROL_ERROR` when that passes our limit.
   */
  onReceived(bytes: number): void {
    this.#received += bytes;
    if (this.#received > this.#receiveLimit) {
      throw new TransportError(
        TransportErrorCode.FLOW_CONTROL_ERROR,
        `data on all streams passes the limit ${this.#receiveLimit}`,
      );
    }
  }

  /**
   * The application has read, or given up, `bytes`: from half a window on the
   * peer is owed a new limit.
   */
  onConsumed(bytes: number): void {
    this.#consumed += bytes;
    if (this.#window.isUsedUp(this.#receiveLimit, this.#consumed)) {
      this.owesLimit = true;
    }
  }

  /** The limit that a MAX_DATA sent now would tell. */
  nextLimit(now: number): number {
    const { wanted } = this;
    if (this.#rate === Infinity) return wanted;
    const elapsed = now - this.#rateSince;
    const allowed = this.#rateBase + Math.floor(elapsed * this.#rate);
    return Math.max(this.#receiveLimit, Math.min(wanted, allowed));
  }

  /** Bytes by which the highest offsets of all streams have moved. */
  get received(): number {
    return this.#received;
  }

  /** Credit that the peer has used and not got back: no less than what is kept. */
  get unread(): number {
    return this.#received - this.#consumed;
  }

  /** The limit that leaves a whole window. */
  get wanted(): number {
    return this.#consumed + this.#window.size;
  }

  /**
   * Gives credit no faster than this from now on: a peer that was asked to send
   * slowly and does not is bounded all the same.
   *
   * @param bytesPerSecond Infinite for no limit.
   */
  limitRate(bytesPerSecond: number, now: number): void {
    this.#rate = RATE_SLACK * bytesPerSecond / 1000;
    this.#rateSince = now;
    this.#rateBase = this.#receiveLimit;
    this.#rateDue = now;
  }

  /** When {@linkcode onTimeout} is due; infinite when never. */
  get deadline(): number {
    return this.#rateDue;
  }

  onTimeout(now: number): void {
    if (now < this.#rateDue) return;
    this.#rateDue = Infinity;
    if (this.#window.isUsedUp(this.#receiveLimit, this.#consumed)) {
      this.owesLimit = true;
    }
  }

  /** Before a limit is told: see {@linkcode ReceiveWindow.grow}. */
  grow(now: number, rtt: number): void {
    this.#window.grow(now, rtt, this.#consumed);
  }

  raiseLimit(now: number): void {
    this.owesLimit = false;
    this.#receiveLimit = this.nextLimit(now);
    const isRefused = this.#receiveLimit < this.wanted;
    this.#rateDue = isRefused ? now + RATE_PAUSE_MS : Infinity;
    this.#window.onTold(now, this.#consumed);
  }

  /** The connection is over: others may have what its window has grown by. */
  release(): void {
    this.#window.release();
  }
}
