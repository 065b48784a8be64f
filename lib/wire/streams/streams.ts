/**
 * All streams of a connection: opening and ending them, where received frames
 * go, and what their users do with them (RFC 9000 §2–§4). Which streams may exist
 * is `stream_ids.ts`, the credit they share `flow_control.ts`, what unread data
 * costs `unread_cost.ts`, what goes out `stream_output.ts`.
 */

import { FlowControl } from "./flow_control.ts";
import { ReceiveStream } from "./receive_stream.ts";
import { RetainedBytes } from "./retained_bytes.ts";
import { SendStream } from "./send_stream.ts";
import type { SentFrame } from "./sent_frame.ts";
import { newStream, type Stream } from "./stream.ts";
import type { StreamsHandler } from "./streams_handler.ts";
import { ControlFrames } from "./control_frames.ts";
import { StreamIds } from "./stream_ids.ts";
import type { StreamLimits, WindowGrowth } from "./stream_limits.ts";
import { StreamOutput } from "./stream_output.ts";
import type { StreamClass } from "./stream_scheduler.ts";
import type { UnreadShare } from "./unread_budget.ts";
import { UnreadCost } from "./unread_cost.ts";
import type { WireWriter } from "../packet/wire_buffer.ts";

export class Streams {
  readonly #streams = new Map<number, Stream>();
  readonly #output: StreamOutput;
  readonly #flow: FlowControl;
  readonly #unread: UnreadCost;
  readonly #ids: StreamIds;
  readonly #control: ControlFrames;
  readonly #retained = new RetainedBytes();
  /** Whether a MAX_DATA of the packet that is being read has raised the limit. */
  #creditRose = false;
  readonly #onSent = (stream: Stream): void => {
    const { send } = stream;
    if (this.wantsMore(stream)) send.onWritable?.();
    if (send.sent === send.written) send.onProgress?.();
  };

  /**
   * Starts without streams.
   *
   * @param initiator Tells which ids are ours.
   * @param growth Windows keep their size without.
   * @param unread Counts what is kept of all connections, where others count.
   */
  constructor(
    initiator: boolean,
    private readonly local: StreamLimits,
    private readonly peer: StreamLimits,
    private readonly handler: StreamsHandler,
    private readonly growth?: WindowGrowth,
    unread?: UnreadShare,
  ) {
    this.#flow = new FlowControl(
      local.initialMaxData,
      peer.initialMaxData,
      growth?.connection,
    );
    this.#unread = new UnreadCost(this.#flow, unread);
    this.#output = new StreamOutput(this.#flow);
    this.#ids = new StreamIds(
      initiator,
      local.initialMaxStreamsBidi,
      peer.initialMaxStreamsBidi,
    );
    this.#control = new ControlFrames(this.#flow, this.#ids);
  }

  /** Streams that are not over. */
  get open(): number {
    return this.#streams.size;
  }

  /** Bytes of data that came for the first time. */
  get received(): number {
    return this.#flow.received;
  }

  all(): Iterable<Stream> {
    return this.#streams.values();
  }

  /** Whether the peer may send data on a stream and has not sent all of it. */
  get awaitsData(): boolean {
    for (const { receive } of this.#streams.values()) {
      if (receive.awaitsData) return true;
    }
    return false;
  }

  /** Opens a stream, or returns `undefined` while the peer's limit is reached. */
  openStream(): Stream | undefined {
    const id = this.#ids.open();
    return id === undefined ? undefined : this.#create(id);
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
    if (!this.#streams.has(stream.id)) this.#ids.onRemoteOver();
  }

  /** Appends data to a stream; the bytes must not change until acknowledged. */
  write(stream: Stream, bytes: Uint8Array): void {
    const before = stream.send.retained;
    stream.send.write(bytes);
    this.#retained.add(stream.send.retained - before);
    this.#output.schedule(stream);
  }

  /**
   * Whether the writer of a stream should go on: little waits, and not too much
   * is kept.
   */
  wantsMore(stream: Stream): boolean {
    return stream.send.wantsMore && !this.#retained.isFull;
  }

  /** Bytes that the peer's limits let leave of a stream beyond what has. */
  creditOf({ send }: Stream): number {
    return Math.max(0, Math.min(send.maxData - send.sent, this.#flow.credit));
  }

  /** See {@linkcode SendStream.retract}. */
  retract(stream: Stream, keep: number): void {
    const before = stream.send.retained;
    stream.send.retract(keep);
    if (!stream.send.hasNew) this.#output.unschedule(stream);
    this.#release(before - stream.send.retained);
    stream.send.onWritable?.();
  }

  finish(stream: Stream): void {
    stream.send.finish();
    this.#output.schedule(stream);
  }

  reset(stream: Stream, code: number): void {
    if (stream.send.done) return;
    const before = stream.send.retained;
    stream.send.reset(code);
    this.#release(before - stream.send.retained);
    this.#output.remove(stream);
    this.#control.resets.add(stream);
  }

  /** Tells the peer to stop sending on a stream and drops what it sent. */
  stop(stream: Stream, code: number): void {
    if (stream.receive.done) return;
    const { consumed, pieces } = stream.receive;
    stream.receive.stop(code);
    this.#flow.onConsumed(stream.receive.consumed - consumed);
    this.#unread.onPieces(stream.receive.pieces - pieces);
    this.#control.stops.add(stream);
    this.#collect(stream);
  }

  /** Copies received data into `target` and returns its length. */
  read(stream: Stream, target: Uint8Array): number {
    const length = stream.receive.read(target);
    if (length > 0) {
      this.#flow.onConsumed(length);
      this.#unread.onRead();
      if (stream.receive.owesLimit) this.#control.limits.add(stream);
    }
    this.#collect(stream);
    return length;
  }

  setClass(stream: Stream, schedulingClass: StreamClass): void {
    this.#output.setClass(stream, schedulingClass);
  }

  /** The connection is over. */
  end(): void {
    this.#flow.release();
    this.#unread.leave();
  }

  /** Asks the peer to send no more content than that; infinite for no limit. */
  limitReceiving(bytesPerSecond: number, now: number): void {
    if (!(bytesPerSecond > 0)) {
      throw new RangeError(`Cannot receive ${bytesPerSecond} bytes per second`);
    }
    this.#flow.limitRate(bytesPerSecond, now);
    this.#control.askForRate(bytesPerSecond);
  }

  /** When {@linkcode onTimeout} is due; infinite when never. */
  get deadline(): number {
    return this.#flow.deadline;
  }

  onTimeout(now: number): void {
    this.#flow.onTimeout(now);
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
    const { consumed, pieces } = receive;
    this.#flow.onReceived(receive.receive(offset, data, fin, owned));
    this.#flow.onConsumed(receive.consumed - consumed);
    this.#unread.onPieces(receive.pieces - pieces);
    if (receive.available > before || receive.complete) receive.onReadable?.();
    this.#collect(stream);
  }

  onReset(id: number, code: number, finalSize: number): void {
    const stream = this.#incoming(id);
    if (stream === undefined) return;
    const { consumed, pieces } = stream.receive;
    this.#flow.onReceived(stream.receive.reset(code, finalSize));
    this.#flow.onConsumed(stream.receive.consumed - consumed);
    this.#unread.onPieces(stream.receive.pieces - pieces);
    stream.receive.onReadable?.();
    this.#collect(stream);
  }

  /** Takes a STOP_SENDING frame: our half is reset with its code (RFC 9000 §3.5). */
  onStopSending(id: number, code: number): void {
    const stream = this.#incoming(id);
    if (stream === undefined || stream.send.done) return;
    stream.send.stopCode = code;
    // Where it is said again, the reset is on its way.
    if (stream.send.resetCode === undefined) this.reset(stream, code);
    stream.send.onWritable?.();
  }

  onMaxData(limit: number): void {
    if (this.#flow.onMaxData(limit)) this.#creditRose = true;
  }

  /**
   * All frames of a packet were taken. What concerns every stream is done once
   * for them all: a packet has room for hundreds of MAX_DATA.
   */
  onPacketRead(): void {
    if (!this.#creditRose) return;
    this.#creditRose = false;
    for (const { send } of this.#streams.values()) send.onProgress?.();
  }

  onMaxStreamData(id: number, limit: number): void {
    const stream = this.#incoming(id);
    if (stream === undefined || limit <= stream.send.maxData) return;
    stream.send.maxData = limit;
    this.#output.onCredit(stream);
    stream.send.onProgress?.();
  }

  onMaxStreams(limit: number): void {
    if (this.#ids.onMaxStreams(limit)) this.handler.onStreamsAvailable();
  }

  // --- what goes out ------------------------------------------------------------

  /** Whether control frames of streams wait to be sent. */
  get hasControl(): boolean {
    return this.#control.pending;
  }

  /** Whether stream data can be sent under the present limits. */
  get hasData(): boolean {
    return this.#output.hasData;
  }

  /** Whether data waits that only credit of the peer is missing for. */
  get blocked(): boolean {
    return this.#output.blocked;
  }

  /** Whether lost data waits to be sent again. */
  get hasLost(): boolean {
    return this.#output.hasLost;
  }

  /** See {@linkcode StreamOutput.nextNew}. */
  get nextNew(): number {
    return this.#output.nextNew;
  }

  /** Bytes of stream data that were sent again. */
  get bytesRetransmitted(): number {
    return this.#output.bytesRetransmitted;
  }

  /** Writes control frames; see {@linkcode ControlFrames.write}. */
  writeControl(
    writer: WireWriter,
    sent: SentFrame[],
    now: number,
    rtt: number,
  ): void {
    this.#control.write(writer, sent, now, rtt);
  }

  /** Writes STREAM frames; see {@linkcode StreamOutput.write}. */
  writeData(
    writer: WireWriter,
    sent: SentFrame[],
    budget = Infinity,
    turnBytes = Infinity,
  ): number {
    return this.#output.write(writer, sent, this.#onSent, budget, turnBytes);
  }

  onFrameAcked(frame: SentFrame): void {
    const stream = frame.stream;
    if (stream === undefined) return;
    if (frame.kind === "stream") {
      const before = stream.send.retained;
      stream.send.onAcked(frame.offset, frame.length, frame.fin);
      this.#release(before - stream.send.retained);
      if (stream.send.retained === 0) stream.send.onProgress?.();
      if (!stream.send.done) return;
    } else if (frame.kind === "reset") stream.send.onResetAcked();
    else return;
    this.#collect(stream);
  }

  /** A frame was lost: its information goes out again if it still matters. */
  onFrameLost(frame: SentFrame): void {
    const stream = frame.stream;
    if (frame.kind !== "stream" || stream === undefined) {
      this.#control.onLost(frame);
      return;
    }
    stream.send.onLost(frame.offset, frame.length, frame.fin);
    this.#output.onLost(stream);
  }

  // --- inside ---------------------------------------------------------------------

  #create(id: number): Stream {
    const send = new SendStream(this.peer.initialMaxStreamData);
    const receive = new ReceiveStream(
      this.local.initialMaxStreamData,
      this.growth?.stream,
    );
    const stream = newStream(id, send, receive, this.#ids.isLocal(id));
    this.#streams.set(id, stream);
    return stream;
  }

  /**
   * The stream a frame names; opened by it when it is new, `undefined` when it
   * is over.
   */
  #incoming(id: number): Stream | undefined {
    const known = this.#streams.get(id);
    if (known !== undefined) return known;
    if (!this.#ids.isNew(id)) return undefined;
    // A stream opens all lower ones of its kind (RFC 9000 §3.2).
    let stream: Stream;
    do {
      stream = this.#create(this.#ids.openRemote());
      this.handler.onStream(stream);
    } while (stream.id < id);
    return stream;
  }

  /** Books that `bytes` need not be kept any more. */
  #release(bytes: number): void {
    if (!this.#retained.release(bytes)) return;
    for (const stream of this.#streams.values()) {
      if (stream.send.wantsMore) stream.send.onWritable?.();
    }
  }

  #collect(stream: Stream): void {
    if (!stream.send.done || !stream.receive.done) return;
    if (!this.#streams.delete(stream.id)) return;
    this.#output.remove(stream);
    this.#control.forget(stream);
    if (!this.#ids.isLocal(stream.id) && stream.accepted) {
      this.#ids.onRemoteOver();
    }
    this.handler.onStreamEnd?.();
  }
}
