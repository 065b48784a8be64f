/**
 * Many connections on one socket: which datagram is whose, sessions, and one
 * timer. Handshakes are `handshakes.ts`, turns at sending `send_pump.ts`.
 *
 * @module
 */

import { HandshakeError, TimeoutError } from "../errors.ts";
import { CONNECTIONS_MAX, DATAGRAM_MAX, HALF_OPEN_MS } from "../limits.ts";
import {
  Connection,
  connectionIdKey,
  decodePacketHeader,
  type Established,
  isTransportPacket,
  PacketProtection,
  type RemoteAddress,
  type Transmit,
  type TransportParameters,
} from "../wire/mod.ts";
import { datagramCeiling } from "./datagram_ceiling.ts";
import type { DatagramSocket, ReceivedDatagrams } from "./datagram_socket.ts";
import type { ConnectOptions, EndpointOptions } from "./endpoint_options.ts";
import { formatAddress, isLoopback } from "./format_address.ts";
import { Handshakes } from "./handshakes.ts";
import { localParameters } from "./local_parameters.ts";
import { nodeIdOf } from "./node_id.ts";
import { type PumpSource, SendPump } from "./send_pump.ts";
import { WakeTimer } from "./wake_timer.ts";
import { type SessionDriver, WireSession } from "./wire_session.ts";

/** Receive errors in a row after which the socket counts as gone. */
const RECEIVE_FAILURES_MAX = 8;
/** Application error code of a CLOSE to a peer for which there is no room. */
const CLOSE_BUSY = 1;

/** One connection of the endpoint and the session over it. */
interface Entry extends PumpSource {
  readonly connection: Connection;
  readonly session: WireSession;
  readonly remoteId: Uint8Array;
  /** Whether we attached to the peer. */
  readonly initiator: boolean;
  readonly createdAt: number;
}

/** One socket and everything that happens on it. */
export class Endpoint implements AsyncDisposable {
  readonly #options: EndpointOptions;
  readonly #socket: DatagramSocket;
  readonly #handshakes: Handshakes;
  readonly #pump: SendPump;
  /** By the key of our connection id. */
  readonly #entries = new Map<string, Entry>();
  readonly #timer = new WakeTimer(() => this.#onTimer());
  readonly #received: Promise<void>;
  #closing: Promise<void> | undefined;
  #closed = false;

  /** Starts the loop. */
  constructor(options: EndpointOptions) {
    const { accept, keys, provider, psk, socket } = options;
    this.#options = options;
    this.#socket = socket;
    this.#pump = new SendPump({
      socket,
      onError: (error) => options.onProblem?.(`sending stopped: ${error}`),
    });
    this.#handshakes = new Handshakes(
      {
        config: {
          provider,
          staticKeys: keys,
          psk,
          parameters: this.#parameters(),
        },
        datagramSize: socket.sizes?.floor,
        accept,
      },
      {
        isConnection: (key) => this.#entries.has(key),
        onAccepted: (established, from) => this.#add(established, from),
        onStatelessReset: (id, token) => this.#onStatelessReset(id, token),
        send: (packet, to) => this.#pump.sendOnce(packet, to),
        wakeAt: (time) => this.#timer.at(time),
      },
    );
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
    try {
      const { established, from, rtt } = await this.#handshakes.attach(options);
      const entry = this.#add(established, from, rtt);
      this.#pump.wake(entry);
      return entry.session;
    } catch (error) {
      if (error instanceof TimeoutError) this.#explain(error, options);
      throw error;
    }
  }

  /** Tells every peer and closes the socket. */
  close(code = 0, reason = ""): Promise<void> {
    return this.#closing ??= this.#close(code, reason);
  }

  async #close(code: number, reason: string): Promise<void> {
    const now = performance.now();
    this.#handshakes.failAll(new HandshakeError("the endpoint was closed"));
    for (const entry of [...this.#entries.values()]) {
      entry.connection.close(now, code, reason);
      this.#pump.wake(entry);
    }
    await this.#pump.flush();
    this.#closed = true;
    this.#pump.stop();
    this.#timer.stop();
    await this.#socket.close();
    await this.#received;
  }

  /** Closes the endpoint. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
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
      if (length > 0) this.#pump.start();
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
    this.#handshakes.failAll(new HandshakeError(reason));
    for (const entry of [...this.#entries.values()]) {
      entry.connection.abandon(reason);
      this.#pump.wake(entry);
    }
  }

  #onDatagram(now: number, bytes: Uint8Array, from: RemoteAddress): void {
    if (!isTransportPacket(bytes)) {
      this.#handshakes.onPacket(now, bytes, from);
      return;
    }
    const header = decodePacketHeader(bytes);
    if (header === undefined) return;
    const entry = this.#entries.get(connectionIdKey(bytes));
    if (entry === undefined) {
      this.#handshakes.onUnknownConnection(now, bytes, from);
      return;
    }
    entry.connection.receive(now, header, bytes, from);
    this.#pump.queue(entry);
  }

  #onStatelessReset(connectionId: Uint8Array, token: Uint8Array): void {
    const key = connectionIdKey(connectionId, 0);
    for (const entry of this.#entries.values()) {
      // Only a node that was attached to gives out tokens.
      if (!entry.initiator || connectionIdKey(entry.remoteId, 0) !== key) {
        continue;
      }
      entry.connection.onStatelessReset(token);
      this.#pump.queue(entry);
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
      wake: () => this.#pump.wake(entry),
      farewell: async () => {
        this.#pump.queue(entry);
        await (this.#options.single ? this.close() : this.#pump.flush());
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
      queued: false,
      transmit: (time, out) => this.#transmit(connection, time, out),
      onTurnOver: (drained) => {
        session.onSent();
        if (drained) this.#settle(entry);
      },
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

  #parameters(): TransportParameters {
    return localParameters(
      this.#options.accept !== undefined,
      this.#socket.receiveBufferBytes,
    );
  }

  // --- out -------------------------------------------------------------------

  #transmit(
    connection: Connection,
    now: number,
    out: Uint8Array,
  ): Transmit | undefined {
    try {
      return connection.transmit(now, out);
    } catch (error) {
      // A defect of ours ends this connection, not the endpoint.
      connection.abandon(String(error));
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
        this.#pump.queue(entry);
      } else this.#timer.at(connection.nextTimeout());
    }
    this.#handshakes.onTimer(now);
    this.#pump.start();
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
