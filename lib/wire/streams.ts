/**
 * All streams of a connection: opening and ending them, flow control of the
 * connection and of each stream, and what they have to send (RFC 9000 §2–§4).
 *
 * @module
 */

import { SEND_RETAINED_MAX } from "../limits.ts";
import {
  FrameType,
  streamHeaderLength,
  varintFrameLength,
  writeStreamHeader,
  writeVarintFrame,
} from "./frame.ts";
import { ReceiveStream } from "./receive_stream.ts";
import { type SendPiece, SendStream } from "./send_stream.ts";
import {
  type Schedulable,
  type StreamClass,
  StreamScheduler,
} from "./stream_scheduler.ts";
import { TransportError, TransportErrorCode } from "./transport_error.ts";
import { varintLength, type WireWriter } from "./wire_buffer.ts";

/** One bidirectional stream. */
export interface Stream extends Schedulable {
  /** Stream id; bit 0 tells who opened it (0: the initiator of the connection). */
  readonly id: number;
  /** What we send. */
  readonly send: SendStream;
  /** What we receive. */
  readonly receive: ReceiveStream;
  /** Whether the application has it; a stream of our own from the start. */
  accepted: boolean;
}

/** What a packet carried, kept until it is acknowledged or lost. */
export interface SentFrame {
  /** Which frame; `ack` is kept to know when ranges may be forgotten. */
  readonly kind:
    | "ack"
    | "stream"
    | "reset"
    | "stop"
    | "max_data"
    | "max_stream_data"
    | "max_streams";
  /** The stream it belongs to. */
  readonly stream: Stream | undefined;
  /** Stream offset; of an ACK the largest number it told. */
  readonly offset: number;
  /** Bytes of stream data. */
  readonly length: number;
  /** Whether the stream ended there. */
  readonly fin: boolean;
}

/** Limits one end sets for the other. */
export interface StreamLimits {
  /** Bytes on all streams together, at the start. */
  initialMaxData: number;
  /** Bytes on each stream, at the start. */
  initialMaxStreamData: number;
  /** Streams open at once. */
  initialMaxStreamsBidi: number;
}

/** What {@linkcode Streams} tells the connection's user. */
export interface StreamsHandler {
  /** The peer opened a stream. */
  onStream(stream: Stream): void;
  /** The peer allows more streams. */
  onStreamsAvailable(): void;
  /** Both ends are done with a stream: all that was sent on it has arrived. */
  onStreamEnd?(): void;
}

const STREAM_ID_STEP = 4;

/** The streams of one connection. */
export class Streams {
  readonly #streams = new Map<number, Stream>();
  readonly #scheduler = new StreamScheduler<Stream>();
  readonly #withLost = new Set<Stream>();
  readonly #resets = new Set<Stream>();
  readonly #stops = new Set<Stream>();
  readonly #limits = new Set<Stream>();
  readonly #piece: SendPiece = { offset: 0, length: 0, fin: false, fresh: 0 };

  #nextLocal: number;
  #nextRemote: number;
  #localOpen = 0;
  #peerMaxStreams: number;
  #localMaxStreams: number;
  #remoteClosed = 0;
  #owesMaxStreams = false;

  #peerMaxData: number;
  #dataSent = 0;
  /** Bytes written and not yet acknowledged, on all streams. */
  #retained = 0;
  #localMaxData: number;
  #dataReceived = 0;
  #dataConsumed = 0;
  #owesMaxData = false;

  /** Starts without streams; `initiator` tells which ids are ours. */
  constructor(
    private readonly initiator: boolean,
    private readonly local: StreamLimits,
    private readonly peer: StreamLimits,
    private readonly handler: StreamsHandler,
  ) {
    this.#nextLocal = initiator ? 0 : 1;
    this.#nextRemote = initiator ? 1 : 0;
    this.#peerMaxStreams = peer.initialMaxStreamsBidi;
    this.#localMaxStreams = local.initialMaxStreamsBidi;
    this.#peerMaxData = peer.initialMaxData;
    this.#localMaxData = local.initialMaxData;
  }

  /** Streams that are not over. */
  get open(): number {
    return this.#streams.size;
  }

  /** Every stream that is not over. */
  all(): Iterable<Stream> {
    return this.#streams.values();
  }

  /** Whether the peer lets us open another stream. */
  get canOpen(): boolean {
    return this.#localOpen < this.#peerMaxStreams;
  }

  /** Opens a stream, or returns `undefined` while the peer's limit is reached. */
  openStream(): Stream | undefined {
    if (!this.canOpen) return undefined;
    const stream = this.#create(this.#nextLocal);
    this.#nextLocal += STREAM_ID_STEP;
    this.#localOpen++;
    return stream;
  }

  // --- what the application does ---------------------------------------------

  /**
   * The application takes a stream that the peer opened. Until then the stream
   * counts against the peer's limit, even when it is over: a peer that opens
   * and abandons streams faster than they are taken must wait.
   */
  accept(stream: Stream): void {
    if (stream.accepted) return;
    stream.accepted = true;
    if (!this.#streams.has(stream.id)) this.#allowAnother();
  }

  /** Appends data to a stream; the bytes must not change until acknowledged. */
  write(stream: Stream, bytes: Uint8Array): void {
    const before = stream.send.retained;
    stream.send.write(bytes);
    this.#retained += stream.send.retained - before;
    this.#schedule(stream);
  }

  /** Whether the writer of a stream should go on: little waits, and not too much is kept. */
  wantsMore(stream: Stream): boolean {
    return stream.send.wantsMore && this.#retained <= SEND_RETAINED_MAX;
  }

  /** Ends our half of a stream. */
  finish(stream: Stream): void {
    stream.send.finish();
    this.#schedule(stream);
  }

  /** Abandons our half of a stream. */
  reset(stream: Stream, code: number): void {
    if (stream.send.done) return;
    const before = stream.send.retained;
    stream.send.reset(code);
    this.#release(before - stream.send.retained);
    this.#scheduler.remove(stream);
    this.#withLost.delete(stream);
    this.#resets.add(stream);
  }

  /** Tells the peer to stop sending on a stream and drops what it sent. */
  stop(stream: Stream, code: number): void {
    if (stream.receive.done) return;
    const before = stream.receive.consumed;
    stream.receive.stop(code);
    this.#consume(stream.receive.consumed - before);
    this.#stops.add(stream);
    this.#collect(stream);
  }

  /** Copies received data into `target` and returns its length. */
  read(stream: Stream, target: Uint8Array): number {
    const length = stream.receive.read(target);
    if (length > 0) {
      this.#consume(length);
      if (stream.receive.owesLimit) this.#limits.add(stream);
    }
    this.#collect(stream);
    return length;
  }

  /** Moves a stream to another scheduling class. */
  setClass(stream: Stream, schedulingClass: StreamClass): void {
    this.#scheduler.reclassify(stream, schedulingClass);
  }

  // --- what the peer sends ------------------------------------------------------

  /** Takes a STREAM frame; see {@linkcode ReceiveStream.receive} for `owned`. */
  onStream(
    id: number,
    offset: number,
    data: Uint8Array,
    fin: boolean,
    owned: boolean,
  ): void {
    const stream = this.#incoming(id);
    if (stream === undefined) return;
    const receive = stream.receive;
    const before = receive.available;
    const consumed = receive.consumed;
    this.#grow(receive.receive(offset, data, fin, owned));
    this.#consume(receive.consumed - consumed);
    if (receive.available > before || receive.complete) receive.onReadable?.();
    this.#collect(stream);
  }

  /** Takes a RESET_STREAM frame. */
  onReset(id: number, code: number, finalSize: number): void {
    const stream = this.#incoming(id);
    if (stream === undefined) return;
    const consumed = stream.receive.consumed;
    this.#grow(stream.receive.reset(code, finalSize));
    this.#consume(stream.receive.consumed - consumed);
    stream.receive.onReadable?.();
    this.#collect(stream);
  }

  /** Takes a STOP_SENDING frame: our half is reset with its code (RFC 9000 §3.5). */
  onStopSending(id: number, code: number): void {
    const stream = this.#incoming(id);
    if (stream === undefined || stream.send.done) return;
    stream.send.stopCode = code;
    this.reset(stream, code);
    stream.send.onWritable?.();
  }

  /** Takes a MAX_DATA frame. */
  onMaxData(limit: number): void {
    this.#peerMaxData = Math.max(this.#peerMaxData, limit);
  }

  /** Takes a MAX_STREAM_DATA frame. */
  onMaxStreamData(id: number, limit: number): void {
    const stream = this.#incoming(id);
    if (stream === undefined || limit <= stream.send.maxData) return;
    stream.send.maxData = limit;
    this.#schedule(stream);
  }

  /** Takes a MAX_STREAMS frame. */
  onMaxStreams(limit: number): void {
    if (limit <= this.#peerMaxStreams) return;
    this.#peerMaxStreams = limit;
    this.handler.onStreamsAvailable();
  }

  // --- what goes out ------------------------------------------------------------

  /** Whether control frames of streams wait to be sent. */
  get hasControl(): boolean {
    return this.#owesMaxData || this.#owesMaxStreams || this.#resets.size > 0 ||
      this.#stops.size > 0 || this.#limits.size > 0;
  }

  /** Whether stream data can be sent under the present limits. */
  get hasData(): boolean {
    return this.#withLost.size > 0 ||
      (!this.#scheduler.empty && this.#sendable(this.#scheduler.peek()!));
  }

  /** Whether anything can be sent. */
  get hasPending(): boolean {
    return this.hasControl || this.hasData;
  }

  /** Writes control frames, as many as fit. */
  writeControl(writer: WireWriter, sent: SentFrame[]): void {
    if (this.#owesMaxData) {
      const limit = this.#dataConsumed + this.local.initialMaxData;
      if (varintFrameLength(limit) > writer.remaining) return;
      writeVarintFrame(writer, FrameType.MAX_DATA, limit);
      this.#localMaxData = limit;
      this.#owesMaxData = false;
      sent.push(control("max_data", undefined));
    }
    if (this.#owesMaxStreams) {
      const limit = this.#remoteClosed + this.local.initialMaxStreamsBidi;
      if (varintFrameLength(limit) > writer.remaining) return;
      writeVarintFrame(writer, FrameType.MAX_STREAMS, limit);
      this.#localMaxStreams = limit;
      this.#owesMaxStreams = false;
      sent.push(control("max_streams", undefined));
    }
    for (const stream of this.#resets) {
      const { resetCode = 0, sent: size } = stream.send;
      if (varintFrameLength(stream.id, resetCode, size) > writer.remaining) {
        return;
      }
      writeVarintFrame(
        writer,
        FrameType.RESET_STREAM,
        stream.id,
        resetCode,
        size,
      );
      this.#resets.delete(stream);
      sent.push(control("reset", stream));
    }
    for (const stream of this.#stops) {
      const code = stream.receive.stopCode ?? 0;
      if (varintFrameLength(stream.id, code) > writer.remaining) return;
      writeVarintFrame(writer, FrameType.STOP_SENDING, stream.id, code);
      this.#stops.delete(stream);
      sent.push(control("stop", stream));
    }
    for (const stream of this.#limits) {
      const limit = stream.receive.consumed + stream.receive.window;
      if (varintFrameLength(stream.id, limit) > writer.remaining) return;
      writeVarintFrame(
        writer,
        FrameType.MAX_STREAM_DATA,
        stream.id,
        stream.receive.raiseLimit(),
      );
      this.#limits.delete(stream);
      sent.push(control("max_stream_data", stream));
    }
  }

  /** Writes STREAM frames until the packet is full or nothing may be sent. */
  writeData(writer: WireWriter, sent: SentFrame[]): void {
    for (const stream of this.#withLost) {
      while (stream.send.hasLost) {
        if (this.#writePiece(writer, stream, 0, sent) < 0) return;
      }
      this.#withLost.delete(stream);
    }
    for (;;) {
      const stream = this.#scheduler.peek();
      if (stream === undefined) return;
      if (!stream.send.hasNew) {
        this.#scheduler.remove(stream);
        continue;
      }
      if (!this.#sendable(stream)) return;
      const bytes = this.#writePiece(
        writer,
        stream,
        this.#peerMaxData - this.#dataSent,
        sent,
      );
      if (bytes < 0) return;
      if (stream.send.hasNew) this.#scheduler.charge(stream, bytes);
      else this.#scheduler.remove(stream);
      if (this.wantsMore(stream)) stream.send.onWritable?.();
    }
  }

  /** A frame arrived at the peer. */
  onFrameAcked(frame: SentFrame): void {
    const stream = frame.stream;
    if (stream === undefined) return;
    if (frame.kind === "stream") {
      const before = stream.send.retained;
      stream.send.onAcked(frame.offset, frame.length, frame.fin);
      this.#release(before - stream.send.retained);
      if (!stream.send.done) return;
    } else if (frame.kind === "reset") stream.send.onResetAcked();
    else return;
    this.#collect(stream);
  }

  /** A frame was lost: its information goes out again if it still matters. */
  onFrameLost(frame: SentFrame): void {
    const stream = frame.stream;
    if (stream === undefined) {
      if (frame.kind === "max_data") this.#owesMaxData = true;
      if (frame.kind === "max_streams") this.#owesMaxStreams = true;
      return;
    }
    switch (frame.kind) {
      case "stream":
        stream.send.onLost(frame.offset, frame.length, frame.fin);
        if (stream.send.hasLost) this.#withLost.add(stream);
        return;
      case "reset":
        if (!stream.send.done) this.#resets.add(stream);
        return;
      case "stop":
        if (!stream.receive.done) this.#stops.add(stream);
        return;
      case "max_stream_data":
        if (!stream.receive.complete && !stream.receive.done) {
          this.#limits.add(stream);
        }
    }
  }

  // --- inside ---------------------------------------------------------------------

  #create(id: number): Stream {
    const stream: Stream = {
      id,
      send: new SendStream(this.peer.initialMaxStreamData),
      receive: new ReceiveStream(this.local.initialMaxStreamData),
      accepted: this.#isLocal(id),
      schedulingClass: "interactive",
      deficit: 0,
      scheduled: false,
    };
    this.#streams.set(id, stream);
    return stream;
  }

  /** The stream a frame names; opened by it when it is new, `undefined` when it is over. */
  #incoming(id: number): Stream | undefined {
    const known = this.#streams.get(id);
    if (known !== undefined) return known;
    const local = this.#isLocal(id);
    if ((id & 2) !== 0 || (local && id >= this.#nextLocal)) {
      throw new TransportError(
        TransportErrorCode.STREAM_STATE_ERROR,
        `frame for stream ${id}, which does not exist`,
      );
    }
    if (local || id < this.#nextRemote) return undefined;
    if (Math.floor(id / STREAM_ID_STEP) >= this.#localMaxStreams) {
      throw new TransportError(
        TransportErrorCode.STREAM_LIMIT_ERROR,
        `stream ${id} passes the limit of ${this.#localMaxStreams} streams`,
      );
    }
    // A stream opens all lower ones of its kind (RFC 9000 §3.2).
    let stream: Stream | undefined;
    while (this.#nextRemote <= id) {
      stream = this.#create(this.#nextRemote);
      this.#nextRemote += STREAM_ID_STEP;
      this.handler.onStream(stream);
    }
    return stream;
  }

  #isLocal(id: number): boolean {
    return (id & 1) === (this.initiator ? 0 : 1);
  }

  /** Books that `bytes` need not be kept any more. */
  #release(bytes: number): void {
    const full = this.#retained > SEND_RETAINED_MAX;
    this.#retained -= bytes;
    if (!full || this.#retained > SEND_RETAINED_MAX) return;
    for (const stream of this.#streams.values()) {
      if (stream.send.wantsMore) stream.send.onWritable?.();
    }
  }

  #sendable(stream: Stream): boolean {
    // A lone FIN needs no credit.
    return this.#dataSent < this.#peerMaxData ||
      stream.send.sent === stream.send.written;
  }

  #schedule(stream: Stream): void {
    if (stream.send.hasNew) this.#scheduler.add(stream);
  }

  /** Writes one STREAM frame; returns its size, or -1 when none fits. */
  #writePiece(
    writer: WireWriter,
    stream: Stream,
    credit: number,
    sent: SentFrame[],
  ): number {
    const room = writer.remaining;
    // The offset is at most what was written, the length at most the room.
    const header = streamHeaderLength(stream.id, stream.send.written, room);
    if (room <= header) return -1;
    const piece = this.#piece;
    if (!stream.send.take(room - header, credit, piece)) return 0;
    writeStreamHeader(
      writer,
      stream.id,
      piece.offset,
      piece.length,
      piece.fin,
    );
    stream.send.copy(piece.offset, piece.length, writer.target, writer.offset);
    writer.offset += piece.length;
    this.#dataSent += piece.fresh;
    sent.push({
      kind: "stream",
      stream,
      offset: piece.offset,
      length: piece.length,
      fin: piece.fin,
    });
    return piece.length + varintLength(piece.length) + header;
  }

  #grow(bytes: number): void {
    this.#dataReceived += bytes;
    if (this.#dataReceived > this.#localMaxData) {
      throw new TransportError(
        TransportErrorCode.FLOW_CONTROL_ERROR,
        `data on all streams passes the limit ${this.#localMaxData}`,
      );
    }
  }

  #consume(bytes: number): void {
    this.#dataConsumed += bytes;
    if (
      this.#localMaxData - this.#dataConsumed < this.local.initialMaxData / 2
    ) this.#owesMaxData = true;
  }

  #collect(stream: Stream): void {
    if (!stream.send.done || !stream.receive.done) return;
    if (!this.#streams.delete(stream.id)) return;
    this.#scheduler.remove(stream);
    this.#withLost.delete(stream);
    this.#resets.delete(stream);
    this.#stops.delete(stream);
    this.#limits.delete(stream);
    if (!this.#isLocal(stream.id) && stream.accepted) this.#allowAnother();
    this.handler.onStreamEnd?.();
  }

  /** A stream of the peer is over and done with: it may open another one. */
  #allowAnother(): void {
    this.#remoteClosed++;
    const promised = this.#remoteClosed + this.local.initialMaxStreamsBidi;
    if (
      promised - this.#localMaxStreams >= this.local.initialMaxStreamsBidi / 2
    ) this.#owesMaxStreams = true;
  }
}

function control(
  kind: SentFrame["kind"],
  stream: Stream | undefined,
): SentFrame {
  return { kind, stream, offset: 0, length: 0, fin: false };
}
