/**
 * Frames as values, for tests: what a packet's payload is made of, and what
 * reading it gives back.
 *
 * @module
 */

import {
  type FrameHandler,
  type FrameSummary,
  FrameType,
  readFrames,
  writeAck,
  writeClose,
  writePathFrame,
  writeRelay,
  writeStreamHeader,
  writeVarintFrame,
} from "../packet/frame.ts";
import { WireReader, WireWriter } from "../packet/wire_buffer.ts";

/** Any frame but PADDING. */
export type Frame =
  | { type: "ping" }
  | { type: "ack"; ranges: { start: number; end: number }[]; delay: number }
  | { type: "reset_stream"; id: number; code: number; finalSize: number }
  | { type: "stop_sending"; id: number; code: number }
  | {
    type: "stream";
    id: number;
    offset: number;
    data: Uint8Array;
    fin: boolean;
    /** Runs to the end of the packet instead of giving its length. */
    last?: boolean;
  }
  | { type: "max_data"; limit: number }
  | { type: "max_stream_data"; id: number; limit: number }
  | { type: "max_streams"; limit: number }
  | { type: "path_challenge"; data: Uint8Array }
  | { type: "path_response"; data: Uint8Array }
  | { type: "close"; application: boolean; code: number; reason: string }
  | { type: "relay"; nodeId: bigint; payload: Uint8Array };

/** Writes one frame. */
export function writeFrame(writer: WireWriter, frame: Frame): void {
  switch (frame.type) {
    case "ping":
      return writer.u8(FrameType.PING);
    case "ack":
      writeAck(writer, frame.ranges, frame.delay);
      return;
    case "reset_stream":
      return writeVarintFrame(
        writer,
        FrameType.RESET_STREAM,
        frame.id,
        frame.code,
        frame.finalSize,
      );
    case "stop_sending":
      return writeVarintFrame(
        writer,
        FrameType.STOP_SENDING,
        frame.id,
        frame.code,
      );
    case "stream": {
      const length = frame.last ? undefined : frame.data.length;
      writeStreamHeader(writer, frame.id, frame.offset, length, frame.fin);
      return writer.bytes(frame.data);
    }
    case "max_data":
      return writeVarintFrame(writer, FrameType.MAX_DATA, frame.limit);
    case "max_stream_data":
      return writeVarintFrame(
        writer,
        FrameType.MAX_STREAM_DATA,
        frame.id,
        frame.limit,
      );
    case "max_streams":
      return writeVarintFrame(writer, FrameType.MAX_STREAMS, frame.limit);
    case "path_challenge":
      return writePathFrame(writer, FrameType.PATH_CHALLENGE, frame.data);
    case "path_response":
      return writePathFrame(writer, FrameType.PATH_RESPONSE, frame.data);
    case "close":
      return writeClose(writer, frame.application, frame.code, frame.reason);
    case "relay":
      return writeRelay(writer, frame.nodeId, frame.payload);
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
): { frames: Frame[]; summary: FrameSummary } {
  const frames: Frame[] = [];
  const handler: FrameHandler = {
    onAck: ({ ranges, delay }) =>
      frames.push({
        type: "ack",
        ranges: ranges.map((range) => ({ ...range })),
        delay,
      }),
    onResetStream: (id, code, finalSize) =>
      frames.push({ type: "reset_stream", id, code, finalSize }),
    onStopSending: (id, code) =>
      frames.push({ type: "stop_sending", id, code }),
    onStream: (id, offset, data, fin) =>
      frames.push({ type: "stream", id, offset, data: data.slice(), fin }),
    onMaxData: (limit) => frames.push({ type: "max_data", limit }),
    onMaxStreamData: (id, limit) =>
      frames.push({ type: "max_stream_data", id, limit }),
    onMaxStreams: (limit) => frames.push({ type: "max_streams", limit }),
    onPathChallenge: (data) =>
      frames.push({ type: "path_challenge", data: data.slice() }),
    onPathResponse: (data) =>
      frames.push({ type: "path_response", data: data.slice() }),
    onClose: (application, code, reason) =>
      frames.push({ type: "close", application, code, reason }),
    onRelay: (nodeId, payload) =>
      frames.push({ type: "relay", nodeId, payload: payload.slice() }),
  };
  const summary = readFrames(new WireReader(payload), handler);
  return { frames, summary };
}
