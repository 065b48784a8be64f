/**
 * What the streams of a connection have to send, lost data first, then new data
 * in the turns of `stream_scheduler.ts`.
 */

import { streamHeaderLength, writeStreamHeader } from "../packet/frame.ts";
import { varintLength, type WireWriter } from "../packet/wire_buffer.ts";
import type { FlowControl } from "./flow_control.ts";
import type { SendRange } from "./send_stream.ts";
import type { SentFrame } from "./sent_frame.ts";
import type { Stream } from "./stream.ts";
import {
  QUANTUM,
  type StreamClass,
  StreamScheduler,
} from "./stream_scheduler.ts";

/** The streams that have something to send. */
export class StreamOutput {
  readonly #scheduler = new StreamScheduler<Stream>();
  readonly #withLost = new Set<Stream>();
  /** Streams whose own limit holds their data back. */
  readonly #blocked = new Set<Stream>();
  readonly #flow: FlowControl;
  readonly #range: SendRange = { offset: 0, length: 0, fin: false, fresh: 0 };
  /** Bytes of stream data that were sent again. */
  bytesRetransmitted = 0;

  /** @param flow The credit that the streams share. */
  constructor(flow: FlowControl) {
    this.#flow = flow;
  }

  /** Whether something can be sent under the present limits. */
  get hasData(): boolean {
    return this.hasLost ||
      (!this.#scheduler.empty && this.#sendable(this.#scheduler.peek()!));
  }

  /** Whether lost data waits to be sent again. */
  get hasLost(): boolean {
    return this.#withLost.size > 0;
  }

  /** Whether data waits that only credit of the peer is missing for. */
  get blocked(): boolean {
    return this.#blocked.size > 0 || (!this.#scheduler.empty && !this.hasData);
  }

  /**
   * Bytes of the next stream that were never sent and can be under the peer's
   * limits; 0 for a lone FIN, −1 for nothing.
   */
  get nextNew(): number {
    const stream = this.#scheduler.peek();
    if (stream === undefined || !this.#sendable(stream)) return -1;
    const { written, maxData, sent } = stream.send;
    return Math.min(Math.min(written, maxData) - sent, this.#flow.credit);
  }

  /** The stream may have something new. */
  schedule(stream: Stream): void {
    if (stream.send.hasNew) this.#scheduler.add(stream);
    else if (stream.send.blocked) this.#blocked.add(stream);
  }

  setClass(stream: Stream, schedulingClass: StreamClass): void {
    this.#scheduler.reclassify(stream, schedulingClass);
  }

  /** The peer has raised the limit of the stream. */
  onCredit(stream: Stream): void {
    this.#blocked.delete(stream);
    this.schedule(stream);
  }

  /** Something of the stream was lost. */
  onLost(stream: Stream): void {
    if (stream.send.hasLost) this.#withLost.add(stream);
  }

  /** The stream has nothing to send any more. */
  remove(stream: Stream): void {
    this.#scheduler.remove(stream);
    this.#withLost.delete(stream);
    this.#blocked.delete(stream);
  }

  /**
   * Writes STREAM frames until the packet is full or nothing may be sent.
   *
   * @param onSent Called with each stream that something new was sent of.
   * @param budget Bytes of new data at most.
   * @param turnBytes Bytes of one stream before it is the next one's turn.
   * @returns Bytes of new data, where there is a budget.
   */
  write(
    writer: WireWriter,
    sent: SentFrame[],
    onSent: (stream: Stream) => void,
    budget: number,
    turnBytes: number,
  ): number {
    if (!this.#writeLost(writer, "interactive", sent)) return 0;
    if (!this.#writeLost(writer, "bulk", sent)) return 0;
    this.#scheduler.turnBytes = Math.min(turnBytes, QUANTUM);
    let left = budget;
    for (;;) {
      const stream = this.#scheduler.peek();
      if (stream === undefined) break;
      if (!stream.send.hasNew) {
        this.#unschedule(stream);
        continue;
      }
      const credit = Math.min(this.#flow.credit, left);
      if (!isSendable(stream, credit)) break;
      const bytes = this.#writeFrame(writer, stream, credit, sent);
      if (bytes < 0) break;
      left -= this.#range.fresh;
      if (stream.send.hasNew) this.#scheduler.charge(stream, bytes);
      else this.#unschedule(stream);
      onSent(stream);
    }
    return budget === Infinity ? 0 : budget - left;
  }

  /** What was written of the stream has been taken back. */
  unschedule(stream: Stream): void {
    this.#scheduler.remove(stream);
    this.#blocked.delete(stream);
  }

  /** Writes what was lost of one class; returns whether all of it fitted. */
  #writeLost(
    writer: WireWriter,
    schedulingClass: StreamClass,
    sent: SentFrame[],
  ): boolean {
    for (const stream of this.#withLost) {
      if (stream.schedulingClass !== schedulingClass) continue;
      while (stream.send.hasLost) {
        if (this.#writeFrame(writer, stream, 0, sent) < 0) return false;
      }
      this.#withLost.delete(stream);
    }
    return true;
  }

  /** Takes a stream that can send no more out of the turns. */
  #unschedule(stream: Stream): void {
    this.#scheduler.remove(stream);
    if (stream.send.blocked) this.#blocked.add(stream);
  }

  #sendable(stream: Stream): boolean {
    return isSendable(stream, this.#flow.credit);
  }

  /** Writes one STREAM frame; returns its size, or -1 when none fits. */
  #writeFrame(
    writer: WireWriter,
    stream: Stream,
    credit: number,
    sent: SentFrame[],
  ): number {
    const room = writer.remaining;
    // The offset is at most what was written, the length at most the room.
    const header = streamHeaderLength(stream.id, stream.send.written, room);
    if (room <= header) return -1;
    const range = this.#range;
    if (!stream.send.take(room - header, credit, range)) return 0;
    const { offset, length, fin } = range;
    writeStreamHeader(writer, stream.id, offset, length, fin);
    stream.send.copy(offset, length, writer.target, writer.offset);
    writer.offset += length;
    this.#flow.onSent(range.fresh);
    this.bytesRetransmitted += length - range.fresh;
    sent.push({ kind: "stream", stream, offset, length, fin });
    return length + varintLength(length) + header;
  }
}

/** Whether credit suffices for something new; a lone FIN needs none. */
function isSendable({ send }: Stream, credit: number): boolean {
  return credit > 0 || send.sent === send.written;
}
