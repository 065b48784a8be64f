/**
 * The control frames that streams owe the peer: new limits, RESET_STREAM and
 * STOP_SENDING. A lost one goes out again, with the values of then, as long as
 * it still matters (RFC 9000 §13.3).
 */

import type { FlowControl } from "./flow_control.ts";
import { RATE_NONE, writeVarintFrame } from "../packet/frame.ts";
import { FrameType } from "../packet/frame_type.ts";
import { sentControl, type SentFrame } from "./sent_frame.ts";
import type { Stream } from "./stream.ts";
import type { StreamIds } from "./stream_ids.ts";
import type { WireWriter } from "../packet/wire_buffer.ts";

/** Control frames of the streams of one connection. */
export class ControlFrames {
  /** Streams whose peer is owed a RESET_STREAM. */
  readonly resets: Set<Stream> = new Set();
  /** Streams whose peer is owed a STOP_SENDING. */
  readonly stops: Set<Stream> = new Set();
  /** Streams whose peer is owed a MAX_STREAM_DATA. */
  readonly limits: Set<Stream> = new Set();
  /** Bytes of content per second that the peer is owed a MAX_RATE for. */
  #maxRate: number | undefined;
  #owesRate = false;
  readonly #flow: FlowControl;
  readonly #ids: StreamIds;

  /** Also writes the limits that `flow` and `ids` owe. */
  constructor(flow: FlowControl, ids: StreamIds) {
    this.#flow = flow;
    this.#ids = ids;
  }

  /** Whether a frame waits to be sent. */
  get pending(): boolean {
    return this.#flow.owesLimit || this.#ids.owesLimit || this.#owesRate ||
      this.resets.size > 0 || this.stops.size > 0 || this.limits.size > 0;
  }

  /** Tells the peer how fast to send; infinite for no limit. */
  askForRate(bytesPerSecond: number): void {
    // The largest number of the frame is no limit either.
    this.#maxRate = Math.min(Math.ceil(bytesPerSecond), RATE_NONE);
    this.#owesRate = true;
  }

  /** The stream is over: nothing is owed for it any more. */
  forget(stream: Stream): void {
    this.resets.delete(stream);
    this.stops.delete(stream);
    this.limits.delete(stream);
  }

  /**
   * Writes what is owed, as much as fits, and notes it in `sent`.
   *
   * @param rtt Milliseconds without queues; infinite when unknown.
   */
  write(writer: WireWriter, sent: SentFrame[], now: number, rtt: number): void {
    const write = (type: number, ...fields: number[]): boolean =>
      writeVarintFrame(writer, type, ...fields);
    if (this.#owesRate && this.#maxRate !== undefined) {
      if (!write(FrameType.MAX_RATE, this.#maxRate)) return;
      this.#owesRate = false;
      sent.push(sentControl("max_rate", undefined));
    }
    const flow = this.#flow;
    if (flow.owesLimit) {
      flow.grow(now, rtt);
      if (!write(FrameType.MAX_DATA, flow.nextLimit(now))) return;
      flow.raiseLimit(now);
      sent.push(sentControl("max_data", undefined));
    }
    const ids = this.#ids;
    if (ids.owesLimit) {
      if (!write(FrameType.MAX_STREAMS, ids.nextLimit)) return;
      ids.raiseLimit();
      sent.push(sentControl("max_streams", undefined));
    }
    for (const stream of this.resets) {
      const { resetCode = 0, sent: size } = stream.send;
      if (!write(FrameType.RESET_STREAM, stream.id, resetCode, size)) return;
      this.resets.delete(stream);
      sent.push(sentControl("reset", stream));
    }
    for (const stream of this.stops) {
      const { stopCode = 0 } = stream.receive;
      if (!write(FrameType.STOP_SENDING, stream.id, stopCode)) return;
      this.stops.delete(stream);
      sent.push(sentControl("stop", stream));
    }
    for (const stream of this.limits) {
      const { receive } = stream;
      receive.grow(now, rtt);
      const { nextLimit } = receive;
      if (!write(FrameType.MAX_STREAM_DATA, stream.id, nextLimit)) return;
      receive.raiseLimit(now);
      this.limits.delete(stream);
      sent.push(sentControl("max_stream_data", stream));
    }
  }

  /** A frame that {@linkcode write} wrote was lost. */
  onLost({ kind, stream }: SentFrame): void {
    if (kind === "max_data") this.#flow.owesLimit = true;
    else if (kind === "max_rate") this.#owesRate = true;
    else if (kind === "max_streams") this.#ids.owesLimit = true;
    else if (stream === undefined) return;
    else if (kind === "reset") {
      if (!stream.send.done) this.resets.add(stream);
    } else if (kind === "stop") {
      if (!stream.receive.done) this.stops.add(stream);
    } else if (kind === "max_stream_data") {
      if (!stream.receive.complete && !stream.receive.done) {
        this.limits.add(stream);
      }
    }
  }
}
