/**
 * One secure connection as a state machine: datagrams and time in, datagrams
 * and calls of its handler out. It owns no socket, no timer and no clock.
 *
 * The owner calls {@linkcode Connection.receive} for every transport packet
 * that carries its id, {@linkcode Connection.onTimeout} when
 * {@linkcode Connection.nextTimeout} has come, and after either, and after any
 * use of {@linkcode Connection.streams}, {@linkcode Connection.transmit} until
 * that has nothing more. All times are milliseconds on one clock that never
 * goes back.
 *
 * @module
 */

import { DATAGRAM_MIN, IDLE_TIMEOUT_MAX_MS } from "../limits.ts";
import type { AckFrame } from "./ack_ranges.ts";
import { AckPolicy } from "./ack_policy.ts";
import { TAG_LENGTH } from "./aead.ts";
import {
  type FrameHandler,
  FrameType,
  readFrames,
  RELAY_OVERHEAD_MAX,
  writeAck,
  writeClose,
  writePathFrame,
  writeRelay,
} from "./frame.ts";
import { macsEqual } from "./mac.ts";
import {
  PACKET_HEADER_MAX,
  type PacketHeader,
  writePacketHeader,
} from "./packet_header.ts";
import { decodePacketNumber, packetNumberLength } from "./packet_number.ts";
import type { PacketProtection } from "./packet_protection.ts";
import { type PathMessage, PathValidation } from "./path_validation.ts";
import type { RemoteAddress } from "./remote_address.ts";
import { type CongestionAlgorithm, Recovery } from "./recovery.ts";
import { ReplayWindow } from "./replay_window.ts";
import { type SentFrame, Streams, type StreamsHandler } from "./streams.ts";
import { TransportError, TransportErrorCode } from "./transport_error.ts";
import type { TransportParameters } from "./transport_parameters.ts";
import { WireReader, WireWriter } from "./wire_buffer.ts";

/** Why a connection ended. */
export interface ConnectionClose {
  /** Who ended it: `timeout` when the peer went silent, `reset` when it lost its state. */
  by: "local" | "peer" | "timeout" | "reset" | "error";
  /** Code of the CLOSE frame, 0 for an ordinary end. */
  code: number;
  /** Text for people. */
  reason: string;
}

/** What a connection tells its owner. */
export interface ConnectionHandler extends StreamsHandler {
  /** The peer has proved that it is alive and holds the keys. */
  onOpen(): void;
  /** The connection is over; called once. */
  onClose(close: ConnectionClose): void;
  /** A RELAY frame came; `payload` must be copied to be kept. */
  onRelay(nodeId: bigint, payload: Uint8Array): void;
}

/** What a connection is made of; the handshake provides most of it. */
export interface ConnectionOptions {
  /** Whether this end began the handshake. */
  initiator: boolean;
  /** Our connection id: packets to us carry it. */
  localId: Uint8Array;
  /** The peer's connection id: packets from us carry it. */
  remoteId: Uint8Array;
  /** The keys. */
  protection: PacketProtection;
  /** What we told the peer. */
  local: TransportParameters;
  /** What the peer told us. */
  peer: TransportParameters;
  /** Ends the connection when it comes in a stateless reset; the responder's, told to the initiator. */
  resetToken?: Uint8Array;
  /** Where the handshake took place. */
  address: RemoteAddress;
  /** Largest datagram the path may be probed for, in bytes. */
  datagramCeiling: number;
  /**
   * Whether the path is inside this machine: nothing but the peer's socket
   * buffer stores packets there, so no more than that is kept in flight.
   */
  loopback: boolean;
  /** Sends PING when nothing else keeps the connection alive. */
  keepAlive: boolean;
  /** Fills its argument with random bytes. */
  randomBytes: (target: Uint8Array) => Uint8Array;
  /** Receives what happens. */
  handler: ConnectionHandler;
  /** Congestion control. @default {"cubic"} */
  congestion?: CongestionAlgorithm;
  /** Round trip of the handshake in milliseconds, when known. */
  handshakeRtt?: number;
}

/** A datagram that {@linkcode Connection.transmit} has written. */
export interface Transmit {
  /** Its length. */
  length: number;
  /** Where it goes. */
  to: RemoteAddress;
}

/** Relay packets that wait to be sent; more are dropped, as a router would. */
const RELAY_QUEUE_MAX = 256;
/** Packets sent on one probe time-out (RFC 9002 §6.2.4). */
const PTO_PROBES = 2;
/** Probe time-outs a closing connection lingers for (RFC 9000 §10.2). */
const LINGER_PTOS = 3;

/** One secure connection; see the module's description for how to drive it. */
export class Connection {
  /** The streams; call {@linkcode transmit} after using them. */
  readonly streams: Streams;

  readonly #options: ConnectionOptions;
  readonly #recovery: Recovery<SentFrame[]>;
  readonly #acks: AckPolicy;
  readonly #path: PathValidation;
  readonly #replay = new ReplayWindow();
  readonly #frames: FrameHandler;
  readonly #relayQueue: { nodeId: bigint; payload: Uint8Array }[] = [];
  readonly #writer = new WireWriter(new Uint8Array(0));
  readonly #transmit: Transmit;

  #state: "half_open" | "open" | "closing" | "closed" = "half_open";
  #nextNumber = 0;
  #largestReceived = -1;
  #ptoProbes = 0;
  #pingOwed = false;
  #appLimited = true;

  #idleTimeout: number;
  #lastReceived: number;
  #idleFrom: number;
  #elicitedSinceReceived = false;

  #close: { application: boolean; code: number; reason: string } | undefined;
  #closeOwed = false;
  #closeDeadline = Infinity;

  // What the frame handler needs of the packet being read.
  #now = 0;
  #from: RemoteAddress;
  #datagramSize = 0;
  #payloadSize = 0;

  /** Makes the connection that a finished handshake has agreed on. */
  constructor(options: ConnectionOptions, now: number) {
    const { local, peer } = options;
    this.#options = options;
    this.streams = new Streams(
      options.initiator,
      local,
      peer,
      options.handler,
    );
    this.#recovery = new Recovery(
      {
        maxAckDelay: peer.maxAckDelayMs,
        datagramCeiling: Math.min(
          options.datagramCeiling,
          peer.maxDatagramSize,
        ),
        receiveBufferBytes: options.loopback
          ? peer.receiveBufferBytes
          : Infinity,
        handshakeRtt: options.handshakeRtt,
        congestion: options.congestion ?? "cubic",
        random: () => options.randomBytes(new Uint8Array(1))[0] / 256,
      },
      {
        onPacketAcked: (packet) => this.#onFramesAcked(packet.frames),
        onPacketLost: (packet) => this.#onFramesLost(packet.frames),
      },
      now,
    );
    this.#acks = new AckPolicy({
      maxDelay: local.maxAckDelayMs,
      receiveBufferBytes: local.receiveBufferBytes,
    });
    this.#path = new PathValidation(options.address, options.randomBytes);
    this.#from = options.address;
    this.#transmit = { length: 0, to: options.address };
    this.#idleTimeout = Math.min(
      local.maxIdleTimeoutMs || IDLE_TIMEOUT_MAX_MS,
      peer.maxIdleTimeoutMs || IDLE_TIMEOUT_MAX_MS,
    );
    this.#lastReceived = this.#idleFrom = now;
    this.#frames = this.#frameHandler();
    if (options.initiator) {
      this.#state = "open";
      // The responder holds back until this shows that the handshake is fresh.
      this.#pingOwed = true;
    }
  }

  /** Our connection id. */
  get localId(): Uint8Array {
    return this.#options.localId;
  }

  /** Where the peer is. */
  get address(): RemoteAddress {
    return this.#path.current;
  }

  /** Whether the connection has ended: streams are dead, a closing packet may still go out. */
  get closed(): boolean {
    return this.#state === "closing" || this.#state === "closed";
  }

  /** Whether nothing is left to do and the owner may forget it. */
  get finished(): boolean {
    return this.#state === "closed";
  }

  /** Whether the responder still waits for the first packet of the initiator. */
  get halfOpen(): boolean {
    return this.#state === "half_open";
  }

  /** Figures of the path for logs and diagnosis. */
  get stats(): ConnectionStats {
    return {
      rttMs: this.#recovery.smoothedRtt,
      minRttMs: this.#recovery.minRtt,
      congestionWindow: this.#recovery.congestionWindow,
      bytesInFlight: this.#recovery.bytesInFlight,
      datagramSize: this.#recovery.datagramSize,
      packetsSent: this.#nextNumber,
      packetsLost: this.#recovery.packetsLost,
    };
  }

  // --- in --------------------------------------------------------------------

  /**
   * Takes a transport packet that carries our connection id.
   *
   * @param header As parsed from `datagram`.
   * @returns Whether the packet was authentic and new.
   */
  receive(
    now: number,
    header: PacketHeader,
    datagram: Uint8Array,
    from: RemoteAddress,
  ): boolean {
    if (this.#state === "closed") return false;
    if (this.#state === "closing") {
      // Tell again whoever has not heard it, as often as it speaks.
      if (this.#close !== undefined) this.#closeOwed = true;
      return false;
    }
    const number = decodePacketNumber(
      this.#largestReceived,
      header.truncated,
      header.packetNumberLength,
    );
    if (!this.#replay.isFresh(number)) return false;
    try {
      const payload = this.#options.protection.open(
        now,
        header.keyPhase,
        number,
        datagram.subarray(0, header.length),
        datagram.subarray(header.length),
      );
      if (payload === undefined) return false;
      this.#replay.commit(number);
      this.#onAuthentic(now, number, payload, datagram.length, from);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      this.#shut(now, "error", {
        application: false,
        code: error.code,
        reason: error.message,
      });
    }
    return true;
  }

  /** The peer sent a stateless reset: it lost the connection if the token is its own. */
  onStatelessReset(token: Uint8Array): boolean {
    const known = this.#options.resetToken;
    if (this.closed || known === undefined) return false;
    if (!macsEqual(known, token)) return false;
    this.#finish({
      by: "reset",
      code: 0,
      reason: "the peer has restarted and forgotten the session",
    });
    return true;
  }

  /**
   * Ends the connection and owes the peer a CLOSE.
   *
   * @param code Application error code, 0 for an ordinary end.
   */
  close(now: number, code: number, reason: string): void {
    this.#shut(now, "local", { application: true, code, reason });
  }

  /** Queues an opaque packet for another node behind the peer; it may get lost. */
  sendRelay(nodeId: bigint, payload: Uint8Array): void {
    if (this.closed || this.#relayQueue.length >= RELAY_QUEUE_MAX) return;
    this.#relayQueue.push({ nodeId, payload });
  }

  /** Largest relayed packet that fits one datagram now, in bytes. */
  get relayCapacity(): number {
    return this.#recovery.datagramSize - PACKET_HEADER_MAX - TAG_LENGTH -
      RELAY_OVERHEAD_MAX;
  }

  // --- time ------------------------------------------------------------------

  /** When {@linkcode onTimeout} is due, in milliseconds; infinite when never. */
  nextTimeout(): number {
    if (this.#state === "closed") return Infinity;
    if (this.#state === "closing") return this.#closeDeadline;
    let next = Math.min(
      this.#recovery.nextTimeout(),
      this.#idleDeadline(),
      this.#path.deadline,
    );
    if (this.#acks.owed) next = Math.min(next, this.#acks.deadline);
    if (this.#options.keepAlive) {
      next = Math.min(next, this.#keepAliveDeadline());
    }
    return next;
  }

  /** Acts on the passing of time; call {@linkcode transmit} afterwards. */
  onTimeout(now: number): void {
    if (this.#state === "closed") return;
    if (this.#state === "closing") {
      if (now >= this.#closeDeadline) this.#state = "closed";
      return;
    }
    if (now >= this.#idleDeadline()) {
      this.#finish({
        by: "timeout",
        code: 0,
        reason: `nothing heard from the peer for ${
          Math.round((now - this.#lastReceived) / 1000)
        } s`,
      });
      return;
    }
    if (this.#options.keepAlive && now >= this.#keepAliveDeadline()) {
      this.#pingOwed = true;
    }
    if (this.#recovery.onTimeout(now)) this.#onProbeTimeout();
  }

  #idleDeadline(): number {
    // A connection must survive at least three probe time-outs (RFC 9000 §10.1).
    return this.#idleFrom +
      Math.max(this.#idleTimeout, LINGER_PTOS * this.#recovery.pto);
  }

  #keepAliveDeadline(): number {
    return this.#pingOwed || this.#elicitedSinceReceived
      ? Infinity
      : this.#idleFrom + this.#idleTimeout / 3;
  }

  // --- out -------------------------------------------------------------------

  /**
   * Writes the next datagram into `out`.
   *
   * @param out At least as long as the path's datagram ceiling.
   * @returns Where it goes, valid until the next call; `undefined` when there
   * is nothing to send now.
   */
  transmit(now: number, out: Uint8Array): Transmit | undefined {
    if (this.#state === "half_open" || this.#state === "closed") {
      return undefined;
    }
    if (this.#state === "closing") return this.#transmitClose(now, out);
    if (this.#path.pending(now)) {
      const message = this.#path.next(now, this.#recovery.pto);
      if (message !== undefined && message.limit >= DATAGRAM_MIN) {
        return this.#transmitPath(now, message, out);
      }
    }
    return this.#transmitProbe(now, out) ?? this.#transmitFrames(now, out);
  }

  /** Writes ACK, control and stream frames, as congestion control and pacing allow. */
  #transmitFrames(now: number, out: Uint8Array): Transmit | undefined {
    const size = Math.min(this.#recovery.datagramSize, out.length);
    const probing = this.#ptoProbes > 0;
    const wanted = probing || this.#pingOwed || this.#relayQueue.length > 0 ||
      this.streams.hasPending;
    const allowed = wanted && (probing || this.#recovery.maySend(now, size));
    if (!allowed && !this.#acks.due(now)) return undefined;

    const writer = this.#begin(now, out, size);
    const frames: SentFrame[] = [];
    if (this.#acks.owed) this.#writeAck(now, writer, frames);
    let eliciting = false;
    if (allowed) {
      const before = writer.offset;
      this.streams.writeControl(writer, frames);
      this.#writeRelay(writer);
      this.streams.writeData(writer, frames);
      eliciting = writer.offset > before;
      if (!eliciting && (probing || this.#pingOwed)) {
        writer.u8(FrameType.PING);
        eliciting = true;
      }
      if (eliciting) this.#pingOwed = false;
      if (probing) this.#ptoProbes--;
    }
    if (writer.offset === this.#headerLength) return undefined;
    this.#appLimited = !this.streams.hasData;
    return this.#seal(now, writer, frames, eliciting, this.#path.current);
  }

  /** Writes a path MTU probe when one is due. */
  #transmitProbe(now: number, out: Uint8Array): Transmit | undefined {
    const size = this.#recovery.dueProbe(now);
    if (size === undefined || size > out.length) return undefined;
    if (!this.#recovery.maySend(now, size)) return undefined;
    const writer = this.#begin(now, out, size);
    writer.u8(FrameType.PING);
    this.#pad(writer, size);
    return this.#seal(now, writer, [], true, this.#path.current, true);
  }

  #transmitPath(
    now: number,
    message: PathMessage,
    out: Uint8Array,
  ): Transmit | undefined {
    const writer = this.#begin(now, out, DATAGRAM_MIN);
    writePathFrame(
      writer,
      message.response ? FrameType.PATH_RESPONSE : FrameType.PATH_CHALLENGE,
      message.data,
    );
    // Padded, so that the new path is known to carry full datagrams (§8.2.1).
    this.#pad(writer, DATAGRAM_MIN);
    return this.#seal(now, writer, [], true, message.to);
  }

  #transmitClose(now: number, out: Uint8Array): Transmit | undefined {
    if (!this.#closeOwed || this.#close === undefined) return undefined;
    this.#closeOwed = false;
    const writer = this.#begin(now, out, DATAGRAM_MIN);
    const { application, code, reason } = this.#close;
    writeClose(writer, application, code, reason);
    return this.#seal(now, writer, [], false, this.#path.current);
  }

  #headerLength = 0;
  #headerNumber = 0;

  #begin(now: number, out: Uint8Array, size: number): WireWriter {
    this.#options.protection.maybeRekey(now, this.#recovery.pto);
    const writer = this.#writer;
    writer.target = out;
    writer.offset = 0;
    const number = this.#nextNumber;
    writePacketHeader(
      writer,
      this.#options.remoteId,
      this.#options.protection.sendKeyPhase,
      number,
      packetNumberLength(number, this.#recovery.largestAcked),
    );
    this.#headerLength = writer.offset;
    this.#headerNumber = number;
    // Frames must leave room for the tag.
    writer.target = out.subarray(0, size - TAG_LENGTH);
    return writer;
  }

  #pad(writer: WireWriter, size: number): void {
    writer.target.fill(0, writer.offset, size - TAG_LENGTH);
    writer.offset = size - TAG_LENGTH;
  }

  #seal(
    now: number,
    writer: WireWriter,
    frames: SentFrame[],
    ackEliciting: boolean,
    to: RemoteAddress,
    mtuProbe = false,
  ): Transmit {
    const out = writer.target.buffer;
    const base = writer.target.byteOffset;
    const header = this.#headerLength;
    const end = writer.offset;
    const number = this.#headerNumber;
    this.#nextNumber = number + 1;
    this.#options.protection.seal(
      now,
      number,
      new Uint8Array(out, base, header),
      new Uint8Array(out, base + header, end - header),
      new Uint8Array(out, base + header, end - header + TAG_LENGTH),
    );
    const size = end + TAG_LENGTH;
    this.#recovery.onPacketSent({
      number,
      time: now,
      size,
      ackEliciting,
      inFlight: ackEliciting,
      mtuProbe,
      frames,
    }, this.#appLimited);
    if (ackEliciting && !this.#elicitedSinceReceived) {
      this.#elicitedSinceReceived = true;
      this.#idleFrom = now;
    }
    this.#path.onSent(to, size);
    this.#transmit.length = size;
    this.#transmit.to = to;
    return this.#transmit;
  }

  #writeAck(now: number, writer: WireWriter, frames: SentFrame[]): void {
    const ranges = this.#acks.ranges.ranges();
    if (ranges.length === 0) return;
    if (!writeAck(writer, ranges, this.#acks.delay(now))) return;
    frames.push({
      kind: "ack",
      stream: undefined,
      offset: ranges[0].end,
      length: 0,
      fin: false,
    });
    this.#acks.onSent();
  }

  #writeRelay(writer: WireWriter): void {
    let used = 0;
    for (const { nodeId, payload } of this.#relayQueue) {
      if (payload.length + RELAY_OVERHEAD_MAX > writer.remaining) {
        // One that fits no packet of this path would block the others forever.
        if (payload.length <= this.relayCapacity) break;
      } else writeRelay(writer, nodeId, payload);
      used++;
    }
    if (used > 0) this.#relayQueue.splice(0, used);
  }

  // --- what packets bring ----------------------------------------------------

  #onAuthentic(
    now: number,
    number: number,
    payload: Uint8Array,
    size: number,
    from: RemoteAddress,
  ): void {
    const newest = number > this.#largestReceived;
    if (newest) this.#largestReceived = number;
    this.#lastReceived = this.#idleFrom = now;
    this.#elicitedSinceReceived = false;
    this.#now = now;
    this.#from = from;
    this.#datagramSize = size;
    this.#payloadSize = payload.length;
    if (this.#state === "half_open") {
      this.#state = "open";
      this.#path.current = from;
      this.#options.handler.onOpen();
    }
    this.#path.onPacket(now, from, size, newest);
    const { ackEliciting } = readFrames(new WireReader(payload), this.#frames);
    this.#acks.onPacket(
      now,
      number,
      ackEliciting,
      size,
      this.#recovery.smoothedRtt,
    );
  }

  #frameHandler(): FrameHandler {
    const streams = this.streams;
    return {
      onAck: (frame) => this.#onAck(frame),
      onResetStream: (id, code, size) => streams.onReset(id, code, size),
      onStopSending: (id, code) => streams.onStopSending(id, code),
      // A piece that fills little of its packet is copied: kept as a view it
      // would hold the whole packet in memory.
      onStream: (id, offset, data, fin) =>
        streams.onStream(
          id,
          offset,
          data,
          fin,
          data.length * 2 >= this.#payloadSize,
        ),
      onMaxData: (limit) => streams.onMaxData(limit),
      onMaxStreamData: (id, limit) => streams.onMaxStreamData(id, limit),
      onMaxStreams: (limit) => streams.onMaxStreams(limit),
      onPathChallenge: (data) =>
        this.#path.onChallenge(this.#from, data, this.#datagramSize),
      onPathResponse: (data) => {
        if (this.#path.onResponse(data)) this.#recovery.onPathChange();
      },
      onClose: (application, code, reason) =>
        this.#finish({
          by: "peer",
          code: application ? code : code || TransportErrorCode.NO_ERROR,
          reason,
        }),
      onRelay: (nodeId, payload) =>
        this.#options.handler.onRelay(nodeId, payload),
    };
  }

  #onAck(frame: AckFrame): void {
    const newest = this.#recovery.onAck(this.#now, frame, this.#appLimited);
    if (newest >= 0) this.#options.protection.onAcked(newest);
  }

  #onFramesAcked(frames: readonly SentFrame[]): void {
    for (const frame of frames) {
      if (frame.kind === "ack") this.#acks.onAcked(frame.offset);
      else this.streams.onFrameAcked(frame);
    }
  }

  #onFramesLost(frames: readonly SentFrame[]): void {
    for (const frame of frames) this.streams.onFrameLost(frame);
  }

  /** Sends again what the oldest packets carried: an answer to it is worth most. */
  #onProbeTimeout(): void {
    this.#ptoProbes = PTO_PROBES;
    let after = -1;
    for (let i = 0; i < PTO_PROBES; i++) {
      const packet = this.#recovery.oldestUnacked(after);
      if (packet === undefined) return;
      after = packet.number;
      this.#onFramesLost(packet.frames);
    }
  }

  // --- the end ---------------------------------------------------------------

  #shut(
    now: number,
    by: ConnectionClose["by"],
    close: { application: boolean; code: number; reason: string },
  ): void {
    if (this.closed) return;
    if (this.#state === "half_open") {
      this.#finish({ by, code: close.code, reason: close.reason });
      return;
    }
    this.#state = "closing";
    this.#close = close;
    this.#closeOwed = true;
    this.#closeDeadline = now + LINGER_PTOS * this.#recovery.pto;
    this.#options.handler.onClose({
      by,
      code: close.code,
      reason: close.reason,
    });
  }

  /** Ends without a word: the peer knows, or is not there. */
  #finish(close: ConnectionClose): void {
    if (this.closed) return;
    this.#state = "closed";
    this.#options.handler.onClose(close);
  }
}

/** Figures of a connection's path. */
export interface ConnectionStats {
  /** Smoothed round trip, in milliseconds. */
  rttMs: number;
  /** Smallest round trip seen, in milliseconds. */
  minRttMs: number;
  /** Congestion window, in bytes. */
  congestionWindow: number;
  /** Bytes sent and neither acknowledged nor lost. */
  bytesInFlight: number;
  /** Largest datagram the path is known to carry, in bytes. */
  datagramSize: number;
  /** Packets sent so far. */
  packetsSent: number;
  /** Packets lost so far. */
  packetsLost: number;
}
