/**
 * A connection's last words: the CLOSE it owes the peer, and how long it stays
 * to repeat them (RFC 9000 §10.2).
 *
 * @module
 */

/** Probe time-outs it stays for. */
const LINGER_PTOS = 3;
/** Longest it stays, in milliseconds: a peer that acknowledges late on purpose makes the time-out any length. */
const LINGER_MAX_MS = 10_000;

/** What the CLOSE frame says. */
export interface LastWords {
  /** Whether the application, not the transport, ended the connection. */
  readonly application: boolean;
  /** Error code, 0 for an ordinary end. */
  readonly code: number;
  /** Text for people. */
  readonly reason: string;
}

/** The closing of one connection. */
export class Farewell {
  /** When the connection is forgotten, in milliseconds. */
  readonly deadline: number;
  #owed = true;
  #late = 0;

  /** Owes the peer `words`; `pto` is the probe time-out in milliseconds. */
  constructor(readonly words: LastWords, now: number, pto: number) {
    this.deadline = now + Math.min(LINGER_PTOS * pto, LINGER_MAX_MS);
  }

  /**
   * A packet came after the end. Whoever sent it has not heard, and is told
   * again, ever more rarely: such packets are not opened and may be anyone's.
   */
  onPacket(): void {
    this.#late++;
    if ((this.#late & (this.#late - 1)) === 0) this.#owed = true;
  }

  /** Whether the words must be sent now; asking settles it. */
  take(): boolean {
    const owed = this.#owed;
    this.#owed = false;
    return owed;
  }
}
