/**
 * The closing state of a connection: the CLOSE it owes the peer, and how long
 * it stays to repeat it (RFC 9000 §10.2.1).
 */

import type { CloseFrame } from "./packet/frame.ts";

const CLOSING_PTOS = 3;
/**
 * Longest it stays, in milliseconds: a peer that acknowledges late on purpose
 * makes the probe time-out any length.
 */
const CLOSING_MAX_MS = 10_000;

/** A connection that has ended and has to tell the peer. */
export class ClosingState {
  /** When the connection is forgotten, in milliseconds. */
  readonly deadline: number;
  readonly #frame: CloseFrame;
  #owed = true;
  #packets = 0;

  /** Owes the peer `frame`; `pto` is the probe time-out in milliseconds. */
  constructor(frame: CloseFrame, now: number, pto: number) {
    this.#frame = frame;
    this.deadline = now + Math.min(CLOSING_PTOS * pto, CLOSING_MAX_MS);
  }

  /**
   * A packet came after the end. Its sender has not heard, and is told again,
   * ever more rarely: such packets are not opened and may be anyone's.
   */
  onPacket(): void {
    this.#packets++;
    if ((this.#packets & (this.#packets - 1)) === 0) this.#owed = true;
  }

  /** The CLOSE that must be sent now, once each time it is owed. */
  take(): CloseFrame | undefined {
    if (!this.#owed) return undefined;
    this.#owed = false;
    return this.#frame;
  }
}
