/**
 * The header of a transport packet: everything before the sealed frames, and
 * the associated data they are sealed with. The layout is in `docs/wire.md`.
 *
 * Handshake packets have a type from 1 to 5 in byte 0 instead, see
 * `handshake_packet.ts`.
 */

import { TAG_LENGTH } from "./aead.ts";
import type { PacketNumberLength } from "./packet_number.ts";
import type { WireWriter } from "./wire_buffer.ts";

export const CONNECTION_ID_LENGTH = 8;
/** Bytes of the longest header. */
export const PACKET_HEADER_MAX: number = 1 + CONNECTION_ID_LENGTH + 4;
/** Bytes of the shortest transport packet: one-byte number, nothing sealed. */
export const TRANSPORT_PACKET_MIN: number = 2 + CONNECTION_ID_LENGTH +
  TAG_LENGTH;

const FIXED_BIT = 0x40;
const KEY_PHASE_BIT = 0x04;
const LENGTH_MASK = 0x03;

/** Which of two successive keys sealed a packet. */
export type KeyPhase = 0 | 1;

/** What {@linkcode decodePacketHeader} reads; the connection id is at bytes 1 to 8. */
export interface PacketHeader {
  readonly keyPhase: KeyPhase;
  /** The packet number as it is on the wire. */
  readonly truncated: number;
  /** How many bytes it took. */
  readonly packetNumberLength: PacketNumberLength;
  /** Bytes of the whole header. */
  readonly length: number;
}

/** Whether `packet` claims to be a transport packet and is long enough for one. */
export function isTransportPacket(packet: Uint8Array): boolean {
  return packet.length >= TRANSPORT_PACKET_MIN &&
    (packet[0] & ~(KEY_PHASE_BIT | LENGTH_MASK)) === FIXED_BIT;
}

/**
 * A map key for a connection id.
 *
 * @param bytes Where the id lies, by default a transport packet.
 * @param offset Where it starts, 0 for the id alone.
 */
export function connectionIdKey(bytes: Uint8Array, offset = 1): string {
  return String.fromCharCode(
    (bytes[offset] << 8) | bytes[offset + 1],
    (bytes[offset + 2] << 8) | bytes[offset + 3],
    (bytes[offset + 4] << 8) | bytes[offset + 5],
    (bytes[offset + 6] << 8) | bytes[offset + 7],
  );
}

/** Writes a header. */
export function writePacketHeader(
  writer: WireWriter,
  connectionId: Uint8Array,
  keyPhase: KeyPhase,
  packetNumber: number,
  length: PacketNumberLength,
): void {
  writer.u8(FIXED_BIT | (keyPhase ? KEY_PHASE_BIT : 0) | (length - 1));
  writer.bytes(connectionId);
  // The low 32 bits: all that can go out, exact for any safe integer.
  const low = packetNumber >>> 0;
  for (let shift = 8 * (length - 1); shift >= 0; shift -= 8) {
    writer.u8((low >>> shift) & 0xff);
  }
}

/**
 * Reads a header.
 *
 * @returns `undefined` when `packet` is no transport packet.
 */
export function decodePacketHeader(
  packet: Uint8Array,
): PacketHeader | undefined {
  if (!isTransportPacket(packet)) return undefined;
  const first = packet[0];
  const packetNumberLength = ((first & LENGTH_MASK) + 1) as PacketNumberLength;
  const start = 1 + CONNECTION_ID_LENGTH;
  const length = start + packetNumberLength;
  if (packet.length < length + TAG_LENGTH) return undefined;
  let truncated = 0;
  for (let i = start; i < length; i++) truncated = truncated * 256 + packet[i];
  return {
    keyPhase: first & KEY_PHASE_BIT ? 1 : 0,
    truncated,
    packetNumberLength,
    length,
  };
}
