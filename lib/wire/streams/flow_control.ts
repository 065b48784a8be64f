/**
 * Flow control of a connection: the credit that all its streams share, in each
 * direction (RFC 9000 §4.1). That of one stream is in its halves.
 */

import {
  TransportError,
  TransportErrorCode,
} from "../packet/transport_error.ts";

/** Credit for stream data, both what the peer gave and what it was given. */
export class FlowControl {
  readonly #window: number;
  #sendLimit: number;
  #sent = 0;
  #receiveLimit: number;
  #received = 0;
  #consumed = 0;

  /** Whether the peer should get a MAX_DATA; {@linkcode raiseLimit} clears it. */
  owesLimit = false;

  /**
   * Starts with nothing sent and nothing received.
   *
   * @param window Bytes the peer may send beyond what was consumed.
   * @param sendLimit Bytes the peer lets us send, at the start.
   */
  constructor(window: number, sendLimit: number) {
    this.#window = window;
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

  onMaxData(limit: number): void {
    this.#sendLimit = Math.max(this.#sendLimit, limit);
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
    if (this.#receiveLimit - this.#consumed < this.#window / 2) {
      this.owesLimit = true;
    }
  }

  /** The limit that a MAX_DATA sent now would tell. */
  get nextLimit(): number {
    return this.#consumed + this.#window;
  }

  raiseLimit(): void {
    this.owesLimit = false;
    this.#receiveLimit = this.nextLimit;
  }
}
