/**
 * Frames as values, for tests: what a packet's payload is made of, and what
 * reading it gives back.
 */

import type { AckFrame } from "../packet/ack_ranges.ts";
import {
  type AddressesFrame,
  type HostAddress,
  writeAddresses,
  writeObserved,
} from "../packet/address_frame.ts";
import {
  ACK_DELAY_UNIT_MS,
  readFrames,
  writeAck,
  writeClose,
  writeRelay,
  writeStreamHeader,
  writeVarintFrame,
} from "../packet/frame.ts";
import { FrameType } from "../packet/frame_type.ts";
import { WireWriter } from "../packet/wire_buffer.ts";

/** Any frame but PADDING. */
export type Frame =
  | { type: "ping" }
  | { type: "ack" } & AckFrame
  | { type: "reset_stream"; id: number; code: number; finalSize: number }
  | { type: "stop_sending"; id: number; code: number }
  | {
    type: "stream";
    id: number;
    offset: number;
    data: Uint8Array;
    fin: boolean;
  }
  | { type: "max_data"; limit: number }
  | { type: "max_stream_data"; id: number; limit: number }
  | { type: "max_streams"; limit: number }
  | { type: "max_rate"; bytesPerSecond: number }
  | { type: "ack_frequency"; packets: number; delayMs: number }
  | { type: "path_challenge"; data: Uint8Array }
  | { type: "path_response"; data: Uint8Array }
  | { type: "close"; application: boolean; code: number; reason: string }
  | { type: "relay"; nodeId: bigint; payload: Uint8Array }
  | { type: "addresses" } & AddressesFrame
  | { type: "observed"; address: HostAddress };

/** Writes one frame. */
export function writeFrame(writer: WireWriter, frame: Frame): void {
  const control = (type: number, ...fields: number[]): void => {
    writeVarintFrame(writer, type, ...fields);
  };
  switch (frame.type) {
    case "ping":
      return writer.u8(FrameType.PING);
    case "ack":
      writeAck(writer, frame.ranges, frame.delay);
      return;
    case "reset_stream":
      control(FrameType.RESET_STREAM, frame.id, frame.code, frame.finalSize);
      return;
    case "stop_sending":
      return control(FrameType.STOP_SENDING, frame.id, frame.code);
    case "stream": {
      const { id, offset, data, fin } = frame;
      writeStreamHeader(writer, id, offset, data.length, fin);
      return writer.bytes(data);
    }
    case "max_data":
      return control(FrameType.MAX_DATA, frame.limit);
    case "max_stream_data":
      return control(FrameType.MAX_STREAM_DATA, frame.id, frame.limit);
    case "max_streams":
      return control(FrameType.MAX_STREAMS, frame.limit);
    case "max_rate":
      return control(FrameType.MAX_RATE, frame.bytesPerSecond);
    case "ack_frequency": {
      const delay = Math.round(frame.delayMs / ACK_DELAY_UNIT_MS);
      return control(FrameType.ACK_FREQUENCY, frame.packets, delay);
    }
    case "path_challenge":
      writer.u8(FrameType.PATH_CHALLENGE);
      return writer.bytes(frame.data);
    case "path_response":
      writer.u8(FrameType.PATH_RESPONSE);
      return writer.bytes(frame.data);
    case "close":
      return writeClose(writer, frame);
    case "relay":
      return writeRelay(writer, frame.nodeId, frame.payload);
    case "addresses":
      writeAddresses(writer, frame);
      return;
    case "observed":
      writeObserved(writer, frame.address);
      return;
  }
}

const scratch = new Uint8Array(65_536);

/** Writes frames one after the other. */
export function encodeFrames(...frames: Frame[]): Uint8Array {
  const writer = new WireWriter(scratch);
  for (const frame of frames) writeFrame(writer, frame);
  return writer.written().slice();
}

/** Reads a payload into values; PING and PADDING leave no trace. */
export function decodeFrames(
  payload: Uint8Array,
): { frames: Frame[]; ackEliciting: boolean } {
  const frames: Frame[] = [];
  const push = (frame: Frame): void => {
    frames.push(frame);
  };
  const ackEliciting = readFrames({ payload }, {
    onAck: (ack) => push({ type: "ack", ...structuredClone(ack) }),
    onResetStream: (id, code, finalSize) =>
      push({ type: "reset_stream", id, code, finalSize }),
    onStopSending: (id, code) => push({ type: "stop_sending", id, code }),
    onStream: (id, offset, data, fin) =>
      push({ type: "stream", id, offset, data: data.slice(), fin }),
    onMaxData: (limit) => push({ type: "max_data", limit }),
    onMaxStreamData: (id, limit) =>
      push({ type: "max_stream_data", id, limit }),
    onMaxStreams: (limit) => push({ type: "max_streams", limit }),
    onMaxRate: (bytesPerSecond) => push({ type: "max_rate", bytesPerSecond }),
    onAckFrequency: (packets, delayMs) =>
      push({ type: "ack_frequency", packets, delayMs }),
    onPathChallenge: (data) =>
      push({ type: "path_challenge", data: data.slice() }),
    onPathResponse: (data) =>
      push({ type: "path_response", data: data.slice() }),
    onClose: (frame) => push({ type: "close", ...frame }),
    onRelay: (nodeId, payload) =>
      push({ type: "relay", nodeId, payload: payload.slice() }),
    onAddresses: (frame) => push({ type: "addresses", ...frame }),
    onObserved: (address) => push({ type: "observed", address }),
  });
  return { frames, ackEliciting };
}
