/**
 * From a received datagram to the frames in it: the full packet number, the
 * check against replays, and opening the seal.
 */

import type { PacketHeader } from "./packet_header.ts";
import { decodePacketNumber } from "./packet_number.ts";
import type { PacketProtection } from "./packet_protection.ts";
import type { RemoteAddress } from "./remote_address.ts";
import { ReplayWindow } from "./replay_window.ts";

/** An authentic packet, with what its frames are judged by. */
export interface ReceivedPacket {
  /** When it was received, in milliseconds. */
  readonly now: number;
  readonly from: RemoteAddress;
  /** Bytes of its datagram. */
  readonly size: number;
  readonly number: number;
  /** Whether that is larger than every number before. */
  readonly newest: boolean;
  /** Its frames. */
  readonly payload: Uint8Array;
}

/** Opens the packets of one connection, each at most once. */
export class PacketReader {
  readonly #protection: PacketProtection;
  readonly #replay = new ReplayWindow();
  /** Largest packet number so far, −1 before the first. */
  largest = -1;
  /** Packets opened. */
  received = 0;
  /** Bytes of their datagrams. */
  bytes = 0;

  constructor(protection: PacketProtection) {
    this.#protection = protection;
  }

  /**
   * Opens a packet.
   *
   * @param header As parsed from `datagram`.
   * @returns `undefined` when it is forged or was here before.
   * @throws {TransportError} `AEAD_LIMIT_REACHED` after too many forgeries.
   */
  open(
    now: number,
    header: PacketHeader,
    datagram: Uint8Array,
    from: RemoteAddress,
  ): ReceivedPacket | undefined {
    const number = decodePacketNumber(
      this.largest,
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
    this.received++;
    this.bytes += datagram.length;
    const newest = number > this.largest;
    if (newest) this.largest = number;
    return { now, from, size: datagram.length, number, newest, payload };
  }
}
