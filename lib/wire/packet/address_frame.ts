/**
 * Frames that tell addresses: where a node may be met directly, and where a
 * node sees its peer.
 */

import { DIRECT_ADDRESSES_MAX } from "../../limits.ts";
import { FrameType } from "./frame_type.ts";
import { TransportError, TransportErrorCode } from "./transport_error.ts";
import {
  varintLength,
  type WireReader,
  type WireWriter,
} from "./wire_buffer.ts";

/** An address as it travels: no text, so no name and no zone. */
export interface HostAddress {
  /** 4 bytes of IPv4 or 16 of IPv6. */
  readonly host: Uint8Array;
  /** UDP port, not 0. */
  readonly port: number;
}

/** An ADDRESSES frame. */
export interface AddressesFrame {
  /** Counts the rounds of one connection; the initiator begins each. */
  readonly round: number;
  /** Where the sender may be reached, at most `DIRECT_ADDRESSES_MAX`. */
  readonly addresses: readonly HostAddress[];
}

/** Reads the rest of an ADDRESSES frame; the bytes are copied. */
export function readAddresses(reader: WireReader): AddressesFrame {
  const round = reader.varint();
  const count = reader.varint();
  if (count > DIRECT_ADDRESSES_MAX) {
    refuse(`ADDRESSES frame with ${count} addresses`);
  }
  const addresses: HostAddress[] = [];
  for (let i = 0; i < count; i++) addresses.push(readAddress(reader));
  return { round, addresses };
}

/** Reads the rest of an OBSERVED_ADDRESS frame, or one address; copied. */
export function readAddress(reader: WireReader): HostAddress {
  const length = reader.u8();
  if (length !== 4 && length !== 16) refuse(`address of ${length} bytes`);
  const host = reader.bytes(length).slice();
  const port = reader.u16();
  if (port === 0) refuse("address with port 0");
  return { host, port };
}

/**
 * Writes an ADDRESSES frame.
 *
 * @returns Whether it fitted; else nothing is written.
 */
export function writeAddresses(
  writer: WireWriter,
  { round, addresses }: AddressesFrame,
): boolean {
  let length = 1 + varintLength(round) + varintLength(addresses.length);
  for (const { host } of addresses) length += 1 + host.length + 2;
  if (length > writer.remaining) return false;
  writer.u8(FrameType.ADDRESSES);
  writer.varint(round);
  writer.varint(addresses.length);
  for (const address of addresses) writeAddress(writer, address);
  return true;
}

/**
 * Writes an OBSERVED_ADDRESS frame.
 *
 * @returns Whether it fitted; else nothing is written.
 */
export function writeObserved(
  writer: WireWriter,
  address: HostAddress,
): boolean {
  if (4 + address.host.length > writer.remaining) return false;
  writer.u8(FrameType.OBSERVED_ADDRESS);
  writeAddress(writer, address);
  return true;
}

function writeAddress(writer: WireWriter, { host, port }: HostAddress): void {
  writer.u8(host.length);
  writer.bytes(host);
  writer.u16(port);
}

function refuse(message: string): never {
  throw new TransportError(TransportErrorCode.FRAME_ENCODING_ERROR, message);
}
