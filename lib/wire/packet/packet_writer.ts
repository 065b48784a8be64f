/** From frames to a datagram: packet numbers, headers, padding and the seal. */

import { TAG_LENGTH } from "./aead.ts";
import { writePacketHeader } from "./packet_header.ts";
import {
  type PacketNumberLength,
  packetNumberLength,
} from "./packet_number.ts";
import type { PacketProtection } from "./packet_protection.ts";
import { WireWriter } from "./wire_buffer.ts";

/** Bytes of a number that eight million later ones may overtake. */
const OVERTAKEN_LENGTH = 3;

/**
 * Writes the packets of one connection, one at a time: {@linkcode begin}, the
 * frames, {@linkcode seal}. A packet that is begun and not sealed never was.
 */
export class PacketWriter {
  readonly #protection: PacketProtection;
  readonly #remoteId: Uint8Array;
  readonly #leastLength: PacketNumberLength;
  readonly #writer = new WireWriter(new Uint8Array(0));
  /** Number of the next packet to be sealed. */
  number = 0;
  /** Packets sealed. */
  sealed = 0;
  #headerLength = 0;

  /**
   * Writes to the connection id `remoteId` with the keys of `protection`.
   *
   * @param overtaken Whether packets may be overtaken by many more than are in
   * flight, as on two paths at a time: their numbers are longer.
   */
  constructor(
    protection: PacketProtection,
    remoteId: Uint8Array,
    overtaken = false,
  ) {
    this.#protection = protection;
    this.#remoteId = remoteId;
    this.#leastLength = overtaken ? OVERTAKEN_LENGTH : 1;
  }

  get empty(): boolean {
    return this.#writer.offset === this.#headerLength;
  }

  /**
   * Starts a packet in `out` with its header.
   *
   * @param largestAcked Largest number the peer has acknowledged, −1 for none.
   * @param pto The probe time-out, in milliseconds: keys change no faster.
   * @returns Where the frames go; the seal's room is not part of it.
   */
  begin(
    now: number,
    out: Uint8Array,
    size: number,
    largestAcked: number,
    pto: number,
  ): WireWriter {
    this.#protection.maybeRekey(now, pto);
    const writer = this.#writer;
    writer.target = out;
    writer.offset = 0;
    writePacketHeader(
      writer,
      this.#remoteId,
      this.#protection.sendKeyPhase,
      this.number,
      packetNumberLength(this.number, largestAcked, this.#leastLength),
    );
    this.#headerLength = writer.offset;
    writer.target = out.subarray(0, size - TAG_LENGTH);
    return writer;
  }

  /** Fills the rest of the packet with PADDING frames. */
  pad(): void {
    const { target, offset } = this.#writer;
    target.fill(0, offset);
    this.#writer.offset = target.length;
  }

  /**
   * Seals the packet.
   *
   * @returns Bytes of the datagram.
   * @throws {TransportError} `AEAD_LIMIT_REACHED` when the key is used up.
   */
  seal(now: number): number {
    const { target, offset: end } = this.#writer;
    const { buffer, byteOffset: base } = target;
    const start = this.#headerLength;
    this.#protection.seal(
      now,
      this.number++,
      new Uint8Array(buffer, base, start),
      new Uint8Array(buffer, base + start, end - start),
      new Uint8Array(buffer, base + start, end - start + TAG_LENGTH),
    );
    this.sealed++;
    return end + TAG_LENGTH;
  }
}
