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
 * This file is the life of a connection and where received frames go. What is
 * sent, and when, is `packet_sender.ts`.
 *
 * @module
 */

import { IDLE_TIMEOUT_MAX_MS } from "../limits.ts";
import { AckPolicy } from "./recovery/ack_policy.ts";
import type {
  ConnectionClose,
  ConnectionOptions,
  ConnectionStats,
} from "./connection_options.ts";
import { Farewell, type LastWords } from "./farewell.ts";
import { type FrameHandler, readFrames } from "./packet/frame.ts";
import { IdleTimer } from "./idle_timer.ts";
import { macsEqual } from "./handshake/mac.ts";
import type { PacketHeader } from "./packet/packet_header.ts";
import { PacketReader } from "./packet/packet_reader.ts";
import { PacketSender, type Transmit } from "./packet_sender.ts";
import { PathValidation } from "./path_validation.ts";
import type { RemoteAddress } from "./packet/remote_address.ts";
import { Streams } from "./streams/streams.ts";
import {
  TransportError,
  TransportErrorCode,
} from "./packet/transport_error.ts";
import { WireReader } from "./packet/wire_buffer.ts";

export type {
  ConnectionClose,
  ConnectionHandler,
  ConnectionOptions,
  ConnectionStats,
} from "./connection_options.ts";
export type { Transmit } from "./packet_sender.ts";

/** One secure connection; see the module's description for how to drive it. */
export class Connection {
  /** The streams; call {@linkcode transmit} after using them. */
  readonly streams: Streams;

  readonly #options: ConnectionOptions;
  readonly #reader: PacketReader;
  readonly #sender: PacketSender;
  readonly #acks: AckPolicy;
  readonly #path: PathValidation;
  readonly #idle: IdleTimer;
  readonly #frames: FrameHandler;

  #state: "half_open" | "open" | "closing" | "closed" = "half_open";
  #farewell: Farewell | undefined;

  // What the frame handler needs of the packet being read.
  #now = 0;
  #from: RemoteAddress;
  #datagramSize = 0;
  #payloadSize = 0;

  /** Makes the connection that a finished handshake has agreed on. */
  constructor(options: ConnectionOptions, now: number) {
    const { address, handler, initiator, local, peer, protection } = options;
    this.#options = options;
    this.#from = address;
    this.streams = new Streams(initiator, local, peer, handler);
    this.#acks = new AckPolicy({
      maxDelay: local.maxAckDelayMs,
      receiveBufferBytes: local.receiveBufferBytes,
    });
    this.#path = new PathValidation(address, options.randomBytes);
    this.#idle = new IdleTimer(
      Math.min(
        local.maxIdleTimeoutMs || IDLE_TIMEOUT_MAX_MS,
        peer.maxIdleTimeoutMs || IDLE_TIMEOUT_MAX_MS,
      ),
      now,
    );
    this.#reader = new PacketReader(protection);
    this.#sender = new PacketSender(
      {
        remoteId: options.remoteId,
        protection,
        streams: this.streams,
        acks: this.#acks,
        path: this.#path,
        idle: this.#idle,
      },
      {
        congestion: options.congestion ?? "cubic",
        random: () => options.randomBytes(new Uint8Array(1))[0] / 256,
        maxAckDelay: peer.maxAckDelayMs,
        datagramFloor: options.datagramFloor,
        datagramCeiling: Math.min(
          options.datagramCeiling,
          peer.maxDatagramSize,
        ),
        receiveBufferBytes: options.loopback
          ? peer.receiveBufferBytes
          : Infinity,
        handshakeRtt: options.handshakeRtt,
      },
      now,
    );
    this.#frames = this.#frameHandler();
    if (initiator) {
      this.#state = "open";
      // The responder holds back until this shows that the handshake is fresh.
      this.#sender.pingOwed = true;
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
    const { recovery, packetsSent } = this.#sender;
    return {
      rttMs: recovery.smoothedRtt,
      minRttMs: recovery.minRtt,
      congestionWindow: recovery.congestionWindow,
      bytesInFlight: recovery.bytesInFlight,
      datagramSize: recovery.datagramSize,
      packetsSent,
      packetsLost: recovery.packetsLost,
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
      this.#farewell?.onPacket();
      return false;
    }
    try {
      const payload = this.#reader.open(now, header, datagram);
      if (payload === undefined) return false;
      this.#onAuthentic(now, payload, datagram.length, from);
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

  #onAuthentic(
    now: number,
    payload: Uint8Array,
    size: number,
    from: RemoteAddress,
  ): void {
    const { number, newest } = this.#reader;
    this.#idle.onReceived(now);
    this.#now = now;
    this.#from = from;
    this.#datagramSize = size;
    this.#payloadSize = payload.length;
    if (this.#state === "half_open") {
      // The address stays that of the handshake, whose answer was received
      // there: another one must prove itself like any later move.
      this.#state = "open";
      this.#options.handler.onOpen();
      if (this.closed) return;
    }
    this.#path.onPacket(now, from, size, newest);
    const { ackEliciting } = readFrames(new WireReader(payload), this.#frames);
    this.#acks.onPacket(
      now,
      number,
      ackEliciting,
      size,
      this.#sender.recovery.smoothedRtt,
    );
  }

  #frameHandler(): FrameHandler {
    const streams = this.streams;
    return {
      onAck: (frame) => this.#sender.onAck(this.#now, frame),
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
        if (this.#path.onResponse(data)) this.#sender.recovery.onPathChange();
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

  // --- time ------------------------------------------------------------------

  /** When {@linkcode onTimeout} is due, in milliseconds; infinite when never. */
  nextTimeout(): number {
    if (this.#state === "closed") return Infinity;
    if (this.#farewell !== undefined) return this.#farewell.deadline;
    const { recovery } = this.#sender;
    let next = Math.min(
      recovery.nextTimeout(),
      this.#idle.deadline(recovery.pto),
      this.#path.deadline,
    );
    if (this.#acks.owed) next = Math.min(next, this.#acks.deadline);
    if (this.#options.keepAlive) next = Math.min(next, this.#pingDue());
    return next;
  }

  /** Acts on the passing of time; call {@linkcode transmit} afterwards. */
  onTimeout(now: number): void {
    if (this.#state === "closed") return;
    if (this.#farewell !== undefined) {
      if (now >= this.#farewell.deadline) this.#state = "closed";
      return;
    }
    if (now >= this.#idle.deadline(this.#sender.recovery.pto)) {
      const seconds = Math.round(this.#idle.silence(now) / 1000);
      this.#finish({
        by: "timeout",
        code: 0,
        reason: `nothing heard from the peer for ${seconds} s`,
      });
      return;
    }
    if (this.#options.keepAlive && now >= this.#pingDue()) {
      this.#sender.pingOwed = true;
    }
    this.#sender.onTimeout(now);
  }

  #pingDue(): number {
    return this.#sender.pingOwed ? Infinity : this.#idle.pingDue;
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
    try {
      if (this.#state === "open") return this.#sender.transmit(now, out);
      if (this.#state !== "closing" || !this.#farewell?.take()) {
        return undefined;
      }
      return this.#sender.transmitClose(now, out, this.#farewell.words);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      // The key is used up: nothing can be sent, not even a CLOSE.
      this.#finish({ by: "error", code: error.code, reason: error.message });
      this.#state = "closed";
      return undefined;
    }
  }

  /** Queues an opaque packet for another node behind the peer; it may get lost. */
  sendRelay(nodeId: bigint, payload: Uint8Array): void {
    if (!this.closed) this.#sender.sendRelay(nodeId, payload);
  }

  /** Relayed packets that wait to be sent. */
  get relayQueued(): number {
    return this.closed ? 0 : this.#sender.relayQueued;
  }

  /** Largest relayed packet that fits one datagram now, in bytes. */
  get relayCapacity(): number {
    return this.#sender.relayCapacity;
  }

  // --- the end ---------------------------------------------------------------

  /**
   * Ends the connection and owes the peer a CLOSE.
   *
   * @param code Application error code, 0 for an ordinary end.
   */
  close(now: number, code: number, reason: string): void {
    this.#shut(now, "local", { application: true, code, reason });
  }

  /** Ends the connection without a word to the peer: no way leads to it any more. */
  abandon(reason: string): void {
    this.#finish({ by: "path", code: 0, reason });
  }

  #shut(now: number, by: ConnectionClose["by"], words: LastWords): void {
    if (this.closed) return;
    const { code, reason } = words;
    if (this.#state === "half_open") {
      this.#finish({ by, code, reason });
      return;
    }
    this.#state = "closing";
    this.#farewell = new Farewell(words, now, this.#sender.recovery.pto);
    this.#options.handler.onClose({ by, code, reason });
  }

  /** Ends without a word: the peer knows, or is not there. */
  #finish(close: ConnectionClose): void {
    if (this.closed) return;
    this.#state = "closed";
    this.#options.handler.onClose(close);
  }
}
