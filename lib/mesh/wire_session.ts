import { Notify } from "../async/notify.ts";
import { RELAY_QUEUE_MAX } from "../limits.ts";
import type {
  Connection,
  ConnectionClose,
  HostAddress,
  Stream,
} from "../wire/mod.ts";
import { formatAddress } from "./address.ts";
import { Queue } from "./queue.ts";
import { RelayAddress } from "./relay_socket.ts";
import type {
  BidiStream,
  CloseInfo,
  RelayCarrier,
  RemotePeer,
  Session,
  SessionRoute,
  SessionStats,
} from "./session.ts";
import { closedError } from "./session_loss.ts";
import type { Underlay } from "./underlay.ts";
import { type StreamOwner, WireStream } from "./wire_stream.ts";

/** Relayed packets that wait before their sender is told to. */
const RELAY_BUSY = RELAY_QUEUE_MAX / 4;

/** What a session needs of the endpoint that owns the socket. */
export interface SessionDriver {
  /** The present on the endpoint's clock. */
  now(): number;
  /** The connection may have something to send. */
  wake(): void;
  /** Resolves when the CLOSE of a closed connection has been sent. */
  closeSent(): Promise<void>;
  /** What the socket has dropped, where that is known. */
  readonly socketDrops?: number;
  /** The socket, where the session has it for itself. */
  readonly underlay?: Underlay;
}

/** A {@linkcode Session} over a wire connection, whose handler forwards to it. */
export class WireSession implements Session, RelayCarrier {
  readonly #connection: Connection;
  readonly #isCarried: boolean;
  readonly #driver: SessionDriver;
  readonly #owner: StreamOwner;
  readonly #streams = new Set<WireStream>();
  /**
   * Streams of the peer that wait to be taken: until then they count against
   * its limit.
   */
  readonly #incoming = new Queue<WireStream>();
  readonly #allowed = new Notify();
  readonly #streamEnded = new Notify();
  readonly #sent = new Notify();
  /** What all whose packets find the queue full wait for. */
  #relayRoom: Promise<void> | undefined;
  #closeInfo: CloseInfo | undefined;
  readonly #closed = Promise.withResolvers<CloseInfo>();

  readonly remote: RemotePeer;
  readonly closed: Promise<CloseInfo> = this.#closed.promise;
  /**
   * Takes the packets of RELAY frames, copying what it keeps; else the node's
   * relay does.
   */
  onRelayed: ((nodeId: bigint, packet: Uint8Array) => void) | undefined;
  /** Where the peer says that it sees this end. */
  observed: HostAddress | undefined;

  constructor(
    connection: Connection,
    driver: SessionDriver,
    peer: Omit<RemotePeer, "address">,
  ) {
    this.#connection = connection;
    this.#isCarried = connection.address instanceof RelayAddress;
    this.#driver = driver;
    const isOver = () => this.isOver;
    this.#owner = {
      wake: () => driver.wake(),
      get isOver() {
        return isOver();
      },
      throwIfClosed: () => this.#throwIfClosed(),
      forget: (stream) => this.#streams.delete(stream),
    };
    this.remote = {
      ...peer,
      get address() {
        return formatAddress(connection.address);
      },
    };
  }

  /** Streams that are still in use here. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Whether it has ended, which {@linkcode closed} tells a moment later. */
  get isOver(): boolean {
    return this.#closeInfo !== undefined;
  }

  get silentMs(): number {
    return this.#connection.unanswered(this.#driver.now());
  }

  get stats(): SessionStats {
    return this.#connection.stats;
  }

  /** What the path itself takes: see {@linkcode Connection.pathRttMs}. */
  get pathRttMs(): number {
    return this.#connection.pathRttMs;
  }

  get socketDrops(): number | undefined {
    return this.#driver.socketDrops;
  }

  get route(): SessionRoute {
    return this.#connection.address instanceof RelayAddress
      ? "relayed"
      : "direct";
  }

  /** This session, unless it has itself begun inside RELAY frames. */
  get carrier(): RelayCarrier | undefined {
    return this.#isCarried ? undefined : this;
  }

  get underlay(): Underlay | undefined {
    return this.#driver.underlay;
  }

  sendRelay(nodeId: bigint, packet: Uint8Array): Promise<void> | void {
    this.#connection.sendRelay(nodeId, packet);
    this.#driver.wake();
    if (this.#connection.relayQueued < RELAY_BUSY) return;
    return this.#relayRoom ??= this.#relayBelow(RELAY_BUSY).then(() => {
      this.#relayRoom = undefined;
    });
  }

  relayFlushed(): Promise<void> {
    return this.#relayBelow(1);
  }

  async openStream(
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<BidiStream> {
    for (;;) {
      signal?.throwIfAborted();
      this.#throwIfClosed();
      const stream = this.#connection.streams.openStream();
      if (stream !== undefined) return this.#wrap(stream);
      await this.#allowed.wait(signal);
    }
  }

  async *incomingStreams(): AsyncGenerator<BidiStream> {
    for await (const stream of this.#incoming) {
      stream.accept();
      yield stream;
    }
  }

  limitReceiving(bytesPerSecond: number): void {
    this.#connection.limitReceiving(bytesPerSecond, this.#driver.now());
    this.#driver.wake();
  }

  async flushed(): Promise<void> {
    const unsettled = () => {
      for (const { send } of this.#connection.streams.all()) {
        if (send.ended && !send.done) return true;
      }
      return false;
    };
    while (this.#closeInfo === undefined && unsettled()) {
      await this.#streamEnded.wait();
    }
  }

  async close(code = 0, reason = ""): Promise<void> {
    this.#connection.close(this.#driver.now(), code, reason);
    await this.#driver.closeSent();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // --- for the connection's handler ----------------------------------------------

  /** The connection has sent what it may for now. */
  onSent(): void {
    this.#sent.notifyAll();
  }

  onStream(stream: Stream): void {
    if (this.#closeInfo !== undefined) return;
    this.#incoming.push(this.#wrap(stream));
  }

  onStreamsAvailable(): void {
    this.#allowed.notifyAll();
  }

  onStreamEnd(): void {
    this.#streamEnded.notifyAll();
  }

  onClose(close: ConnectionClose): void {
    this.#closeInfo = close;
    this.#closed.resolve(close);
    for (const stream of this.#streams) stream.wake();
    this.#streams.clear();
    this.#incoming.end();
    for (const waiting of [this.#allowed, this.#streamEnded, this.#sent]) {
      waiting.notifyAll();
    }
  }

  #throwIfClosed(): void {
    const info = this.#closeInfo;
    if (info === undefined) return;
    throw closedError(this.remote, info);
  }

  #wrap(stream: Stream): WireStream {
    const { streams } = this.#connection;
    const wrapped = new WireStream(stream, streams, this.#owner);
    this.#streams.add(wrapped);
    return wrapped;
  }

  async #relayBelow(limit: number): Promise<void> {
    while (this.#connection.relayQueued >= limit) await this.#sent.wait();
  }
}
