/**
 * Frames inside a protected packet (RFC 9000 §19, without what has no use
 * here, and with RELAY). Reading hands each frame to a {@linkcode FrameHandler},
 * so that the packet path makes no object per frame. Layout: `docs/wire.md`.
 */

import { ACK_RANGES_MAX, CLOSE_REASON_MAX } from "../../limits.ts";
import { escapeText } from "../../text/escape.ts";
import type { AckFrame } from "./ack_ranges.ts";
import {
  type AddressesFrame,
  type HostAddress,
  readAddress,
  readAddresses,
} from "./address_frame.ts";
import { FrameType } from "./frame_type.ts";
import { TransportError, TransportErrorCode } from "./transport_error.ts";
import { varintLength, WireReader, type WireWriter } from "./wire_buffer.ts";

/** What MAX_RATE tells when there is no limit: no line is as fast. */
export const RATE_NONE: number = Number.MAX_SAFE_INTEGER;

const STREAM_FIN = 0x01;
const STREAM_LEN = 0x02;
const STREAM_OFF = 0x04;

/**
 * Largest ack_delay exponent unit: delays travel in units of 8 µs (RFC 9000
 * §18.2 default exponent 3).
 */
export const ACK_DELAY_UNIT_MS = 0.008;

/** A CLOSE frame. */
export interface CloseFrame {
  /** Whether the application, not the transport, ended the connection. */
  readonly application: boolean;
  /** Error code, 0 for an ordinary end. */
  readonly code: number;
  readonly reason: string;
}

/**
 * Receives the frames of one packet, in order, each with the packet it came
 * in. Bytes are views of the packet.
 */
export interface FrameHandler<P> {
  onAck(frame: AckFrame, packet: P): void;
  onResetStream(id: number, code: number, finalSize: number, packet: P): void;
  onStopSending(id: number, code: number, packet: P): void;
  onStream(
    id: number,
    offset: number,
    data: Uint8Array,
    fin: boolean,
    packet: P,
  ): void;
  onMaxData(limit: number, packet: P): void;
  onMaxStreamData(id: number, limit: number, packet: P): void;
  onMaxStreams(limit: number, packet: P): void;
  /** @param bytesPerSecond More than 0; infinite for no limit. */
  onMaxRate(bytesPerSecond: number, packet: P): void;
  /**
   * @param packets More than 0.
   * @param delayMs Longest wait for as many.
   */
  onAckFrequency(packets: number, delayMs: number, packet: P): void;
  onPathChallenge(data: Uint8Array, packet: P): void;
  onPathResponse(data: Uint8Array, packet: P): void;
  onClose(frame: CloseFrame, packet: P): void;
  onRelay(nodeId: bigint, payload: Uint8Array, packet: P): void;
  onAddresses(frame: AddressesFrame, packet: P): void;
  onObserved(address: HostAddress, packet: P): void;
}

/**
 * Reads all frames of a packet.
 *
 * @returns Whether the packet must be acknowledged (RFC 9002 §2).
 * @throws {TransportError} `FRAME_ENCODING_ERROR` for a cut or unknown frame,
 * `PROTOCOL_VIOLATION` for a packet without frames (RFC 9000 §12.4), or with two
 * ACK frames.
 */
export function readFrames<P extends { readonly payload: Uint8Array }>(
  packet: P,
  handler: FrameHandler<P>,
): boolean {
  const reader = new WireReader(packet.payload);
  if (reader.remaining === 0) {
    violate("packet without frames");
  }
  let ackEliciting = false;
  let acks = 0;
  while (reader.remaining > 0) {
    const type = reader.u8();
    switch (type) {
      case FrameType.PADDING:
        break;
      case FrameType.ACK:
        // One tells all; many of them would cost far more than their bytes.
        if (++acks > 1) violate("packet with two ACK frames");
        handler.onAck(readAck(reader), packet);
        break;
      case FrameType.CLOSE_TRANSPORT:
      case FrameType.CLOSE_APPLICATION: {
        const application = type === FrameType.CLOSE_APPLICATION;
        handler.onClose(readClose(reader, application), packet);
        // Whatever may follow it concerns a connection that is over.
        return ackEliciting;
      }
      default:
        ackEliciting = true;
        if ((type & ~0x07) === FrameType.STREAM) {
          readStream(reader, handler, type, packet);
        } else readControl(reader, handler, type, packet);
    }
  }
  return ackEliciting;
}

/**
 * Whether a packet has nothing but what probes a path (RFC 9000 §9.1): it does
 * not tell that its sender has moved. Only its first bytes are looked at.
 */
export function isProbing(payload: Uint8Array): boolean {
  let at = 0;
  while (at < payload.length) {
    const type = payload[at];
    const isPath = type === FrameType.PATH_CHALLENGE ||
      type === FrameType.PATH_RESPONSE;
    // Padding ends a packet of ours; else anything might follow it.
    if (type === FrameType.PADDING) return at > 0;
    if (!isPath) return false;
    at += 9;
  }
  return at > 0;
}

function readStream<P>(
  reader: WireReader,
  handler: FrameHandler<P>,
  type: number,
  packet: P,
): void {
  const id = reader.varint();
  const offset = type & STREAM_OFF ? reader.varint() : 0;
  const length = type & STREAM_LEN ? reader.varint() : reader.remaining;
  if (offset + length > Number.MAX_SAFE_INTEGER) {
    refuse("STREAM frame passes the largest offset");
  }
  const data = reader.bytes(length);
  handler.onStream(id, offset, data, (type & STREAM_FIN) !== 0, packet);
}

function readControl<P>(
  reader: WireReader,
  handler: FrameHandler<P>,
  type: number,
  packet: P,
): void {
  switch (type) {
    case FrameType.PING:
      return;
    case FrameType.RESET_STREAM:
      return handler.onResetStream(
        reader.varint(),
        reader.varint(),
        reader.varint(),
        packet,
      );
    case FrameType.STOP_SENDING:
      return handler.onStopSending(reader.varint(), reader.varint(), packet);
    case FrameType.MAX_DATA:
      return handler.onMaxData(reader.varint(), packet);
    case FrameType.MAX_STREAM_DATA:
      return handler.onMaxStreamData(reader.varint(), reader.varint(), packet);
    case FrameType.MAX_STREAMS:
      return handler.onMaxStreams(reader.varint(), packet);
    case FrameType.MAX_RATE: {
      const rate = reader.varint();
      if (rate === 0) refuse("MAX_RATE frame with no rate at all");
      return handler.onMaxRate(rate < RATE_NONE ? rate : Infinity, packet);
    }
    case FrameType.ACK_FREQUENCY: {
      const packets = reader.varint();
      if (packets === 0) refuse("ACK_FREQUENCY frame for no packets at all");
      const delay = reader.varint() * ACK_DELAY_UNIT_MS;
      return handler.onAckFrequency(packets, delay, packet);
    }
    case FrameType.PATH_CHALLENGE:
      return handler.onPathChallenge(reader.bytes(8), packet);
    case FrameType.PATH_RESPONSE:
      return handler.onPathResponse(reader.bytes(8), packet);
    case FrameType.ADDRESSES:
      return handler.onAddresses(readAddresses(reader), packet);
    case FrameType.OBSERVED_ADDRESS:
      return handler.onObserved(readAddress(reader), packet);
    case FrameType.RELAY: {
      const id = reader.bytes(8);
      const nodeId = new DataView(id.buffer, id.byteOffset, 8).getBigUint64(0);
      return handler.onRelay(nodeId, reader.bytes(reader.varint()), packet);
    }
    default:
      refuse(`unknown frame type 0x${type.toString(16).padStart(2, "0")}`);
  }
}

function violate(message: string): never {
  throw new TransportError(TransportErrorCode.PROTOCOL_VIOLATION, message);
}

function refuse(message: string): never {
  throw new TransportError(TransportErrorCode.FRAME_ENCODING_ERROR, message);
}

function readAck(reader: WireReader): AckFrame {
  const largest = reader.varint();
  const delay = reader.varint() * ACK_DELAY_UNIT_MS;
  const count = reader.varint();
  // The count leaves the first one out.
  if (count >= ACK_RANGES_MAX) refuse(`ACK frame with ${count + 1} ranges`);
  let start = largest - reader.varint();
  const ranges = [{ start, end: largest }];
  for (let i = 0; i < count; i++) {
    const end = start - reader.varint() - 2;
    start = end - reader.varint();
    ranges.push({ start, end });
  }
  if (start < 0) refuse("ACK frame acknowledges a negative packet number");
  return { ranges, delay };
}

function readClose(reader: WireReader, application: boolean): CloseFrame {
  const code = reader.varint();
  const bytes = reader.bytes(reader.varint()).subarray(0, CLOSE_REASON_MAX);
  // Broken UTF-8 becomes U+FFFD.
  const reason = escapeText(new TextDecoder().decode(bytes));
  return { application, code, reason };
}

/**
 * Writes an ACK frame with as many ranges as fit into `writer`.
 *
 * @param ranges Descending, inclusive, not touching.
 * @param delayMs Since the largest one was received.
 * @returns Whether even the first range fitted.
 */
export function writeAck(
  writer: WireWriter,
  ranges: readonly { start: number; end: number }[],
  delayMs: number,
): boolean {
  const largest = ranges[0].end;
  const delay = Math.max(0, Math.round(delayMs / ACK_DELAY_UNIT_MS));
  const first = largest - ranges[0].start;
  let size = 1 + varintLength(largest) + varintLength(delay) +
    varintLength(ACK_RANGES_MAX) + varintLength(first);
  if (size > writer.remaining) return false;
  let count = 1;
  while (count < ranges.length && count < ACK_RANGES_MAX) {
    const gap = ranges[count - 1].start - ranges[count].end - 2;
    const length = ranges[count].end - ranges[count].start;
    size += varintLength(gap) + varintLength(length);
    if (size > writer.remaining) break;
    count++;
  }
  writer.u8(FrameType.ACK);
  writer.varint(largest);
  writer.varint(delay);
  writer.varint(count - 1);
  writer.varint(first);
  for (let i = 1; i < count; i++) {
    writer.varint(ranges[i - 1].start - ranges[i].end - 2);
    writer.varint(ranges[i].end - ranges[i].start);
  }
  return true;
}

/** Bytes the header of a STREAM frame with `length` bytes of data takes. */
export function streamHeaderLength(
  id: number,
  offset: number,
  length: number,
): number {
  return 1 + varintLength(id) + (offset > 0 ? varintLength(offset) : 0) +
    varintLength(length);
}

/** Writes the header of a STREAM frame; the data follows it. */
export function writeStreamHeader(
  writer: WireWriter,
  id: number,
  offset: number,
  length: number,
  fin: boolean,
): void {
  writer.u8(
    FrameType.STREAM | STREAM_LEN | (offset > 0 ? STREAM_OFF : 0) |
      (fin ? STREAM_FIN : 0),
  );
  writer.varint(id);
  if (offset > 0) writer.varint(offset);
  writer.varint(length);
}

/**
 * Writes a frame that is a type and some varints.
 *
 * @returns Whether it fitted; else nothing is written.
 */
export function writeVarintFrame(
  writer: WireWriter,
  type: number,
  ...fields: number[]
): boolean {
  let length = 1;
  for (const field of fields) length += varintLength(field);
  if (length > writer.remaining) return false;
  writer.u8(type);
  for (const field of fields) writer.varint(field);
  return true;
}

/** Writes a CLOSE frame; the reason is cut to `CLOSE_REASON_MAX` bytes. */
export function writeClose(writer: WireWriter, frame: CloseFrame): void {
  const reason = new TextEncoder().encode(frame.reason)
    .subarray(0, CLOSE_REASON_MAX);
  writer.u8(
    frame.application ? FrameType.CLOSE_APPLICATION : FrameType.CLOSE_TRANSPORT,
  );
  writer.varint(frame.code);
  writer.varint(reason.length);
  writer.bytes(reason);
}

/** Bytes a RELAY frame takes beside its payload, at most. */
export const RELAY_OVERHEAD_MAX = 1 + 8 + 4;

export function writeRelay(
  writer: WireWriter,
  nodeId: bigint,
  payload: Uint8Array,
): void {
  writer.u8(FrameType.RELAY);
  const id = new Uint8Array(8);
  new DataView(id.buffer).setBigUint64(0, nodeId);
  writer.bytes(id);
  writer.varint(payload.length);
  writer.bytes(payload);
}
