/**
 * Many connections on one socket: the loop that moves datagrams between the
 * operating system and the wire, one timer, and fair turns at sending.
 *
 * @module
 */

import { HandshakeError, TimeoutError } from "../errors.ts";
import {
  ATTACH_BUDGET_MS,
  CONNECTIONS_MAX,
  DATAGRAM_MAX,
  HALF_OPEN_MS,
  IDLE_TIMEOUT_MS,
  STREAMS_MAX,
} from "../limits.ts";
import {
  type CongestionAlgorithm,
  Connection,
  connectionIdKey,
  type CryptoProvider,
  decodePacketHeader,
  type Established,
  type HandshakeConfig,
  isTransportPacket,
  Listener,
  PacketProtection,
  PacketType,
  parseHandshakePacket,
  type RemoteAddress,
  type Transmit,
  type TransportParameters,
} from "../wire/mod.ts";
import { Attempt } from "./attempt.ts";
import { datagramCeiling } from "./datagram_ceiling.ts";
import type { DatagramSocket, ReceivedDatagrams } from "./datagram_socket.ts";
import { formatAddress, isLoopback } from "./format_address.ts";
import { nodeIdOf } from "./node_id.ts";
import type { Relay } from "./relay.ts";
import { SendBuffers } from "./send_buffers.ts";
import { WakeTimer } from "./wake_timer.ts";
import { type SessionDriver, WireSession } from "./wire_session.ts";

/** Bytes one connection may send before it is the next one's turn. */
const TURN_BYTES = 128 * 1024;
/** Credit for one stream: two chunks, so that a reader's pause does not stop the sender. */
const STREAM_WINDOW = 8 * 1024 * 1024;
/** Credit for all streams of a connection: what one peer may make us hold. */
const CONNECTION_WINDOW = 24 * 1024 * 1024;
/** Credit for one stream of a peer that attached to us: two requests of the largest size. */
const REQUEST_WINDOW = 128 * 1024;
/** Credit for all streams of a peer that attached to us. */
const REQUESTS_WINDOW = 2 * 1024 * 1024;
/** Receive errors in a row after which the socket counts as gone. */
const RECEIVE_FAILURES_MAX = 8;
/** Answers to strangers under way at once: more than a socket takes are dropped. */
const ANSWERS_MAX = 64;
/** Longest an acknowledgement is held back, in milliseconds. */
const MAX_ACK_DELAY_MS = 25;
/** Stateless resets sent in one second: more would make us an amplifier of noise. */
const RESETS_PER_SECOND = 20;
/** Application error code of a CLOSE to a peer for which there is no room. */
const CLOSE_BUSY = 1;

/** Keys of this node, 32 bytes each. */
export interface StaticKeys {
  /** X25519 secret. */
  secret: Uint8Array;
  /** X25519 public key. */
  public: Uint8Array;
}

/** What an endpoint that takes sessions does about them. */
export interface AcceptOptions {
  /** Called for each authenticated session. */
  onSession: (session: WireSession) => void;
  /** Whether a peer with this static key may attach. @default {everyone} */
  allow?: (publicKey: Uint8Array) => boolean;
  /** Sessions at once; more are told that the node is busy. @default {CONNECTIONS_MAX} */
  maxConnections?: number;
}

/** Options of {@linkcode Endpoint}. */
export interface EndpointOptions {
  /** The socket, owned by the endpoint from now on. */
  socket: DatagramSocket;
  /** Sealing and randomness. */
  provider: CryptoProvider;
  /** This node's keys. */
  keys: StaticKeys;
  /** Pre-shared key, 32 bytes. */
  psk: Uint8Array;
  /** Lives as long as the one session it makes. @default {false} */
  single?: boolean;
  /** Takes sessions; without it the endpoint only makes them. */
  accept?: AcceptOptions;
  /** Passes packets between the sessions it takes. @default {none are} */
  relay?: Relay;
  /** Congestion control of what this end sends. @default {"cubic"} */
  congestion?: CongestionAlgorithm;
  /** Told of what goes wrong but concerns no caller. */
  onProblem?: (message: string) => void;
}

/** Who to connect to. */
export interface ConnectOptions {
  /** Where the node is, in the terms of the socket. */
  address: RemoteAddress;
  /** The node's X25519 static key. */
  publicKey: Uint8Array;
  /** Gives up after this many milliseconds. @default {ATTACH_BUDGET_MS} */
  budgetMs?: number;
  /** Gives up when aborted. */
  signal?: AbortSignal;
}

interface Entry {
  readonly connection: Connection;
  readonly session: WireSession;
  readonly remoteId: Uint8Array;
  /** Whether we attached to the peer. */
  readonly initiator: boolean;
  readonly createdAt: number;
  /** Queued for its turn to send. */
  ready: boolean;
}

/** One socket and everything that happens on it. */
export class Endpoint implements AsyncDisposable {
  readonly #options: EndpointOptions;
  readonly #socket: DatagramSocket;
  readonly #listener: Listener | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #attempts = new Map<string, Attempt>();
  readonly #ready: Entry[] = [];
  readonly #buffers = new SendBuffers(DATAGRAM_MAX);
  readonly #timer = new WakeTimer(() => this.#onTimer());
  readonly #received: Promise<void>;
  #pumping: Promise<void> | undefined;
  #pumpQueued = false;
  #closing: Promise<void> | undefined;
  #closed = false;
  #resetsSince = 0;
  #resets = 0;

  /** Starts the loop. */
  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#socket = options.socket;
    if (options.accept !== undefined) {
      this.#listener = new Listener({
        handshake: this.#handshakeConfig(),
        inUse: (key) => this.#entries.has(key) || this.#attempts.has(key),
        allow: options.accept.allow,
      });
    }
    this.#received = this.#receiveLoop();
  }

  /** The address the socket is bound to. */
  get local(): RemoteAddress {
    return this.#socket.local;
  }

  /** Sessions that are not over. */
  get sessions(): number {
    return this.#entries.size;
  }

  /**
   * Makes a session with a node.
   *
   * @throws {TimeoutError} When no answer comes in time: nobody there, or the
   * key or the PSK is wrong. The two look the same on purpose.
   * @throws {HandshakeError} When the node answers that it will not do.
   */
  async connect(options: ConnectOptions): Promise<WireSession> {
    options.signal?.throwIfAborted();
    const now = performance.now();
    const budgetMs = options.budgetMs ?? ATTACH_BUDGET_MS;
    const attempt = new Attempt({
      config: {
        ...this.#handshakeConfig(),
        responderPublicKey: options.publicKey,
        datagramSize: this.#socket.sizes?.floor,
      },
      address: options.address,
      now,
      deadline: now + budgetMs,
    });
    this.#attempts.set(attempt.key, attempt);
    const abort = () => attempt.fail(options.signal?.reason);
    options.signal?.addEventListener("abort", abort, { once: true });
    this.#driveAttempt(attempt, now);
    try {
      const { established, from, rtt } = await attempt.done;
      const entry = this.#add(established, from, rtt);
      this.#wake(entry);
      return entry.session;
    } catch (error) {
      if (error instanceof TimeoutError) this.#explain(error, options);
      throw error;
    } finally {
      options.signal?.removeEventListener("abort", abort);
      this.#attempts.delete(attempt.key);
    }
  }

  /** Tells every peer and closes the socket. */
  close(code = 0, reason = ""): Promise<void> {
    return this.#closing ??= this.#close(code, reason);
  }

  async #close(code: number, reason: string): Promise<void> {
    const now = performance.now();
    for (const attempt of this.#attempts.values()) {
      attempt.fail(new HandshakeError("the endpoint was closed"));
    }
    for (const entry of [...this.#entries.values()]) {
      entry.connection.close(now, code, reason);
      this.#wake(entry);
    }
    await this.#flush();
    this.#closed = true;
    this.#timer.stop();
    await this.#socket.close();
    await this.#received;
  }

  /** Closes the endpoint. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #flush(): Promise<void> {
    await this.#pump();
    await this.#buffers.idle();
  }

  /** The only session is over; whoever ended it need not wait for us. */
  #closeSoon(): void {
    queueMicrotask(() =>
      this.close().catch((error) =>
        this.#options.onProblem?.(`closing the socket failed: ${error}`)
      )
    );
  }

  // --- in --------------------------------------------------------------------

  async #receiveLoop(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const received = await this.#nextDatagrams(buffer);
      if (received === undefined) break;
      const { length, segmentSize, from } = received;
      const now = performance.now();
      for (let at = 0; at < length; at += segmentSize) {
        const end = Math.min(length, at + segmentSize);
        try {
          this.#onDatagram(now, buffer.subarray(at, end), from);
        } catch (error) {
          // A defect of ours: one peer's packet must not end the others' service.
          this.#options.onProblem?.(`a datagram was not understood: ${error}`);
        }
      }
      if (length > 0) this.#startPump();
    }
    if (!this.#closed) this.#onSocketGone();
  }

  /** Receives, forgiving errors that do not repeat at once. */
  async #nextDatagrams(
    buffer: Uint8Array,
  ): Promise<ReceivedDatagrams | undefined> {
    for (let failures = 1;; failures++) {
      try {
        return await this.#socket.receive(buffer);
      } catch (error) {
        this.#options.onProblem?.(`receiving failed: ${error}`);
        if (failures === RECEIVE_FAILURES_MAX) return undefined;
      }
    }
  }

  /** The socket ended by itself: no way leads to any peer. */
  #onSocketGone(): void {
    const reason = this.#socket.lastSendError?.message ??
      "the socket was closed";
    for (const attempt of this.#attempts.values()) {
      attempt.fail(new HandshakeError(reason));
    }
    for (const entry of [...this.#entries.values()]) {
      entry.connection.abandon(reason);
      this.#wake(entry);
    }
  }

  #onDatagram(now: number, bytes: Uint8Array, from: RemoteAddress): void {
    if (!isTransportPacket(bytes)) {
      this.#onHandshakePacket(now, bytes, from);
      return;
    }
    const header = decodePacketHeader(bytes);
    if (header === undefined) return;
    const entry = this.#entries.get(connectionIdKey(bytes));
    if (entry === undefined) {
      this.#answerUnknown(now, bytes, from);
      return;
    }
    entry.connection.receive(now, header, bytes, from);
    this.#queue(entry);
  }

  #onHandshakePacket(
    now: number,
    bytes: Uint8Array,
    from: RemoteAddress,
  ): void {
    if (bytes[0] === PacketType.INITIAL) {
      this.#onInitial(now, bytes, from);
      return;
    }
    const packet = parseHandshakePacket(bytes);
    if (packet === undefined) return;
    if (packet.kind === "statelessReset") {
      this.#onStatelessReset(packet.connectionId, packet.token);
    } else if ("destinationId" in packet) {
      const key = connectionIdKey(packet.destinationId, 0);
      const attempt = this.#attempts.get(key);
      if (attempt === undefined) return;
      attempt.receive(now, bytes.slice(), from);
      this.#driveAttempt(attempt, now);
    }
  }

  #onInitial(now: number, bytes: Uint8Array, from: RemoteAddress): void {
    if (this.#listener === undefined) return;
    const result = this.#listener.onInitial(now, bytes, from);
    if (result.kind === "drop") return;
    if (result.kind === "accepted") this.#add(result.established, from);
    this.#sendOnce(result.packet, from);
  }

  #answerUnknown(now: number, bytes: Uint8Array, from: RemoteAddress): void {
    if (this.#listener === undefined) return;
    if (now - this.#resetsSince >= 1000) {
      this.#resetsSince = now;
      this.#resets = 0;
    }
    if (this.#resets >= RESETS_PER_SECOND) return;
    const reset = this.#listener.statelessReset(bytes);
    if (reset === undefined) return;
    this.#resets++;
    this.#sendOnce(reset, from);
  }

  #onStatelessReset(connectionId: Uint8Array, token: Uint8Array): void {
    const key = connectionIdKey(connectionId, 0);
    for (const entry of this.#entries.values()) {
      // Only a node that was attached to gives out tokens.
      if (!entry.initiator || connectionIdKey(entry.remoteId, 0) !== key) {
        continue;
      }
      entry.connection.onStatelessReset(token);
      this.#queue(entry);
    }
  }

  // --- connections -------------------------------------------------------------

  #add(
    established: Established,
    address: RemoteAddress,
    handshakeRtt?: number,
  ): Entry {
    const { accept, provider, relay } = this.#options;
    const initiator = established.role === "initiator";
    const now = performance.now();
    const key = connectionIdKey(established.localConnectionId, 0);
    const { sizes, forbidsFragments } = this.#socket;
    const ceiling = sizes?.ceiling ??
      (forbidsFragments ? DATAGRAM_MAX : datagramCeiling(address.hostname));
    const connection = new Connection({
      initiator,
      localId: established.localConnectionId,
      remoteId: established.remoteConnectionId,
      protection: new PacketProtection({
        aead: established.aead,
        provider,
        sendKey: established.sendKey,
        receiveKey: established.receiveKey,
      }),
      local: this.#parameters(),
      peer: established.peerParameters,
      resetToken: established.statelessResetToken,
      address,
      datagramFloor: sizes?.floor,
      datagramCeiling: ceiling,
      loopback: isLoopback(address.hostname),
      keepAlive: initiator,
      randomBytes: (target) => provider.randomBytes(target),
      handshakeRtt,
      congestion: this.#options.congestion,
      handler: {
        onStream: (stream) => entry.session.onStream(stream),
        onStreamsAvailable: () => entry.session.onStreamsAvailable(),
        onStreamEnd: () => entry.session.onStreamEnd(),
        onOpen: () => {
          if (this.#isFull()) {
            connection.close(
              performance.now(),
              CLOSE_BUSY,
              "the node has as many sessions as it may",
            );
            return;
          }
          relay?.add(entry.session);
          accept?.onSession(entry.session);
        },
        onClose: (close) => {
          entry.session.onClose(close);
          if (this.#options.single) this.#closeSoon();
        },
        // A node that neither uses a relay nor is one drops such packets.
        onRelay: (nodeId, packet) =>
          session.onRelayed === undefined
            ? relay?.forward(session, nodeId, packet)
            : session.onRelayed(nodeId, packet),
      },
    }, now);
    const driver: SessionDriver = {
      now: () => performance.now(),
      wake: () => this.#wake(entry),
      farewell: async () => {
        this.#queue(entry);
        await (this.#options.single ? this.close() : this.#flush());
      },
    };
    const session = new WireSession(connection, driver, {
      nodeId: nodeIdOf(established.peerPublicKey),
      publicKey: established.peerPublicKey,
    });
    const entry: Entry = {
      connection,
      session,
      remoteId: established.remoteConnectionId,
      initiator,
      createdAt: now,
      ready: false,
    };
    this.#entries.set(key, entry);
    // A half-open connection has no timer of its own.
    this.#timer.at(now + HALF_OPEN_MS);
    return entry;
  }

  #isFull(): boolean {
    let open = 0;
    for (const { connection } of this.#entries.values()) {
      if (!connection.halfOpen && !connection.closed) open++;
    }
    const { accept } = this.#options;
    return open > (accept?.maxConnections ?? CONNECTIONS_MAX);
  }

  #handshakeConfig(): HandshakeConfig {
    return {
      provider: this.#options.provider,
      staticKeys: this.#options.keys,
      psk: this.#options.psk,
      parameters: this.#parameters(),
    };
  }

  #parameters(): TransportParameters {
    // Whoever attaches sends requests: a thousand peers must not be able to
    // make us hold a thousand downloads.
    const listens = this.#options.accept !== undefined;
    return {
      maxIdleTimeoutMs: IDLE_TIMEOUT_MS,
      initialMaxData: listens ? REQUESTS_WINDOW : CONNECTION_WINDOW,
      initialMaxStreamData: listens ? REQUEST_WINDOW : STREAM_WINDOW,
      initialMaxStreamsBidi: STREAMS_MAX,
      maxAckDelayMs: MAX_ACK_DELAY_MS,
      maxDatagramSize: DATAGRAM_MAX,
      receiveBufferBytes: this.#socket.receiveBufferBytes,
    };
  }

  // --- out -------------------------------------------------------------------

  /** Queues a connection and lets several calls of one task share a packet. */
  #wake(entry: Entry): void {
    this.#queue(entry);
    if (this.#pumpQueued || this.#pumping !== undefined) return;
    this.#pumpQueued = true;
    queueMicrotask(() => {
      this.#pumpQueued = false;
      this.#startPump();
    });
  }

  #queue(entry: Entry): void {
    if (entry.ready) return;
    entry.ready = true;
    this.#ready.push(entry);
  }

  #startPump(): void {
    this.#pump().catch((error) =>
      this.#options.onProblem?.(`sending stopped: ${error}`)
    );
  }

  async #pump(): Promise<void> {
    if (this.#pumping !== undefined) return await this.#pumping;
    this.#pumping = this.#pumpAll();
    try {
      await this.#pumping;
    } finally {
      this.#pumping = undefined;
      if (this.#ready.length > 0 && !this.#closed) this.#startPump();
    }
  }

  /** Gives each queued connection its turns until none has anything to send. */
  async #pumpAll(): Promise<void> {
    for (;;) {
      const entry = this.#ready.shift();
      if (entry === undefined || this.#closed) return;
      entry.ready = false;
      let sent = 0;
      while (sent < TURN_BYTES) {
        const buffer = this.#buffers.take() ?? await this.#buffers.next();
        const transmit = this.#transmit(entry, buffer);
        if (transmit === undefined) {
          this.#buffers.release(buffer);
          break;
        }
        sent += transmit.length;
        this.#buffers.releaseAfter(
          buffer,
          this.#socket.send(
            buffer.subarray(0, transmit.length),
            transmit.length,
            transmit.to,
          ),
        );
      }
      entry.session.onSent();
      if (sent >= TURN_BYTES) this.#queue(entry);
      else this.#settle(entry);
    }
  }

  #transmit(entry: Entry, buffer: Uint8Array): Transmit | undefined {
    try {
      return entry.connection.transmit(performance.now(), buffer);
    } catch (error) {
      // A defect of ours ends this connection, not the endpoint.
      entry.connection.abandon(String(error));
      this.#options.onProblem?.(`a connection failed: ${error}`);
      return undefined;
    }
  }

  /** After its turn: forget it if it is over, else wake it in time. */
  #settle(entry: Entry): void {
    if (entry.connection.finished) {
      this.#entries.delete(connectionIdKey(entry.connection.localId, 0));
    } else this.#timer.at(entry.connection.nextTimeout());
  }

  #sendOnce(packet: Uint8Array, to: RemoteAddress): void {
    if (this.#buffers.pending >= ANSWERS_MAX) return;
    this.#buffers.track(this.#socket.send(packet, packet.length, to));
  }

  // --- time --------------------------------------------------------------------

  #onTimer(): void {
    const now = performance.now();
    for (const [key, entry] of this.#entries) {
      const { connection, createdAt } = entry;
      if (connection.halfOpen) {
        if (now - createdAt >= HALF_OPEN_MS) this.#entries.delete(key);
        else this.#timer.at(createdAt + HALF_OPEN_MS);
      } else if (connection.nextTimeout() <= now) {
        connection.onTimeout(now);
        this.#queue(entry);
      } else this.#timer.at(connection.nextTimeout());
    }
    for (const attempt of this.#attempts.values()) {
      this.#driveAttempt(attempt, now);
    }
    this.#startPump();
  }

  #driveAttempt(attempt: Attempt, now: number): void {
    const packet = attempt.poll(now);
    if (packet !== undefined) this.#sendOnce(packet, attempt.address);
    this.#timer.at(attempt.nextTimeout());
  }

  #explain(error: TimeoutError, options: ConnectOptions): void {
    const { hostname, port } = options.address;
    const sendError = this.#socket.lastSendError;
    if (sendError === undefined) return;
    error.message += ` (sending to ${
      formatAddress(hostname, port)
    } failed: ${sendError.message})`;
  }
}
