/**
 * A {@linkcode Session} over a wire connection: promises on top of the state
 * machine's calls.
 *
 * @module
 */

import { PeerClosedError } from "../errors.ts";
import { RELAY_QUEUE_MAX } from "../limits.ts";
import type { Connection, ConnectionClose, Stream } from "../wire/mod.ts";
import { formatAddress } from "./format_address.ts";
import { RelayAddress, type RelayCarrier } from "./relay_socket.ts";
import type {
  BidiStream,
  CloseInfo,
  RemotePeer,
  Session,
  SessionStats,
} from "./session.ts";
import { type StreamOwner, WireStream } from "./wire_stream.ts";

/** Streams of the peer that wait to be taken: until then they count against its limit. */
interface IncomingQueue {
  streams: WireStream[];
  wake: (() => void) | undefined;
}

/** Relayed packets that wait before their sender is told to. */
const RELAY_BUSY = RELAY_QUEUE_MAX / 4;

/** What a session needs of the endpoint that owns the socket. */
export interface SessionDriver {
  /** The present on the endpoint's clock. */
  now(): number;
  /** The connection may have something to send. */
  wake(): void;
  /** Resolves when the farewell of a closed connection has been sent. */
  farewell(): Promise<void>;
}

/** One authenticated session with a peer. */
export class WireSession implements Session, RelayCarrier {
  readonly #connection: Connection;
  readonly #driver: SessionDriver;
  readonly #incoming: IncomingQueue = { streams: [], wake: undefined };
  readonly #streams = new Set<WireStream>();
  readonly #owner: StreamOwner;
  readonly #flushWaiters: (() => void)[] = [];
  readonly #openWaiters = new Set<() => void>();
  /** By the length of the queue they wait for: many who wait share one promise. */
  readonly #relayWaiters = new Map<number, PromiseWithResolvers<void>>();
  #closeInfo: CloseInfo | undefined;
  #resolveClosed!: (info: CloseInfo) => void;

  /** The peer. */
  readonly remote: RemotePeer;
  /** Resolves when the session is over. */
  readonly closed: Promise<CloseInfo>;
  /** Takes the packets of RELAY frames, copying what it keeps; else the node's relay does. */
  onRelayed: ((nodeId: bigint, packet: Uint8Array) => void) | undefined;

  /** Wraps a connection whose handler forwards to this session. */
  constructor(
    connection: Connection,
    driver: SessionDriver,
    peer: { nodeId: bigint; publicKey: Uint8Array },
  ) {
    this.#connection = connection;
    this.#driver = driver;
    this.#owner = {
      wake: () => driver.wake(),
      throwIfClosed: () => this.throwIfClosed(),
      forget: (stream) => this.#streams.delete(stream),
    };
    this.closed = new Promise((resolve) => this.#resolveClosed = resolve);
    this.remote = {
      ...peer,
      get address() {
        const { hostname, port } = connection.address;
        return formatAddress(hostname, port);
      },
    };
  }

  /** Figures of the path. */
  get stats(): SessionStats {
    return this.#connection.stats;
  }

  /** Whether the session is itself inside RELAY frames. */
  get relayed(): boolean {
    return this.#connection.address instanceof RelayAddress;
  }

  /** Sends a packet in a RELAY frame; it may get lost. */
  sendRelay(nodeId: bigint, packet: Uint8Array): Promise<void> | void {
    this.#connection.sendRelay(nodeId, packet);
    this.#driver.wake();
    if (this.#connection.relayQueued >= RELAY_BUSY) {
      return this.#relayBelow(RELAY_BUSY);
    }
  }

  /** Resolves when no packet waits to be sent in a RELAY frame. */
  async relayFlushed(): Promise<void> {
    if (this.#connection.relayQueued > 0) await this.#relayBelow(1);
  }

  /** Opens a stream, waiting while the peer's limit is reached. */
  async openStream(
    options: { signal?: AbortSignal } = {},
  ): Promise<BidiStream> {
    for (;;) {
      options.signal?.throwIfAborted();
      this.throwIfClosed();
      const stream = this.#connection.streams.openStream();
      if (stream !== undefined) return this.#wrap(stream);
      await this.#nextOpening(options.signal);
    }
  }

  /** The streams the peer opens. */
  async *incomingStreams(): AsyncGenerator<BidiStream> {
    for (;;) {
      const stream = this.#incoming.streams.shift();
      if (stream !== undefined) {
        stream.accept();
        yield stream;
      } else if (this.#closeInfo !== undefined) return;
      else {
        await new Promise<void>((resolve) => this.#incoming.wake = resolve);
      }
    }
  }

  /** Waits until the peer has everything that was sent on finished streams, or the session is over. */
  async flushed(): Promise<void> {
    const unsettled = () => {
      for (const { send } of this.#connection.streams.all()) {
        if (send.ended && !send.done) return true;
      }
      return false;
    };
    while (this.#closeInfo === undefined && unsettled()) {
      await new Promise<void>((resolve) => this.#flushWaiters.push(resolve));
    }
  }

  /** Tells the peer and ends the session. */
  async close(code = 0, reason = ""): Promise<void> {
    this.#connection.close(this.#driver.now(), code, reason);
    await this.#driver.farewell();
  }

  /** Closes the session. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @throws {PeerClosedError} When the session is over. */
  throwIfClosed(): void {
    const info = this.#closeInfo;
    if (info === undefined) return;
    const peer = this.remote.address;
    const reason = info.reason === "" ? "" : `: ${info.reason}`;
    const what = {
      local: "the session was closed here",
      peer: `the peer ${peer} closed the session`,
      timeout: `the peer ${peer} went silent`,
      reset: `the peer ${peer} restarted`,
      error: `the session with ${peer} broke a protocol rule`,
      path: `the way to ${peer} is gone`,
    }[info.by];
    throw new PeerClosedError(`${what}${reason}`, {
      fields: { peer: this.remote.nodeId, by: info.by, code: info.code },
    });
  }

  // --- called by the endpoint and the connection's handler ------------------------

  /** The connection has sent what it may for now. */
  onSent(): void {
    const waiters = this.#relayWaiters;
    if (waiters.size === 0) return;
    const queued = this.#connection.relayQueued;
    for (const [below, { resolve }] of waiters) {
      if (queued >= below) continue;
      waiters.delete(below);
      resolve();
    }
  }

  /** The peer opened a stream. */
  onStream(stream: Stream): void {
    if (this.#closeInfo !== undefined) return;
    this.#incoming.streams.push(this.#wrap(stream));
    this.#wakeIncoming();
  }

  /** The peer allows more streams. */
  onStreamsAvailable(): void {
    const waiters = [...this.#openWaiters];
    this.#openWaiters.clear();
    for (const wake of waiters) wake();
  }

  /** The connection is over. */
  onClose(close: ConnectionClose): void {
    this.#closeInfo = close;
    this.#resolveClosed(close);
    this.#wakeIncoming();
    this.onStreamsAvailable();
    for (const stream of this.#streams) stream.wake();
    this.#streams.clear();
    this.onStreamEnd();
    this.onSent();
  }

  /** Both ends are done with a stream. */
  onStreamEnd(): void {
    this.#flushWaiters.splice(0).forEach((wake) => wake());
  }

  #wrap(stream: Stream): WireStream {
    const { streams } = this.#connection;
    const wrapped = new WireStream(stream, streams, this.#owner);
    this.#streams.add(wrapped);
    return wrapped;
  }

  #relayBelow(below: number): Promise<void> {
    const waiter = this.#relayWaiters.get(below) ??
      Promise.withResolvers<void>();
    this.#relayWaiters.set(below, waiter);
    return waiter.promise;
  }

  #wakeIncoming(): void {
    this.#incoming.wake?.();
    this.#incoming.wake = undefined;
  }

  async #nextOpening(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    this.#openWaiters.add(wake);
    signal?.addEventListener("abort", wake, { once: true });
    await promise;
    signal?.removeEventListener("abort", wake);
    this.#openWaiters.delete(wake);
  }
}
