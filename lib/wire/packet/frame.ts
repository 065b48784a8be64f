/**
 * Frames inside a protected packet (RFC 9000 §19, without what has no use
 * here, and with RELAY). Reading hands each frame to a {@linkcode FrameHandler},
 * so that the packet path makes no object per frame.
 *
 * | Type | Frame | Fields (varints unless said otherwise) |
 * |---|---|---|
 * | `00` | PADDING | |
 * | `01` | PING | |
 * | `02` | ACK | largest, delay in units of 8 µs, range count, first range, then gap and length of each range |
 * | `04` | RESET_STREAM | stream, code, final size |
 * | `05` | STOP_SENDING | stream, code |
 * | `08`–`0f` | STREAM | stream, offset if bit 2, length if bit 1, bytes; bit 0 is FIN |
 * | `10` | MAX_DATA | limit |
 * | `11` | MAX_STREAM_DATA | stream, limit |
 * | `12` | MAX_STREAMS | limit |
 * | `1a` | PATH_CHALLENGE | 8 bytes |
 * | `1b` | PATH_RESPONSE | 8 bytes |
 * | `1c`, `1d` | CLOSE by the transport, by the application | code, reason length, reason in UTF-8 |
 * | `30` | RELAY | 8 bytes node id, length, an opaque inner packet |
 *
 * @module
 */

import { ACK_RANGES_MAX, CLOSE_REASON_MAX } from "../../limits.ts";
import type { AckFrame } from "./ack_ranges.ts";
import { TransportError, TransportErrorCode } from "./transport_error.ts";
import {
  varintLength,
  type WireReader,
  type WireWriter,
} from "./wire_buffer.ts";

/** Frame type numbers. */
export const FrameType = {
  PADDING: 0x00,
  PING: 0x01,
  ACK: 0x02,
  RESET_STREAM: 0x04,
  STOP_SENDING: 0x05,
  STREAM: 0x08,
  MAX_DATA: 0x10,
  MAX_STREAM_DATA: 0x11,
  MAX_STREAMS: 0x12,
  PATH_CHALLENGE: 0x1a,
  PATH_RESPONSE: 0x1b,
  CLOSE_TRANSPORT: 0x1c,
  CLOSE_APPLICATION: 0x1d,
  RELAY: 0x30,
} as const;

const STREAM_FIN = 0x01;
const STREAM_LEN = 0x02;
const STREAM_OFF = 0x04;

/** Largest ack_delay exponent unit: delays travel in units of 8 µs (RFC 9000 §18.2 default exponent 3). */
const ACK_DELAY_UNIT_MS = 0.008;

/** Receives the frames of one packet, in order. */
export interface FrameHandler {
  /** An ACK frame. */
  onAck(frame: AckFrame): void;
  /** A RESET_STREAM frame. */
  onResetStream(id: number, code: number, finalSize: number): void;
  /** A STOP_SENDING frame. */
  onStopSending(id: number, code: number): void;
  /** A STREAM frame; `data` is a view of the packet. */
  onStream(id: number, offset: number, data: Uint8Array, fin: boolean): void;
  /** A MAX_DATA frame. */
  onMaxData(limit: number): void;
  /** A MAX_STREAM_DATA frame. */
  onMaxStreamData(id: number, limit: number): void;
  /** A MAX_STREAMS frame. */
  onMaxStreams(limit: number): void;
  /** A PATH_CHALLENGE frame; `data` is a view of the packet. */
  onPathChallenge(data: Uint8Array): void;
  /** A PATH_RESPONSE frame; `data` is a view of the packet. */
  onPathResponse(data: Uint8Array): void;
  /** A CLOSE frame of either kind. */
  onClose(application: boolean, code: number, reason: string): void;
  /** A RELAY frame; `payload` is a view of the packet. */
  onRelay(nodeId: bigint, payload: Uint8Array): void;
}

/** What {@linkcode readFrames} learned of a packet besides its frames. */
export interface FrameSummary {
  /** Whether the packet must be acknowledged (RFC 9002 §2). */
  ackEliciting: boolean;
}

/**
 * Reads all frames of a packet's payload.
 *
 * @throws {TransportError} `FRAME_ENCODING_ERROR` for a cut or unknown frame,
 * `PROTOCOL_VIOLATION` for a packet without frames (RFC 9000 §12.4).
 */
export function readFrames(
  reader: WireReader,
  handler: FrameHandler,
): FrameSummary {
  if (reader.remaining === 0) {
    throw new TransportError(
      TransportErrorCode.PROTOCOL_VIOLATION,
      "packet without frames",
    );
  }
  let ackEliciting = false;
  while (reader.remaining > 0) {
    const type = reader.u8();
    if (type === FrameType.PADDING) continue;
    if (type === FrameType.ACK) {
      handler.onAck(readAck(reader));
      continue;
    }
    if (
      type === FrameType.CLOSE_TRANSPORT || type === FrameType.CLOSE_APPLICATION
    ) {
      // Whatever may follow it concerns a connection that is over.
      readClose(reader, handler, type === FrameType.CLOSE_APPLICATION);
      return { ackEliciting };
    }
    ackEliciting = true;
    if ((type & ~0x07) === FrameType.STREAM) readStream(reader, handler, type);
    else readControl(reader, handler, type);
  }
  return { ackEliciting };
}

function readStream(
  reader: WireReader,
  handler: FrameHandler,
  type: number,
): void {
  const id = reader.varint();
  const offset = type & STREAM_OFF ? reader.varint() : 0;
  const length = type & STREAM_LEN ? reader.varint() : reader.remaining;
  if (offset + length > Number.MAX_SAFE_INTEGER) {
    throw new TransportError(
      TransportErrorCode.FRAME_ENCODING_ERROR,
      "STREAM frame passes the largest offset",
    );
  }
  handler.onStream(
    id,
    offset,
    reader.bytes(length),
    (type & STREAM_FIN) !== 0,
  );
}

function readControl(
  reader: WireReader,
  handler: FrameHandler,
  type: number,
): void {
  switch (type) {
    case FrameType.PING:
      return;
    case FrameType.RESET_STREAM:
      return handler.onResetStream(
        reader.varint(),
        reader.varint(),
        reader.varint(),
      );
    case FrameType.STOP_SENDING:
      return handler.onStopSending(reader.varint(), reader.varint());
    case FrameType.MAX_DATA:
      return handler.onMaxData(reader.varint());
    case FrameType.MAX_STREAM_DATA:
      return handler.onMaxStreamData(reader.varint(), reader.varint());
    case FrameType.MAX_STREAMS:
      return handler.onMaxStreams(reader.varint());
    case FrameType.PATH_CHALLENGE:
      return handler.onPathChallenge(reader.bytes(8));
    case FrameType.PATH_RESPONSE:
      return handler.onPathResponse(reader.bytes(8));
    case FrameType.RELAY: {
      const id = reader.bytes(8);
      const nodeId = new DataView(id.buffer, id.byteOffset, 8).getBigUint64(0);
      return handler.onRelay(nodeId, reader.bytes(reader.varint()));
    }
    default:
      throw new TransportError(
        TransportErrorCode.FRAME_ENCODING_ERROR,
        `unknown frame type 0x${type.toString(16).padStart(2, "0")}`,
      );
  }
}

function readAck(reader: WireReader): AckFrame {
  const largest = reader.varint();
  const delay = reader.varint() * ACK_DELAY_UNIT_MS;
  const count = reader.varint();
  let start = largest - reader.varint();
  const ranges = [{ start, end: largest }];
  for (let i = 0; i < count; i++) {
    if (i >= ACK_RANGES_MAX * 4) {
      throw new TransportError(
        TransportErrorCode.FRAME_ENCODING_ERROR,
        `ACK frame with ${count} ranges`,
      );
    }
    const end = start - reader.varint() - 2;
    start = end - reader.varint();
    ranges.push({ start, end });
  }
  if (start < 0) {
    throw new TransportError(
      TransportErrorCode.FRAME_ENCODING_ERROR,
      "ACK frame acknowledges a negative packet number",
    );
  }
  return { ranges, delay };
}

function readClose(
  reader: WireReader,
  handler: FrameHandler,
  application: boolean,
): void {
  const code = reader.varint();
  const reason = reader.bytes(reader.varint());
  // A reason is for people: cut it, and let broken UTF-8 become U+FFFD, as well
  // as what would move the cursor or the order of letters on their terminal.
  handler.onClose(
    application,
    code,
    new TextDecoder().decode(reason.subarray(0, CLOSE_REASON_MAX))
      .replace(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd"),
  );
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

/**
 * Bytes the header of a STREAM frame takes.
 *
 * @param length Bytes of data, for the length field; `undefined` when the
 * frame runs to the end of the packet.
 */
export function streamHeaderLength(
  id: number,
  offset: number,
  length: number | undefined,
): number {
  return 1 + varintLength(id) + (offset > 0 ? varintLength(offset) : 0) +
    (length === undefined ? 0 : varintLength(length));
}

/** Writes the header of a STREAM frame; the data follows it. */
export function writeStreamHeader(
  writer: WireWriter,
  id: number,
  offset: number,
  length: number | undefined,
  fin: boolean,
): void {
  writer.u8(
    FrameType.STREAM | (offset > 0 ? STREAM_OFF : 0) |
      (length === undefined ? 0 : STREAM_LEN) | (fin ? STREAM_FIN : 0),
  );
  writer.varint(id);
  if (offset > 0) writer.varint(offset);
  if (length !== undefined) writer.varint(length);
}

/** Writes a frame that is a type and up to three varints. */
export function writeVarintFrame(
  writer: WireWriter,
  type: number,
  ...fields: number[]
): void {
  writer.u8(type);
  for (const field of fields) writer.varint(field);
}

/** Bytes a frame of {@linkcode writeVarintFrame} takes. */
export function varintFrameLength(...fields: number[]): number {
  let length = 1;
  for (const field of fields) length += varintLength(field);
  return length;
}

/** Writes PATH_CHALLENGE or PATH_RESPONSE with its 8 bytes. */
export function writePathFrame(
  writer: WireWriter,
  type: number,
  data: Uint8Array,
): void {
  writer.u8(type);
  writer.bytes(data);
}

/** Writes a CLOSE frame; the reason is cut to `CLOSE_REASON_MAX` bytes. */
export function writeClose(
  writer: WireWriter,
  application: boolean,
  code: number,
  reason: string,
): void {
  const text = new TextEncoder().encode(reason).subarray(0, CLOSE_REASON_MAX);
  writer.u8(
    application ? FrameType.CLOSE_APPLICATION : FrameType.CLOSE_TRANSPORT,
  );
  writer.varint(code);
  writer.varint(text.length);
  writer.bytes(text);
}

/** Bytes a RELAY frame takes beside its payload, at most. */
export const RELAY_OVERHEAD_MAX = 1 + 8 + 4;

/** Writes a RELAY frame. */
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
