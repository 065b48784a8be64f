import type { ConnectionClose, ConnectionStats } from "../wire/mod.ts";

/** Scheduling class of a stream: interactive data always goes ahead of bulk. */
export type StreamPriority = "interactive" | "bulk";

/** One bidirectional byte stream of a {@linkcode Session}. */
export interface BidiStream {
  /** The stream id (RFC 9000 §2.1), unique in its session. */
  readonly id: number;
  /**
   * Bytes that have arrived, as far as they were or are being read: tells a slow
   * stream from one that stands still.
   */
  readonly received: number;
  /** Bytes that have left: the same of the other direction. */
  readonly sent: number;
  /**
   * Reads into `target`.
   *
   * @param target Where the bytes go, from its start.
   * @param min Wait until this many bytes are there (or the stream ends), at
   * most `target.length`. A larger value means fewer wake-ups.
   * @returns How many bytes were copied; less than `min` only at the end of
   * the stream or of the session, which the next read tells apart: 0 when
   * nothing is left of the stream.
   * @throws {StreamResetError} When the peer reset the stream.
   * @throws {PeerClosedError} When the session ended.
   */
  read(target: Uint8Array, min?: number): Promise<number>;
  /**
   * Queues `bytes`, which are not copied and must not change until sent.
   *
   * @returns Resolves when the stream takes more without piling up.
   * @throws {StreamResetError} When the peer stopped reading.
   * @throws {PeerClosedError} When the session ended.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Bytes that the peer's limits let leave beyond what has. */
  readonly credit: number;
  /** Bytes that were written and have not left. */
  readonly unsent: number;
  /** Bytes that the peer has acknowledged, up to the first that it has not. */
  readonly acknowledged: number;
  /** Whether the peer has acknowledged all that was written. */
  readonly isSettled: boolean;
  /**
   * Waits until something is true of {@linkcode credit}, {@linkcode unsent} being
   * 0, or {@linkcode isSettled}; looked at again when one of them changes.
   *
   * @throws {StreamResetError} When the peer stopped reading.
   * @throws {PeerClosedError} When the session ended.
   */
  until(isTrue: () => boolean): Promise<void>;
  /**
   * Takes back what was written and has not left, and the end, so that the
   * memory can be used for others; a write that waits is over.
   *
   * @param keep Bytes of it that may leave yet, as a copy.
   */
  retract(keep: number): void;
  /** Ends the sending side: the peer reads to the end of what was written. */
  finish(): void;
  /** Changes the class of what is still to be sent; a new stream is interactive. */
  setPriority(priority: StreamPriority): void;
  /** Abandons the sending side (RESET_STREAM). */
  reset(code: number): void;
  /** Tells the peer that its data is no longer wanted (STOP_SENDING). */
  stopSending(code: number): void;
}

/** The other end of a {@linkcode Session}. */
export interface RemotePeer {
  /** Node id: a short name for people, see `nodeIdOf`. */
  readonly nodeId: bigint;
  /** X25519 static public key, 32 bytes; authenticated by the handshake. */
  readonly publicKey: Uint8Array;
  /** Address as `host:port`, for messages only: it may change. */
  readonly address: string;
  /**
   * Name of the pre-shared key that the peer has attached with; `undefined` when
   * it is this end that has attached.
   */
  readonly psk?: string;
  /**
   * Hash of the handshake, 32 bytes: names this connection at both ends, and to
   * nobody else, so that what is agreed in it can be bound to it.
   */
  readonly handshakeHash?: Uint8Array;
}

/**
 * Why a session ended; `reason` is text for people, cut to `CLOSE_REASON_MAX`
 * bytes when the peer wrote it.
 */
export type CloseInfo = ConnectionClose;

/** Figures of a session's path. */
export type SessionStats = ConnectionStats;

/**
 * The RELAY frames of a session: packets between nodes that are both attached
 * to its peer.
 */
export interface RelayCarrier {
  /** The relay. */
  readonly remote: RemotePeer;
  /** Resolves when the session is over. */
  readonly closed: Promise<CloseInfo>;
  /** Called with each packet that comes; it must be copied to be kept. */
  onRelayed: ((nodeId: bigint, packet: Uint8Array) => void) | undefined;
  /**
   * Sends a packet to a node behind the relay; it may get lost.
   *
   * @param packet Must not change any more.
   * @returns A promise while many packets wait.
   */
  sendRelay(nodeId: bigint, packet: Uint8Array): Promise<void> | void;
  /** Resolves when no packet waits to be sent. */
  relayFlushed(): Promise<void>;
  /** Ends the session. */
  close(): Promise<void>;
}

/**
 * How packets get to the peer at present: past every relay, or by way of one.
 */
export type SessionRoute = "direct" | "relayed";

/** That a kept session has no connection at present. */
export interface SessionLoss {
  /** Since when, on the clock of `performance.now()`. */
  readonly since: number;
  /** Why the last connection ended; empty when there was none. */
  readonly reason: string;
  /** Why the last attempt to make another one failed. */
  readonly error?: unknown;
}

/** The keeping of a session whose connection is made again when it is lost. */
export interface SessionKeeping {
  /** What keeps the session from being used now, if anything does. */
  readonly loss: SessionLoss | undefined;
}

/** An authenticated, encrypted session with one peer. */
export interface Session extends AsyncDisposable {
  /** The peer. */
  readonly remote: RemotePeer;
  /** Resolves, never rejects, when the session is over. */
  readonly closed: Promise<CloseInfo>;
  /**
   * There for a session that outlives its connections: the streams of one that
   * is lost fail, further ones wait for the next.
   */
  readonly kept?: SessionKeeping;
  /**
   * Milliseconds since the first of the packets that the peer leaves unanswered:
   * 0 as long as it answers, or need not.
   */
  readonly silentMs: number;
  /** Figures of the path, for diagnosis. */
  readonly stats: SessionStats;
  /**
   * How packets get to the peer; that of a session which began by way of a relay
   * may change.
   */
  readonly route: SessionRoute;
  /**
   * Datagrams that the system has dropped because the receive buffer of the
   * session's socket was full, all sessions of that socket together;
   * `undefined` where it does not say.
   */
  readonly socketDrops: number | undefined;
  /**
   * What a relay's packets travel in; `undefined` when the session itself began
   * by way of one.
   */
  readonly carrier: RelayCarrier | undefined;
  /**
   * Opens a stream, waiting while the peer's limit on open streams is reached.
   *
   * @throws {PeerClosedError} When the session ended.
   * @throws The reason of the signal.
   */
  openStream(options?: { signal?: AbortSignal }): Promise<BidiStream>;
  /** The streams the peer opens, in order; ends with the session. */
  incomingStreams(): AsyncIterable<BidiStream>;
  /**
   * Asks the peer to send no more content than that from now on, headers and what
   * is sent again not counted. One that sends more all the same gets no credit
   * for it.
   *
   * @param bytesPerSecond More than 0; infinite for no limit.
   * @throws {RangeError} When it is not.
   */
  limitReceiving(bytesPerSecond: number): void;
  /**
   * Waits until the peer has acknowledged all that was sent on finished
   * streams, or the session is over.
   */
  flushed(): Promise<void>;
  /** Tells the peer and ends the session; open streams fail. */
  close(code?: number, reason?: string): Promise<void>;
}
