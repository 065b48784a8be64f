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
 */

import { IDLE_TIMEOUT_MAX_MS, OVERSLEPT_MS } from "../limits.ts";
import { ClosingState } from "./closing_state.ts";
import { directPathOf, toldAddressesOf } from "./connection_addresses.ts";
import { type DirectPath, OVERLAP_MS } from "./direct_path.ts";
import { connectionStats } from "./connection_stats.ts";
import {
  type ConnectionClose,
  type ConnectionOptions,
  type ConnectionStats,
  recoveryOptionsOf,
} from "./connection_options.ts";
import {
  type CloseFrame,
  type FrameHandler,
  readFrames,
} from "./packet/frame.ts";
import { EmptyPackets } from "./empty_packets.ts";
import { IdleTimer } from "./idle_timer.ts";
import type { PacketHeader } from "./packet/packet_header.ts";
import { PacketReader, type ReceivedPacket } from "./packet/packet_reader.ts";
import { frameRoutes } from "./frame_routes.ts";
import { PacketSender } from "./packet_sender.ts";
import type { Transmit } from "./sender_parts.ts";
import { PeerReset } from "./peer_reset.ts";
import { PathValidation } from "./path_validation.ts";
import { SendRate } from "./send_rate.ts";
import { AckPolicy } from "./recovery/ack_policy.ts";
import { type RemoteAddress, sameAddress } from "./packet/remote_address.ts";
import { Streams } from "./streams/streams.ts";
import { TransportError } from "./packet/transport_error.ts";

/** One secure connection; see the module's description for how to drive it. */
export class Connection {
  /** The streams; call {@linkcode transmit} after using them. */
  readonly streams: Streams;

  readonly #options: ConnectionOptions;
  readonly #reader: PacketReader;
  readonly #sender: PacketSender;
  readonly #acks: AckPolicy;
  readonly #path: PathValidation;
  readonly #direct: DirectPath | undefined;
  readonly #idle: IdleTimer;
  readonly #rate: SendRate;
  readonly #empty: EmptyPackets;
  readonly #frames: FrameHandler<ReceivedPacket>;
  readonly #createdAt: number;
  readonly #peerReset: PeerReset;

  #state: "half_open" | "open" | "closed" = "half_open";
  /** What is left to do for a closed connection. */
  #closing: ClosingState | undefined;

  /** Makes the connection that a finished handshake has agreed on. */
  constructor(options: ConnectionOptions, now: number) {
    const { address, handler, initiator, local, peer, protection } = options;
    this.#options = options;
    this.#createdAt = now;
    this.#peerReset = new PeerReset(options.resetToken, now);
    this.streams = new Streams(
      initiator,
      local,
      peer,
      handler,
      options.windowGrowth,
      options.unread,
    );
    this.#direct = directPathOf(options);
    this.#acks = new AckPolicy(
      local.maxAckDelayMs,
      local.receiveBufferBytes,
      this.#direct && OVERLAP_MS,
    );
    this.#path = new PathValidation(
      address,
      options.randomBytes,
      this.#direct,
      () => this.#sender.recovery.rtt.smoothed,
    );
    const told = toldAddressesOf(
      options,
      this.#direct,
      () => this.#path.current,
    );
    this.#idle = new IdleTimer(
      Math.min(
        local.maxIdleTimeoutMs || IDLE_TIMEOUT_MAX_MS,
        peer.maxIdleTimeoutMs || IDLE_TIMEOUT_MAX_MS,
      ),
      now,
    );
    this.#reader = new PacketReader(protection);
    this.#rate = new SendRate(options.rates ?? []);
    this.#empty = new EmptyPackets(!initiator, now);
    this.#sender = new PacketSender(
      {
        remoteId: options.remoteId,
        protection,
        streams: this.streams,
        acks: this.#acks,
        path: this.#path,
        idle: this.#idle,
        rate: this.#rate,
        empty: this.#empty,
        told,
      },
      recoveryOptionsOf(options, () => this.#path.current),
      now,
    );
    this.#frames = frameRoutes({
      streams: this.streams,
      sender: this.#sender,
      acks: this.#acks,
      path: this.#path,
      idle: this.#idle,
      rate: this.#rate,
      empty: this.#empty,
      relay: (nodeId, packet) => handler.onRelay(nodeId, packet),
      direct: this.#direct,
      observed: (address) => handler.onObserved?.(address),
      onClose: ({ code, reason }) => this.#end({ by: "peer", code, reason }),
    });
    if (initiator) {
      this.#state = "open";
      // The responder sends nothing until this shows that the handshake is fresh.
      this.#sender.pingOwed = true;
      this.#direct?.start(now);
    }
  }

  get address(): RemoteAddress {
    return this.#path.current;
  }

  /** Whether the connection has ended: streams are dead, a CLOSE may still go out. */
  get closed(): boolean {
    return this.#state === "closed";
  }

  /** Whether nothing is left to do and the owner may forget it. */
  get finished(): boolean {
    return this.closed && this.#closing === undefined;
  }

  /** Whether the responder still waits for the first packet of the initiator. */
  get halfOpen(): boolean {
    return this.#state === "half_open";
  }

  /** Milliseconds since the first packet that the peer leaves unanswered, or 0. */
  unanswered(now: number): number {
    return this.#idle.unanswered(now);
  }

  /** What the path takes at most, in milliseconds: see {@linkcode RttEstimator.shortest}. */
  get pathRttMs(): number {
    return this.#sender.recovery.rtt.shortest;
  }

  /** Figures of the path for logs and diagnosis. */
  get stats(): ConnectionStats {
    return connectionStats(this.#reader, this.#sender, this.streams);
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
    if (this.closed) {
      this.#closing?.onPacket();
      return false;
    }
    try {
      const packet = this.#reader.open(now, header, datagram, from);
      if (packet === undefined) return false;
      this.#onPacket(packet);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const { code, message: reason } = error;
      this.#close(now, "error", { application: false, code, reason });
    }
    return true;
  }

  #onPacket(packet: ReceivedPacket): void {
    const { now } = packet;
    const silent = this.#idle.silence(now) > this.#sender.recovery.pto;
    this.#idle.onReceived(now);
    if (this.halfOpen) {
      // The address stays that of the handshake, whose answer was received
      // there: another one must prove itself like any later move.
      this.#state = "open";
      // Since the answer to its Initial went out: a round trip, or more.
      this.#sender.onOpen(now, now - this.#createdAt);
      this.#options.handler.onOpen();
      if (this.closed) return;
      this.#direct?.start(now);
    }
    const change = this.#path.onPacket(packet);
    if (change !== undefined) this.#sender.onPathChange(change);
    this.#sender.pathLoss.onReceived(packet.number);
    this.#empty.begin(this.streams.received);
    const ackEliciting = readFrames(packet, this.#frames);
    this.streams.onPacketRead();
    this.#empty.end(now, this.streams.received);
    this.#sender.refuseSilence();
    const { smoothed } = this.#sender.recovery.rtt;
    this.#acks.onPacket(packet, ackEliciting, smoothed);
    if (silent) this.#sender.onSignOfLife(now);
  }

  /**
   * The peer sent a stateless reset: it lost the connection if the token is its
   * own, and comes from where the connection leads.
   */
  onStatelessReset(
    now: number,
    token: Uint8Array,
    from: RemoteAddress,
  ): boolean {
    if (this.closed || !sameAddress(from, this.address)) return false;
    if (!this.#peerReset.isGenuine(token)) return false;
    const { received } = this.#reader;
    const isExpired = this.#idle.expired(now);
    this.#end({ ...this.#peerReset.cause(now, received, isExpired), code: 0 });
    return true;
  }

  // --- time ------------------------------------------------------------------

  /** When {@linkcode onTimeout} is due, in milliseconds; infinite when never. */
  nextTimeout(): number {
    if (this.closed) return this.#closing?.deadline ?? Infinity;
    const { recovery } = this.#sender;
    return Math.min(
      this.#sender.nextTimeout(),
      this.#idle.deadline(recovery.pto),
      this.#path.deadline,
      this.#acks.deadline,
      this.#pingDue(),
      this.#questionDue(),
      this.streams.deadline,
      this.#rate.until,
    );
  }

  /** Acts on the passing of time; call {@linkcode transmit} afterwards. */
  onTimeout(now: number): void {
    if (this.closed) {
      if (now < this.nextTimeout()) return;
      this.#closing = undefined;
      this.erase();
      return;
    }
    const late = now - this.#idle.deadline(this.#sender.recovery.pto);
    if (late >= OVERSLEPT_MS) {
      // What the peer has sent meanwhile may wait in the socket; else it is asked.
      this.#idle.onOverslept(now);
      this.#sender.pingOwed = true;
    } else if (late >= 0) {
      const seconds = Math.round(this.#idle.silence(now) / 1000);
      const reason = `nothing heard from the peer for ${seconds} s`;
      this.#end({ by: "timeout", code: 0, reason });
      return;
    }
    if (now >= this.#questionDue()) {
      this.#idle.onQuestion();
      if (this.streams.awaitsData) this.#sender.pingOwed = true;
    }
    if (now >= this.#pingDue()) this.#sender.pingOwed = true;
    this.streams.onTimeout(now);
    this.#direct?.onTimeout(now);
    this.#sender.onTimeout(now);
  }

  #pingDue(): number {
    return this.#options.keepAlive && !this.#sender.pingOwed
      ? this.#idle.pingDue
      : Infinity;
  }

  /** Whether data is due is looked at no more often than this. */
  #questionDue(): number {
    return this.streams.open > 0 && !this.#sender.pingOwed
      ? this.#idle.questionDue(this.#sender.recovery.pto)
      : Infinity;
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
      const close = this.#closing?.take();
      return close && this.#sender.transmitClose(now, out, close);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      // The key is used up: nothing can be sent, not even a CLOSE.
      this.#end({ by: "error", code: error.code, reason: error.message });
      this.#closing = undefined;
      this.erase();
      return undefined;
    }
  }

  /**
   * This machine has cut a datagram of `size` bytes into fragments, which only
   * who sends it can know.
   */
  onFragmented(size: number): void {
    this.#sender.recovery.onFragmented(size);
  }

  /**
   * Asks the peer to send no more content than that, and gives credit for little
   * more; infinite for no limit.
   */
  limitReceiving(bytesPerSecond: number, now: number): void {
    if (!this.closed) this.streams.limitReceiving(bytesPerSecond, now);
  }

  /** Queues an opaque packet for another node behind the peer; it may get lost. */
  sendRelay(nodeId: bigint, payload: Uint8Array): void {
    if (!this.closed) this.#sender.relay.push(nodeId, payload);
  }

  /** Relayed packets that wait to be sent. */
  get relayQueued(): number {
    return this.closed ? 0 : this.#sender.relay.length;
  }

  // --- the end ---------------------------------------------------------------

  /** Ends the connection and owes the peer a CLOSE. */
  close(now: number, code: number, reason: string): void {
    this.#close(now, "local", { application: true, code, reason });
  }

  /** Ends the connection without telling the peer: no way leads to it any more. */
  abandon(reason: string): void {
    this.#end({ by: "path", code: 0, reason });
  }

  /** Overwrites the keys of a connection that sends and receives no more. */
  erase(): void {
    this.#options.protection.erase();
    this.#peerReset.erase();
  }

  #close(now: number, by: ConnectionClose["by"], frame: CloseFrame): void {
    // A half-open one is silent: the peer may not exist.
    const closing = this.#state === "open"
      ? new ClosingState(frame, now, this.#sender.recovery.pto)
      : undefined;
    this.#end({ by, code: frame.code, reason: frame.reason }, closing);
  }

  #end(close: ConnectionClose, closing?: ClosingState): void {
    if (this.closed) return;
    this.#state = "closed";
    this.#closing = closing;
    this.streams.end();
    this.#rate.release();
    if (closing === undefined) this.erase();
    this.#options.handler.onClose(close);
  }
}
