// A connection is in `connection_entry.ts`, handshakes in `handshakes.ts`,
// turns at sending in `send_pump.ts`.

import { deadline } from "@std/async";
import { HandshakeError, TimeoutError } from "../errors.ts";
import { SCOPED_SESSIONS_MAX, SCOPED_SESSIONS_PER_KEY } from "../limits.ts";
import {
  type AcceptedPsk,
  connectionIdKey,
  decodePacketHeader,
  isTransportPacket,
  type PskScope,
  type RemoteAddress,
} from "../wire/mod.ts";
import { formatAddress } from "./address.ts";
import type { Attached } from "./attempt.ts";
import { CLOSE_BUSY, CLOSE_REVOKED } from "./close_codes.ts";
import {
  ConnectionEntry,
  type ConnectionOwner,
  type ConnectionSettings,
} from "./connection_entry.ts";
import { ConnectionTable } from "./connection_table.ts";
import type { DatagramSocket } from "./datagram_socket.ts";
import { FragmentCounter } from "./fragment_watch.ts";
import { type ConnectOptions, Handshakes } from "./handshakes.ts";
import type { Identity } from "./identity.ts";
import type { Keyring, KeyringWatcher } from "./keyring.ts";
import { SendPump } from "./send_pump.ts";
import type { Session } from "./session.ts";
import { SessionRoom } from "./session_room.ts";
import {
  announcedDatagramSize,
  localParameters,
  WINDOW_GROWTH,
} from "./transport_limits.ts";
import { TurnGroups } from "./turn_groups.ts";
import { Underlay } from "./underlay.ts";
import { WakeTimer } from "./wake_timer.ts";
import type { WireSession } from "./wire_session.ts";

/** Receive errors in a row after which the socket counts as gone. */
const RECEIVE_FAILURES_MAX = 8;

/** Longest wait for what is still to be sent when an endpoint is closed. */
const FLUSH_MS = 500;

/** What an endpoint that takes sessions does about them. */
export interface AcceptOptions {
  /** Called for each authenticated session, with what its peer's PSK is for. */
  onSession: (session: Session, scope?: PskScope) => void;
  /** The pre-shared keys with one of which peers attach. */
  keyring: Keyring;
  /** Whether a peer with this static key may attach. @default {everyone} */
  allow?: (publicKey: Uint8Array) => boolean;
  /**
   * Sessions at once; more are told that the node is busy. @default
   * {CONNECTIONS_MAX}
   */
  maxConnections?: number;
}

/** Options of an endpoint, which owns the socket from now on. */
export interface EndpointOptions extends ConnectionSettings {
  /** This node's keys. */
  identity: Identity;
  /** Lives as long as the one session it makes. @default {false} */
  single?: boolean;
  /** Takes sessions; without it the endpoint only makes them. */
  accept?: AcceptOptions;
}

/** None behind a relay, whose other sockets issue ids of the same identity. */
function resetPort({ local }: DatagramSocket): number | undefined {
  return local.port === 0 ? undefined : local.port;
}

/** One socket and everything that happens on it. */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #socket: DatagramSocket;
  readonly #handshakes: Handshakes;
  readonly #pump: SendPump;
  readonly #entries = new ConnectionTable();
  /** Peers whose sessions take up room. */
  readonly #room: SessionRoom<ConnectionEntry>;
  /** Those whose key is no secret take up room of their own. */
  readonly #scopedRoom = new SessionRoom<ConnectionEntry>(
    SCOPED_SESSIONS_MAX,
    SCOPED_SESSIONS_PER_KEY,
  );
  readonly #keyringWatcher: KeyringWatcher = {
    onAdded: (psk) => this.#handshakes.addPsk(psk),
    onRevoked: (psk) => this.#onRevoked(psk),
  };
  readonly #timer = new WakeTimer(() => this.#onTimer());
  readonly #received: Promise<void>;
  readonly #owner: ConnectionOwner;
  /** There where one session has the socket for itself. */
  readonly #underlay: Underlay | undefined;
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(options: EndpointOptions) {
    const { accept, identity, provider, socket } = options;
    this.#options = options;
    this.#socket = socket;
    this.#room = new SessionRoom(accept?.maxConnections);
    const parameters = {
      ...localParameters(
        accept !== undefined,
        socket.receiveBufferBytes,
        options.receiveRate,
      ),
      ...(options.congestion && { congestion: options.congestion }),
      ...(socket.direct && { takesAddresses: true }),
      // A node that attaches to a relay may have to tell where that sees it.
      ...(accept === undefined && { wantsObserved: true }),
    };
    if (options.single) this.#underlay = new Underlay(socket);
    this.#owner = {
      settings: options,
      parameters,
      underlay: this.#underlay,
      // Who attaches sends requests, which fit the windows of the beginning.
      windowGrowth: accept === undefined ? WINDOW_GROWTH : undefined,
      fragments: socket.sizeCounts &&
        new FragmentCounter((to) => socket.sizeCounts?.(to)),
      pathRttMs: (to) => this.#entries.pathRttMs(to),
      turns: new TurnGroups(),
      admit: (entry) => this.#admit(entry),
      wake: (entry) => this.#pump.wake(entry),
      onDrained: (entry) => {
        if (entry.connection.finished) this.#entries.delete(entry);
        else this.#watchTime(entry);
      },
      onClosed: (entry) => {
        this.#roomOf(entry).delete(entry);
        // What ended the session need not wait for the socket.
        if (options.single) queueMicrotask(() => this.#closeAlone());
      },
      closeSent: async (entry) => {
        this.#pump.queue(entry);
        await (options.single ? this.close() : this.#pump.flush());
      },
    };
    this.#pump = new SendPump(
      socket,
      (error) => options.onProblem?.(`sending stopped: ${error}`),
    );
    this.#handshakes = new Handshakes(
      {
        config: {
          provider,
          staticKeys: {
            secret: identity.x25519Secret,
            public: identity.x25519Public,
          },
          parameters,
          datagramSize: socket.sizes?.floor,
        },
        maxDatagramSize: (to) => announcedDatagramSize(socket.carries?.(to)),
        unreachables: (to) => socket.sizeCounts?.(to)?.unreachables,
        accept: accept && {
          allow: accept.allow,
          psks: accept.keyring.watch(this.#keyringWatcher),
          resetPort: resetPort(socket),
        },
      },
      {
        isConnection: (key) => this.#entries.has(key),
        onAccepted: (attached) => this.#add(attached),
        onDisplaced: (key) => {
          const entry = this.#entries.get(key);
          if (entry?.connection.halfOpen !== true) return;
          entry.onTimeout(performance.now());
          this.#entries.delete(entry);
        },
        onStatelessReset: (id, token, from) => {
          const entry = this.#entries.withResetKey(connectionIdKey(id, 0));
          const now = performance.now();
          if (entry?.connection.onStatelessReset(now, token, from)) {
            this.#pump.queue(entry);
          }
        },
        send: (packet, to) => this.#pump.sendOnce(packet, to),
        get lastSendError() {
          return socket.lastSendError;
        },
        wakeAt: (time) => this.#timer.at(time),
      },
    );
    this.#received = this.#receiveAll();
  }

  /** The address the socket is bound to. */
  get local(): RemoteAddress {
    return this.#socket.local;
  }

  /** Makes a session; a wrong key or PSK looks like no node at all on purpose. */
  async connect(options: ConnectOptions): Promise<WireSession> {
    try {
      const entry = this.#add(await this.#handshakes.attach(options));
      this.#pump.wake(entry);
      return entry.session;
    } catch (error) {
      const { lastSendError } = this.#socket;
      if (error instanceof TimeoutError && lastSendError !== undefined) {
        const where = formatAddress(options.address);
        error.message +=
          ` (sending to ${where} failed: ${lastSendError.message})`;
      }
      throw error;
    }
  }

  /** Tells every peer and closes the socket. */
  close(code = 0, reason = ""): Promise<void> {
    return this.#closing ??= this.#close(code, reason);
  }

  async #close(code: number, reason: string): Promise<void> {
    const now = performance.now();
    this.#endHandshakes("the endpoint was closed");
    for (const entry of this.#entries.values()) {
      entry.connection.close(now, code, reason);
      this.#pump.wake(entry);
    }
    await deadline(this.#pump.flush(), FLUSH_MS).catch(() => {
      // By way of a relay that is gone nothing leaves.
    });
    this.#closed = true;
    this.#pump.stop();
    this.#timer.stop();
    // No timer ends what they still had to say.
    for (const { connection } of this.#entries.values()) connection.erase();
    await this.#socket.close();
    await this.#received;
  }

  async #closeAlone(): Promise<void> {
    try {
      await this.close();
    } catch (error) {
      this.#options.onProblem?.(`closing the socket failed: ${error}`);
    }
  }

  // --- in --------------------------------------------------------------------

  /** Receives, forgiving errors that do not repeat at once. */
  async #receiveAll(): Promise<void> {
    for (let failures = 1; failures < RECEIVE_FAILURES_MAX; failures++) {
      try {
        await this.#socket.receive((bytes, segmentSize, from) => {
          failures = 0;
          this.#onDatagrams(bytes, segmentSize, from);
        });
        break;
      } catch (error) {
        this.#options.onProblem?.(`receiving failed: ${error}`);
      }
    }
    if (!this.#closed) this.#onSocketGone();
  }

  #onDatagrams(
    bytes: Uint8Array,
    segmentSize: number,
    from: RemoteAddress,
  ): void {
    if (bytes.length === 0) return;
    const now = performance.now();
    for (let at = 0; at < bytes.length; at += segmentSize) {
      const end = Math.min(bytes.length, at + segmentSize);
      try {
        this.#onDatagram(now, bytes.subarray(at, end), from);
      } catch (error) {
        // A defect of ours: one peer's packet must not end the others' service.
        this.#options.onProblem?.(`a datagram was not understood: ${error}`);
      }
    }
    this.#pump.start();
  }

  /** The socket ended by itself: no way leads to any peer. */
  #onSocketGone(): void {
    const reason = this.#socket.lastSendError?.message ??
      "the socket was closed";
    this.#endHandshakes(reason);
    for (const entry of this.#entries.values()) {
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
      if (this.#underlay?.onStray === undefined) {
        this.#handshakes.onUnknownConnection(now, bytes, from);
      } else this.#underlay.onStray(bytes, from);
    } else {
      const { connection } = entry;
      const isNews = connection.receive(now, header, bytes, from);
      // What was forged, or came again, is answered with nothing.
      if (isNews || connection.closed) this.#pump.queue(entry);
    }
  }

  // --- connections -------------------------------------------------------------

  #add(attached: Attached): ConnectionEntry {
    const entry = new ConnectionEntry(attached, this.#owner);
    this.#entries.add(entry);
    this.#timer.at(this.#entries.nextTimeout);
    return entry;
  }

  #watchTime(entry: ConnectionEntry): void {
    this.#entries.onTimeoutChanged(entry);
    this.#timer.at(this.#entries.nextTimeout);
  }

  #admit(entry: ConnectionEntry): boolean {
    const { key, session } = entry;
    const now = performance.now();
    const evict = (other: ConnectionEntry) => {
      other.connection.close(now, CLOSE_BUSY, "others needed the room");
      this.#pump.wake(other);
    };
    const { accept, relay } = this.#options;
    const scope = entry.psk?.scope;
    this.#handshakes.onOpened(now, key);
    if (!this.#roomOf(entry).admit(entry, now, evict)) return false;
    if (scope === undefined) relay?.add(session);
    accept?.onSession(session, scope);
    return true;
  }

  #roomOf({ psk }: ConnectionEntry): SessionRoom<ConnectionEntry> {
    return psk?.scope === undefined ? this.#room : this.#scopedRoom;
  }

  /**
   * Nobody attaches with a key any more, and nobody stays attached with it. No
   * Initial passes its mac1 from here on; a connection that was accepted before,
   * half-open or not, is in the table, which all of them are looked up in. None of
   * this waits for anything, so nothing comes in between.
   */
  #onRevoked(psk: AcceptedPsk): void {
    const now = performance.now();
    this.#handshakes.removePsk(psk);
    for (const entry of this.#entries.values()) {
      if (entry.psk !== psk) continue;
      if (entry.connection.halfOpen) {
        entry.onTimeout(now);
        this.#entries.delete(entry);
      } else {
        const reason = "the pre-shared key was revoked";
        entry.connection.close(now, CLOSE_REVOKED, reason);
        this.#pump.wake(entry);
      }
    }
  }

  #endHandshakes(reason: string): void {
    this.#options.accept?.keyring.unwatch(this.#keyringWatcher);
    this.#handshakes.end(new HandshakeError(reason));
  }

  #onTimer(): void {
    const now = performance.now();
    for (let entry; (entry = this.#entries.takeDue(now)) !== undefined;) {
      if (entry.onTimeout(now)) this.#pump.queue(entry);
      else this.#entries.delete(entry);
    }
    this.#timer.at(this.#entries.nextTimeout);
    this.#handshakes.onTimer(now);
    this.#pump.start();
  }
}
