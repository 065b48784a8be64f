import { Notify } from "../async/notify.ts";
import { StreamResetError } from "../errors.ts";
import type { Stream, Streams } from "../wire/mod.ts";
import type { BidiStream, StreamPriority } from "./session.ts";

/** What a stream needs of its session. */
export interface StreamOwner {
  /** There may be something to send. */
  wake(): void;
  /** Whether the session is over. */
  readonly isOver: boolean;
  /** @throws {PeerClosedError} When the session is over. */
  throwIfClosed(): void;
  /** No read or write can wait on the stream any more. */
  forget(stream: WireStream): void;
}

/** A {@linkcode BidiStream} over a stream of the wire. */
export class WireStream implements BidiStream {
  readonly id: number;
  readonly #stream: Stream;
  readonly #streams: Streams;
  readonly #owner: StreamOwner;
  #wakeReader: (() => void) | undefined;
  readonly #writable = new Notify();
  received = 0;

  constructor(stream: Stream, streams: Streams, owner: StreamOwner) {
    this.id = stream.id;
    this.#stream = stream;
    this.#streams = streams;
    this.#owner = owner;
  }

  get sent(): number {
    return this.#stream.send.sent;
  }

  /** The application takes the stream. */
  accept(): void {
    this.#streams.accept(this.#stream);
    if (this.#streams.hasControl) this.#owner.wake();
  }

  async read(target: Uint8Array, min = 1): Promise<number> {
    const receive = this.#stream.receive;
    const need = Math.min(min, target.length);
    let got = 0;
    for (;;) {
      got += this.#take(target, got);
      if (got >= need) return got;
      if (receive.resetCode !== undefined) {
        this.#settle();
        throw new StreamResetError(
          receive.resetCode,
          `the peer abandoned stream ${this.id} with code ${receive.resetCode}`,
        );
      }
      if (receive.complete) {
        this.#settle();
        return got;
      }
      // What has come of it is not lost with the session.
      if (got > 0 && this.#owner.isOver) return got;
      this.#owner.throwIfClosed();
      if (receive.stopCode !== undefined) return got;
      got = await this.#fill(target, got, need);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    const send = this.#stream.send;
    this.#throwIfStopped();
    this.#owner.throwIfClosed();
    this.#streams.write(this.#stream, bytes);
    this.#owner.wake();
    while (
      !this.#streams.wantsMore(this.#stream) &&
      send.stopCode === undefined
    ) {
      this.#owner.throwIfClosed();
      if (send.resetCode !== undefined) return;
      send.onWritable = () => this.#wakeWriters();
      await this.#writable.wait();
    }
    this.#throwIfStopped();
  }

  get credit(): number {
    return this.#streams.creditOf(this.#stream);
  }

  get unsent(): number {
    const { written, sent } = this.#stream.send;
    return written - sent;
  }

  get acknowledged(): number {
    return this.#stream.send.acknowledged;
  }

  get isSettled(): boolean {
    return this.#stream.send.retained === 0;
  }

  async until(isTrue: () => boolean): Promise<void> {
    const send = this.#stream.send;
    while (!isTrue()) {
      this.#throwIfStopped();
      this.#owner.throwIfClosed();
      if (send.resetCode !== undefined) return;
      send.onProgress = () => {
        if (isTrue()) this.#wakeWriters();
      };
      send.onWritable = () => {
        if (send.stopCode !== undefined) this.#wakeWriters();
      };
      await this.#writable.wait();
    }
    this.#throwIfStopped();
  }

  retract(keep: number): void {
    this.#streams.retract(this.#stream, keep);
  }

  finish(): void {
    if (this.#stream.send.ended) return;
    this.#streams.finish(this.#stream);
    this.#owner.wake();
    this.#settle();
  }

  setPriority(priority: StreamPriority): void {
    this.#streams.setClass(this.#stream, priority);
  }

  reset(code: number): void {
    this.#streams.reset(this.#stream, code);
    this.#wakeWriters();
    this.#owner.wake();
    this.#settle();
  }

  stopSending(code: number): void {
    this.#streams.stop(this.#stream, code);
    this.#takeReader()?.();
    this.#owner.wake();
    this.#settle();
  }

  /** Makes reads and writes that wait look again: the session is over. */
  wake(): void {
    this.#takeReader()?.();
    this.#wakeWriters();
  }

  /** Copies what is there into `target` from `at` on. */
  #take(target: Uint8Array, at: number): number {
    if (this.#stream.receive.available === 0) return 0;
    const count = this.#streams.read(
      this.#stream,
      at === 0 ? target : target.subarray(at),
    );
    this.received += count;
    if (this.#streams.hasControl) this.#owner.wake();
    return count;
  }

  /**
   * Waits until `need` bytes are in `target`, or there is news. They are copied as they come:
   * if they waited in the wire, they would hold the credit that the rest of them needs.
   */
  #fill(target: Uint8Array, got: number, need: number): Promise<number> {
    const receive = this.#stream.receive;
    return new Promise((resolve) => {
      this.#wakeReader = () => resolve(got);
      receive.onReadable = () => {
        got += this.#take(target, got);
        if (
          got >= need || receive.complete || receive.resetCode !== undefined
        ) this.#takeReader()?.();
      };
    });
  }

  #takeReader(): (() => void) | undefined {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    this.#stream.receive.onReadable = undefined;
    return wake;
  }

  #wakeWriters(): void {
    this.#stream.send.onWritable = undefined;
    this.#stream.send.onProgress = undefined;
    this.#writable.notifyAll();
  }

  #throwIfStopped(): void {
    const code = this.#stream.send.stopCode;
    if (code === undefined) return;
    throw new StreamResetError(
      code,
      `the peer no longer reads stream ${this.id} (code ${code})`,
    );
  }

  /**
   * Once no read or write can wait on it any more, the session need not know
   * the stream.
   */
  #settle(): void {
    const { send, receive } = this.#stream;
    if (send.ended && (receive.done || receive.stopCode !== undefined)) {
      this.#owner.forget(this);
    }
  }
}
