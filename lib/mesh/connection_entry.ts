import { HALF_OPEN_MS } from "../limits.ts";
import { toHex } from "../text/hex.ts";
import {
  type AcceptedPsk,
  type CongestionAlgorithm,
  Connection,
  type ConnectionClose,
  type ConnectionHandler,
  connectionIdKey,
  type CryptoProvider,
  eraseEstablished,
  type HostAddress,
  PacketProtection,
  type RemoteAddress,
  type Stream,
  type Transmit,
  type TransportParameters,
  type UnreadShare,
  type WindowGrowth,
} from "../wire/mod.ts";
import { isLoopback } from "./address.ts";
import type { Attached } from "./attempt.ts";
import { CLOSE_BUSY } from "./close_codes.ts";
import type { DatagramSocket } from "./datagram_socket.ts";
import { hostAddressOf } from "./direct_addresses.ts";
import { type FragmentCounter, FragmentWatch } from "./fragment_watch.ts";
import { nodeIdOf } from "./node_id.ts";
import type { JoinedRates, RateLimits } from "./rate_limits.ts";
import type { Relay } from "./relay.ts";
import type { PumpSource } from "./send_pump.ts";
import type { Guest } from "./session_room.ts";
import { datagramCeiling, UNREAD_BUDGET } from "./transport_limits.ts";
import type { Timed } from "./timer_heap.ts";
import type { TurnGroup, TurnGroups } from "./turn_groups.ts";
import type { Underlay } from "./underlay.ts";
import { type SessionDriver, WireSession } from "./wire_session.ts";

/** What all connections of an endpoint have in common. */
export interface ConnectionSettings {
  socket: DatagramSocket;
  /** Sealing and randomness. */
  provider: CryptoProvider;
  /**
   * Passes packets between the sessions of the endpoint. @default {packets are
   * dropped}
   */
  relay?: Relay;
  /**
   * Congestion control of what this end sends, and its wish for what the peer
   * does. @default {what the peer asks for, else BBR}
   */
  congestion?: CongestionAlgorithm;
  /** Limits on the content that is sent. @default {none} */
  rates?: RateLimits;
  /** Content that the peer is asked to send at most, in bytes per second. */
  receiveRate?: number;
  /** Told of what goes wrong but concerns no caller. */
  onProblem?: (message: string) => void;
}

/** What a connection needs of the endpoint that it belongs to. */
export interface ConnectionOwner {
  readonly settings: ConnectionSettings;
  /** What other connections know of the path to a machine. */
  pathRttMs(to: RemoteAddress): number;
  /** What the endpoint announces. */
  readonly parameters: TransportParameters;
  /** The socket, for packets past a session of which a relay is the peer. */
  readonly underlay?: Underlay;
  /** How far its windows may grow; they do not without. */
  readonly windowGrowth: WindowGrowth | undefined;
  /** Counts fragments, where the system tells of them. */
  readonly fragments?: FragmentCounter;
  /**
   * Takes the session of a peer that has shown that it is alive; false when
   * there is no room.
   */
  admit(entry: ConnectionEntry): boolean;
  /** Who shares turns at sending. */
  readonly turns: TurnGroups<PumpSource>;
  /** Gives the connection a turn at sending soon. */
  wake(entry: ConnectionEntry): void;
  /** Its turn is over and it has nothing more to send. */
  onDrained(entry: ConnectionEntry): void;
  /** A connection has ended. */
  onClosed(entry: ConnectionEntry): void;
  /** Resolves when its CLOSE has been sent. */
  closeSent(entry: ConnectionEntry): Promise<void>;
}

/** One connection, the session over it and its place in the endpoint's table. */
export class ConnectionEntry
  implements ConnectionHandler, PumpSource, SessionDriver, Timed, Guest {
  readonly #owner: ConnectionOwner;
  readonly createdAt: number;
  /** The peer's static key, in hex. */
  readonly peerKey: string;
  /** What the peer has attached with. */
  readonly psk: AcceptedPsk | undefined;

  readonly connection: Connection;
  /** Key of our connection id. */
  readonly key: string;
  readonly session: WireSession;
  /** Key of the peer's connection id where the peer gave us a reset token. */
  readonly resetKey: string | undefined;
  timerAt = Infinity;
  queued = false;
  readonly group: TurnGroup<PumpSource>;
  fragmentsBefore: number | undefined;
  readonly #fragments: FragmentWatch | undefined;
  #rates: JoinedRates | undefined;
  readonly #unread: UnreadShare | undefined;
  #hasLeft = false;

  constructor(attached: Attached, owner: ConnectionOwner) {
    const { established, from, rtt, rttMax } = attached;
    const { congestion, provider, rates, receiveRate, relay, socket } =
      owner.settings;
    const { localConnectionId, remoteConnectionId, peerPublicKey } =
      established;
    const initiator = established.role === "initiator";
    this.#owner = owner;
    this.createdAt = performance.now();
    this.key = connectionIdKey(localConnectionId, 0);
    this.peerKey = toHex(peerPublicKey);
    this.psk = established.psk;
    this.group = owner.turns.join(this.peerKey);
    this.#rates = rates?.join(this.peerKey, this.createdAt);
    if (!initiator) {
      this.#unread = UNREAD_BUDGET.join(this.peerKey, () => this.#endGreedy());
    }
    // Only a node that was attached to gives out tokens.
    if (initiator) this.resetKey = connectionIdKey(remoteConnectionId, 0);
    if (owner.fragments !== undefined && !isLoopback(from.hostname)) {
      this.#fragments = new FragmentWatch(owner.fragments);
    }
    this.connection = new Connection({
      initiator,
      remoteId: remoteConnectionId,
      protection: new PacketProtection({
        aead: established.aead,
        provider,
        sendKey: established.sendKey,
        receiveKey: established.receiveKey,
      }),
      local: owner.parameters,
      windowGrowth: owner.windowGrowth,
      unread: this.#unread,
      peer: established.peerParameters,
      resetToken: established.statelessResetToken,
      address: from,
      datagramFloor: socket.sizes?.floor,
      datagramCeiling: (to) => this.#ceiling(to),
      keepAlive: initiator,
      randomBytes: (target) => provider.randomBytes(target),
      handshakeRtt: rtt,
      pathRttMs: owner.pathRttMs(from),
      handshakeRttMax: rttMax,
      congestion,
      rates: this.#rates?.shares,
      // Who has attached with what is no secret is told no addresses.
      direct: this.psk?.scope === undefined ? socket.direct : undefined,
      observed: relay && hostAddressOf,
      handler: this,
    }, this.createdAt);
    if (receiveRate !== undefined) {
      this.connection.limitReceiving(receiveRate, this.createdAt);
    }
    // It has copies, and overwrites them.
    eraseEstablished(established);
    this.session = new WireSession(this.connection, this, {
      nodeId: nodeIdOf(peerPublicKey),
      publicKey: peerPublicKey,
      handshakeHash: established.handshakeHash,
      ...(established.psk && { psk: established.psk.name }),
    });
  }

  /** Where the peer is, without the port. */
  get hostname(): string {
    return this.connection.address.hostname;
  }

  /** Bytes that have gone either way. */
  get bytesMoved(): number {
    const { bytesReceived, bytesSent } = this.connection.stats;
    return bytesReceived + bytesSent;
  }

  /** When {@linkcode onTimeout} is due. */
  nextTimeout(): number {
    // A half-open connection has no timer of its own.
    return this.connection.halfOpen
      ? this.createdAt + HALF_OPEN_MS
      : this.connection.nextTimeout();
  }

  /**
   * Acts on the passing of time; false when the peer never came and the
   * connection is to be forgotten.
   */
  onTimeout(now: number): boolean {
    if (this.connection.halfOpen) {
      this.#leave();
      this.connection.erase();
      return false;
    }
    this.connection.onTimeout(now);
    return true;
  }

  // --- for the connection ------------------------------------------------------

  onOpen(): void {
    if (this.#owner.admit(this)) return;
    const reason = "the node has as many sessions as it may";
    this.connection.close(performance.now(), CLOSE_BUSY, reason);
  }

  onStream(stream: Stream): void {
    this.session.onStream(stream);
  }

  onStreamsAvailable(): void {
    this.session.onStreamsAvailable();
  }

  onStreamEnd(): void {
    this.session.onStreamEnd();
  }

  onClose(close: ConnectionClose): void {
    this.#leave();
    this.session.onClose(close);
    this.#owner.onClosed(this);
  }

  /** Hands a packet to this node's end of a relay, or to its relay; else drops it. */
  onRelay(nodeId: bigint, packet: Uint8Array): boolean {
    const { session } = this;
    const { relay } = this.#owner.settings;
    if (session.onRelayed === undefined) {
      return relay?.forward(session, nodeId, packet) ?? false;
    }
    session.onRelayed(nodeId, packet);
    return true;
  }

  onObserved(address: HostAddress): void {
    this.session.observed = address;
  }

  /** Of all peers this one has sent most that is not read. */
  #endGreedy(): void {
    const reason =
      "too much was sent that is not read, and others need the room";
    this.connection.close(performance.now(), CLOSE_BUSY, reason);
    this.wake();
  }

  #leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#owner.turns.leave(this.peerKey);
    this.#unread?.leave();
    this.#rates?.[Symbol.dispose]();
    this.#rates = undefined;
  }

  // --- for the session ---------------------------------------------------------

  now(): number {
    return performance.now();
  }

  wake(): void {
    this.#owner.wake(this);
  }

  closeSent(): Promise<void> {
    return this.#owner.closeSent(this);
  }

  get socketDrops(): number | undefined {
    return this.#owner.settings.socket.drops;
  }

  get underlay(): Underlay | undefined {
    return this.#owner.underlay;
  }

  // --- for the pump ------------------------------------------------------------

  transmit(now: number, out: Uint8Array): Transmit | undefined {
    try {
      const transmit = this.connection.transmit(now, out);
      this.fragmentsBefore = transmit && this.#fragments?.begin(now, transmit);
      return transmit;
    } catch (error) {
      // A defect of ours ends this connection, not the endpoint.
      this.connection.abandon(String(error));
      this.#owner.settings.onProblem?.(`a connection failed: ${error}`);
      return undefined;
    }
  }

  onLeft(length: number, to: RemoteAddress, fragmentsBefore: number): void {
    if (!this.#fragments?.isFragmented(length, to, fragmentsBefore)) return;
    this.#ceiling(to, length);
    this.connection.onFragmented(length);
    this.wake();
  }

  #ceiling(to: RemoteAddress, cut?: number): number {
    const { socket } = this.#owner.settings;
    const free = socket.sizes?.ceiling(to) ??
      datagramCeiling(to.hostname, socket.carries?.(to));
    return this.#fragments?.ceiling(performance.now(), to, free, cut) ?? free;
  }

  onTurnOver(drained: boolean): void {
    this.session.onSent();
    if (drained) this.#owner.onDrained(this);
  }
}
