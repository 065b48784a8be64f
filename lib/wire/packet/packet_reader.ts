/**
 * From a received datagram to the frames in it: the full packet number, the
 * check against replays, and opening the seal.
 *
 * @module
 */

import type { PacketHeader } from "./packet_header.ts";
import { decodePacketNumber } from "./packet_number.ts";
import type { PacketProtection } from "./packet_protection.ts";
import { ReplayWindow } from "./replay_window.ts";

/** Opens the packets of one connection, each at most once. */
export class PacketReader {
  readonly #protection: PacketProtection;
  readonly #replay = new ReplayWindow();
  #largest = -1;

  /** Number of the packet that was opened last. */
  number = -1;
  /** Whether that number was larger than every one before. */
  newest = false;

  /** Opens with the keys of `protection`. */
  constructor(protection: PacketProtection) {
    this.#protection = protection;
  }

  /**
   * Opens a packet and sets {@linkcode number} and {@linkcode newest}.
   *
   * @param header As parsed from `datagram`.
   * @returns Its frames, `undefined` when it is forged or was here before.
   * @throws {TransportError} `AEAD_LIMIT_REACHED` after too many forgeries.
   */
  open(
    now: number,
    header: PacketHeader,
    datagram: Uint8Array,
  ): Uint8Array | undefined {
    const number = decodePacketNumber(
      this.#largest,
      header.truncated,
      header.packetNumberLength,
    );
    if (number > Number.MAX_SAFE_INTEGER || !this.#replay.isFresh(number)) {
      return undefined;
    }
    const payload = this.#protection.open(
      now,
      header.keyPhase,
      number,
      datagram.subarray(0, header.length),
      datagram.subarray(header.length),
    );
    if (payload === undefined) return undefined;
    this.#replay.commit(number);
    this.number = number;
    this.newest = number > this.#largest;
    if (this.newest) this.#largest = number;
    return payload;
  }
}
