/**
 * Two sessions connected in memory, with a window like flow control and
 * counters that tests look at.
 *
 * @module
 */

import { PeerClosedError, StreamResetError } from "../../errors.ts";
import type {
  BidiStream,
  CloseInfo,
  RemotePeer,
  Session,
  SessionStats,
  StreamPriority,
} from "../../mesh/session.ts";

/** How a pair of memory sessions behaves. */
export interface MemorySessionOptions {
  /**
   * Bytes a stream direction takes before `write` waits.
   *
   * @default {262144}
   */
  window?: number;
  /**
   * Streams that one side may have open.
   *
   * @default {256}
   */
  streamsMax?: number;
}

interface PendingRead {
  target: Uint8Array;
  filled: number;
  min: number;
  resolve: (count: number) => void;
  reject: (error: unknown) => void;
}

interface PendingWrite {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** One direction of a stream. */
class Pipe {
  queued = 0;
  peakQueued = 0;
  priority: StreamPriority = "interactive";
  resetCode?: number;
  stopCode?: number;
  #queue: Uint8Array[] = [];
  #head = 0;
  #finished = false;
  #terminal = false;
  #error?: unknown;
  #read?: PendingRead;
  #writes: PendingWrite[] = [];

  constructor(
    readonly window: number,
    readonly onTerminal: () => void,
  ) {}

  get terminal(): boolean {
    return this.#terminal;
  }

  read(target: Uint8Array, min: number): Promise<number> {
    if (this.#read) throw new Error("two reads at once on one stream");
    return new Promise((resolve, reject) => {
      this.#read = { target, filled: 0, min, resolve, reject };
      this.#pump();
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#finished) throw new Error("write after finish");
    if (bytes.length > 0) {
      this.#queue.push(bytes);
      this.queued += bytes.length;
      this.peakQueued = Math.max(this.peakQueued, this.queued);
      this.#pump();
    }
    if (this.queued <= this.window) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#writes.push({ resolve, reject });
    });
  }

  finish(): void {
    if (this.#error !== undefined) return;
    this.#finished = true;
    this.#pump();
  }

  reset(code: number): void {
    if (this.#terminal) return;
    this.resetCode = code;
    this.fail(new StreamResetError(code, `the peer reset the stream: ${code}`));
  }

  stopSending(code: number): void {
    if (this.#terminal) return;
    this.stopCode = code;
    // A read that waits here gets no answer: nothing promises it one.
    this.#read = undefined;
    this.fail(new StreamResetError(code, `the peer stopped reading: ${code}`));
  }

  fail(error: unknown): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#queue = [];
    this.#head = 0;
    this.queued = 0;
    const read = this.#read;
    this.#read = undefined;
    read?.reject(error);
    for (const write of this.#writes.splice(0)) write.reject(error);
    this.#end();
  }

  #end(): void {
    if (this.#terminal) return;
    this.#terminal = true;
    this.onTerminal();
  }

  #pump(): void {
    const read = this.#read;
    if (!read) return;
    if (this.#error !== undefined) {
      this.#read = undefined;
      read.reject(this.#error);
      return;
    }
    while (this.#queue.length > 0 && read.filled < read.target.length) {
      const first = this.#queue[0];
      const count = Math.min(
        first.length - this.#head,
        read.target.length - read.filled,
      );
      read.target.set(
        first.subarray(this.#head, this.#head + count),
        read.filled,
      );
      read.filled += count;
      this.queued -= count;
      this.#head += count;
      if (this.#head === first.length) {
        this.#queue.shift();
        this.#head = 0;
      }
    }
    if (this.queued <= this.window) {
      for (const write of this.#writes.splice(0)) write.resolve();
    }
    const ended = this.#finished && this.#queue.length === 0;
    if (read.filled >= read.min || ended) {
      this.#read = undefined;
      if (ended && read.filled < read.target.length) this.#end();
      read.resolve(read.filled);
    }
  }
}

/** A stream of a {@linkcode MemorySession}, with its counters open to tests. */
export class MemoryStream implements BidiStream {
  readonly id: number;
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;

  /** Connects the two pipes as one end sees them. */
  constructor(id: number, incoming: Pipe, outgoing: Pipe) {
    this.id = id;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  /** The class of what this end sends. */
  get priority(): StreamPriority {
    return this.#outgoing.priority;
  }
  /** Bytes that this end has queued and the other has not read. */
  get queued(): number {
    return this.#outgoing.queued;
  }
  /** Most bytes that were ever queued by this end. */
  get peakQueued(): number {
    return this.#outgoing.peakQueued;
  }
  /** The code the other end reset its sending side with. */
  get peerReset(): number | undefined {
    return this.#incoming.resetCode;
  }
  /** The code the other end stopped reading with. */
  get peerStopped(): number | undefined {
    return this.#outgoing.stopCode;
  }

  read(target: Uint8Array, min = 1): Promise<number> {
    return this.#incoming.read(target, Math.min(min, target.length));
  }
  write(bytes: Uint8Array): Promise<void> {
    return this.#outgoing.write(bytes);
  }
  finish(): void {
    this.#outgoing.finish();
  }
  setPriority(priority: StreamPriority): void {
    this.#outgoing.priority = priority;
  }
  reset(code: number): void {
    this.#outgoing.reset(code);
  }
  stopSending(code: number): void {
    this.#incoming.stopSending(code);
  }
}

/** One end of a pair. */
export class MemorySession implements Session {
  readonly remote: RemotePeer;
  readonly closed: Promise<CloseInfo>;
  /** Streams opened by this end so far. */
  opened = 0;
  /** Streams opened by this end and not yet over in both directions. */
  open = 0;
  /** Most streams that were open at once. */
  peakOpen = 0;
  /** Every stream that the other end opened, for tests to look at. */
  readonly accepted: MemoryStream[] = [];
  peer!: MemorySession;
  #options: Required<MemorySessionOptions>;
  #resolveClosed!: (info: CloseInfo) => void;
  #closeInfo?: CloseInfo;
  #backlog: MemoryStream[] = [];
  #acceptWaiters: (() => void)[] = [];
  #openWaiters: Set<() => void> = new Set();
  #pipes: Set<Pipe> = new Set();

  /** Use {@linkcode memorySessionPair}. */
  constructor(nodeId: bigint, options: MemorySessionOptions) {
    this.#options = { window: 262_144, streamsMax: 256, ...options };
    this.remote = {
      nodeId,
      publicKey: new Uint8Array(32).fill(Number(nodeId)),
      address: "memory:0",
    };
    this.closed = new Promise((resolve) => this.#resolveClosed = resolve);
  }

  async openStream(
    options: { signal?: AbortSignal } = {},
  ): Promise<MemoryStream> {
    const { signal } = options;
    signal?.throwIfAborted();
    while (!this.#closeInfo && this.open >= this.#options.streamsMax) {
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          this.#openWaiters.delete(wake);
          reject(signal?.reason);
        };
        const wake = () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        this.#openWaiters.add(wake);
      });
    }
    if (this.#closeInfo) throw new PeerClosedError("the session is closed");
    let live = 2;
    const onTerminal = () => {
      if (--live > 0) return;
      this.open--;
      this.#pipes.delete(up);
      this.#pipes.delete(down);
      for (const wake of this.#openWaiters) {
        this.#openWaiters.delete(wake);
        wake();
        break;
      }
    };
    const up: Pipe = new Pipe(this.#options.window, onTerminal);
    const down: Pipe = new Pipe(this.#options.window, onTerminal);
    this.#pipes.add(up).add(down);
    this.open++;
    this.peakOpen = Math.max(this.peakOpen, this.open);
    const id = 4 * this.opened++;
    this.peer.#accept(new MemoryStream(id, up, down));
    return new MemoryStream(id, down, up);
  }

  async *incomingStreams(): AsyncGenerator<MemoryStream> {
    while (true) {
      const stream = this.#backlog.shift();
      if (stream) yield stream;
      else if (this.#closeInfo) return;
      else {
        await new Promise<void>((resolve) => this.#acceptWaiters.push(resolve));
      }
    }
  }

  get stats(): SessionStats {
    throw new Error("a session in memory has no path");
  }
  readonly carrier = undefined;
  flushed(): Promise<void> {
    return Promise.resolve();
  }

  close(code = 0, reason = ""): Promise<void> {
    this.#end({ by: "local", code, reason });
    this.peer.#end({ by: "peer", code, reason });
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(stream: MemoryStream): void {
    this.accepted.push(stream);
    this.#backlog.push(stream);
    this.#acceptWaiters.shift()?.();
  }

  #end(info: CloseInfo): void {
    if (this.#closeInfo) return;
    this.#closeInfo = info;
    for (const pipe of [...this.#pipes]) {
      pipe.fail(new PeerClosedError("the session is closed"));
    }
    for (const wake of this.#acceptWaiters.splice(0)) wake();
    for (const wake of this.#openWaiters) wake();
    this.#openWaiters.clear();
    this.#resolveClosed(info);
  }
}

/**
 * Connects two sessions.
 *
 * @returns The two ends; streams opened on one arrive at the other.
 */
export function memorySessionPair(
  options: MemorySessionOptions = {},
): [MemorySession, MemorySession] {
  const a = new MemorySession(2n, options);
  const b = new MemorySession(1n, options);
  a.peer = b;
  b.peer = a;
  return [a, b];
}
