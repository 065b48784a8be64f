/**
 * Remembers which packet numbers have been accepted (RFC 6479: a ring of words,
 * so that sliding never shifts bits).
 */

import { REPLAY_WINDOW } from "../../limits.ts";

// One word more than the window: the word being entered is partly ahead of it.
const WORDS = REPLAY_WINDOW / 32 + 1;

/** A sliding window over the last {@linkcode REPLAY_WINDOW} packet numbers. */
export class ReplayWindow {
  readonly #bits = new Uint32Array(WORDS);
  #highest = -1;

  /**
   * Whether a packet of this number may be accepted: it is neither committed
   * already nor older than the window. Ask before opening the packet.
   */
  isFresh(packetNumber: number): boolean {
    if (packetNumber > this.#highest) return true;
    if (packetNumber <= this.#highest - REPLAY_WINDOW) return false;
    const word = this.#bits[Math.floor(packetNumber / 32) % WORDS];
    return (word & (1 << (packetNumber % 32))) === 0;
  }

  /** Marks a number as accepted, once its packet has proved authentic. */
  commit(packetNumber: number): void {
    const word = Math.floor(packetNumber / 32);
    if (packetNumber > this.#highest) {
      const before = Math.floor(this.#highest / 32);
      const stale = Math.min(word - before, WORDS);
      for (let i = 0; i < stale; i++) this.#bits[(word - i) % WORDS] = 0;
      this.#highest = packetNumber;
    } else if (packetNumber <= this.#highest - REPLAY_WINDOW) {
      return;
    }
    this.#bits[word % WORDS] |= 1 << (packetNumber % 32);
  }
}
