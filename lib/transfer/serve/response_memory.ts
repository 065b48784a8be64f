/** The memory of one response of a holder; see `serve_memory.ts`. */

import { abortable } from "@std/async";
import { Notify } from "../../async/notify.ts";
import type { BudgetSource } from "../../async/ordered_map.ts";
import { Permit, type Semaphore } from "../../async/semaphore.ts";
import { SERVE_SMALL_BYTES } from "../../limits.ts";
import type { BidiStream } from "../../mesh/mod.ts";
import type { RequestRoom } from "./request_memory.ts";

/**
 * Bytes of a write that show that the peer takes it: a limited rate may let no
 * more pass in half a minute.
 */
const MOVING_BYTES = 8 * 1024;
/**
 * Bytes that must be able to leave before a chunk is read: less than a window
 * that is half used up lets pass.
 */
const CREDIT_MIN = 16 * 1024;
/** Milliseconds after which any credit is enough. */
const CREDIT_MS = 250;
/** Milliseconds that the slowest has its memory at least, and from one to the next. */
export const SLOW_MS = 500;
/** Chunks of disadvantage in the line, at most, of a session that lost memory. */
const LOSSES_MAX = 2;
/** What a response's memory looks at of its stream. */
type WatchedStream = Pick<
  BidiStream,
  "sent" | "credit" | "unsent" | "until"
>;

/** A write that the peer has not taken whole. */
interface Writing {
  readonly stream: Pick<BidiStream, "sent">;
  /** What had left of the stream at a time. */
  sent: number;
  since: number;
}

/** What responses see of the memory of all sessions. */
export interface SharedMemory {
  readonly holding: Set<ResponseMemory>;
  /** Takes the memory back of responses whose peers give no credit. */
  recall(): void;
  readonly memory: Semaphore;
  readonly reserve: Semaphore;
  /** Takes units of either in turn; those that stand still are watched. */
  acquire(
    from: Semaphore,
    units: number,
    signal: AbortSignal | undefined,
    held: () => number,
  ): Promise<Permit>;
}

/** What responses see of the part of it that their session may use. */
export interface SessionShare {
  readonly common: SharedMemory;
  readonly own: Semaphore;
  /** What it may use besides for small responses. */
  readonly reserve: Semaphore;
  /** How many responses of the session hold memory. */
  holding: number;
  /** How often they lost memory, less how often they did not. */
  losses: number;
  /** One of its responses holds so much more. */
  hold(bytes: number): void;
  /** Its place in the line, the less the better. */
  rank(waitingSince: number): number;
}

/**
 * The memory of one response. A permit is taken by estimate before a chunk is
 * read, and then resized to what was read.
 */
export class ResponseMemory implements BudgetSource {
  readonly #session: SessionShare;
  readonly #isSingle: boolean;
  readonly #stream: WatchedStream | undefined;
  readonly #request: Pick<RequestRoom, "isWaiting"> | undefined;
  readonly #emptied = new Notify();
  #held = 0;
  #writing?: Writing;
  #heldSince = 0;
  #sentBefore = 0;
  /** Whether it lost its memory and has none again. */
  isRecalled = false;
  /** Gives back at once what it holds, to be read again. */
  onRecall: () => void = () => {};

  /**
   * @param isSingle Whether it is one chunk: if that is small, the reserve is
   * for it.
   * @param stream What it leaves on: without credit it gets no memory.
   * @param request Told when it is the peer's turn.
   */
  constructor(
    session: SessionShare,
    isSingle = false,
    stream?: WatchedStream,
    request?: Pick<RequestRoom, "isWaiting">,
  ) {
    this.#session = session;
    this.#isSingle = isSingle;
    this.#stream = stream;
    this.#request = request;
  }

  /** Takes memory if it is free now and nobody waits. */
  tryAcquire(bytes = 1): Permit | undefined {
    if (this.isRecalled || !this.#hasCredit(this.#held + bytes)) {
      return undefined;
    }
    const [ownMemory, commonMemory] = this.#for(bytes);
    const own = ownMemory.tryAcquire(bytes);
    if (own === undefined) return undefined;
    const common = commonMemory.tryAcquire(bytes);
    if (common !== undefined) return this.#took(own, common);
    own[Symbol.dispose]();
    return undefined;
  }

  /**
   * Takes memory, waiting for it in turn, but first until the response holds
   * none.
   *
   * @throws The signal's reason when it aborts first.
   */
  async acquire(bytes = 1, signal?: AbortSignal): Promise<Permit> {
    while (this.#held > 0 || this.isRecalled) await this.#emptied.wait(signal);
    return await this.#acquire(bytes, signal);
  }

  /** The same for a response that was to give its memory back. */
  async reacquire(bytes: number, signal?: AbortSignal): Promise<Permit> {
    while (this.#held > 0) await this.#emptied.wait(signal);
    const permit = await this.#acquire(bytes, signal);
    this.isRecalled = false;
    return permit;
  }

  async #acquire(bytes: number, signal?: AbortSignal): Promise<Permit> {
    const least = Math.min(bytes, CREDIT_MIN);
    if (!this.#hasCredit(least)) await this.#credit(least, signal);
    const [ownMemory, commonMemory] = this.#for(bytes);
    if (ownMemory.used + bytes > ownMemory.limit) this.#session.common.recall();
    const own = await ownMemory.acquire(bytes, signal);
    const since = performance.now();
    try {
      const common = await this.#session.common.acquire(
        commonMemory,
        bytes,
        signal,
        () => this.#session.rank(since),
      );
      return this.#took(own, common);
    } catch (error) {
      own[Symbol.dispose]();
      throw error;
    }
  }

  /** It is the peer's turn, which has to take something of the stream. */
  onWrite(stream: Pick<BidiStream, "sent">): void {
    this.#writing = { stream, sent: stream.sent, since: performance.now() };
  }

  /** The peer has taken it. */
  onWritten(): void {
    this.#writing = undefined;
  }

  /**
   * Milliseconds for which the peer lets memory lie, for each response of its
   * session that holds some.
   */
  standsStillFor(now: number): number {
    const writing = this.#writing;
    if (writing === undefined) return 0;
    const { sent } = writing.stream;
    if (sent - writing.sent >= MOVING_BYTES) {
      writing.sent = sent;
      writing.since = now;
    }
    return (now - writing.since) / this.#session.holding;
  }

  /** This process did not run for so many milliseconds: the peer could not read. */
  excuse(ms: number): void {
    if (this.#writing !== undefined) this.#writing.since += ms;
  }

  /** Whether all that keeps it from going on is that the peer gives no credit. */
  get isOutOfCredit(): boolean {
    const stream = this.#stream;
    return this.#writing !== undefined && stream !== undefined &&
      stream.unsent > 0 && stream.credit === 0;
  }

  /** Bytes per millisecond since it has memory; infinite as long as that is new. */
  rate(now: number): number {
    if (this.#writing === undefined) return Infinity;
    const elapsed = now - this.#heldSince;
    if (elapsed < SLOW_MS) return Infinity;
    return (this.#writing.stream.sent - this.#sentBefore) / elapsed;
  }

  /** Takes the memory back, for which others wait. */
  recall(): void {
    this.isRecalled = true;
    this.#session.losses = Math.min(LOSSES_MAX, this.#session.losses + 1);
    this.onRecall();
  }

  #hasCredit(bytes: number): boolean {
    const stream = this.#stream;
    return stream === undefined || stream.credit >= stream.unsent + bytes;
  }

  /** Waits for credit, for which a client may take its time: it costs nothing. */
  async #credit(bytes: number, signal?: AbortSignal): Promise<void> {
    const stream = this.#stream!;
    const request = this.#request;
    if (request !== undefined) request.isWaiting = true;
    // A window may be smaller than that: then what there is has to do, but not
    // at once, since each time a chunk is read for a few bytes.
    let least = bytes;
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      least = 1;
      if (this.#hasCredit(least)) patience.resolve();
    }, CREDIT_MS);
    try {
      const credit = Promise.race([
        stream.until(() => this.#hasCredit(least)),
        patience.promise,
      ]);
      await (signal === undefined ? credit : abortable(credit, signal));
    } finally {
      clearTimeout(timer);
    }
    if (request !== undefined) request.isWaiting = false;
  }

  /** Of the session's memory and of that of all what so many bytes are taken from. */
  #for(bytes: number): [Semaphore, Semaphore] {
    const { common, own, reserve } = this.#session;
    return this.#isSingle && bytes <= SERVE_SMALL_BYTES
      ? [reserve, common.reserve]
      : [own, common.memory];
  }

  /** One permit of two. */
  #took(own: Permit, common: Permit): Permit {
    const { units } = own;
    this.#hold(units);
    return new Permit(units, (change) => {
      this.#hold(change);
      own.resize(own.units + change);
      common.resize(common.units + change);
    });
  }

  #hold(bytes: number): void {
    const before = this.#held;
    this.#held += bytes;
    this.#session.hold(bytes);
    if (before === 0 && this.#held > 0) {
      this.#heldSince = performance.now();
      this.#sentBefore = this.#stream?.sent ?? 0;
      this.#session.holding++;
      this.#session.common.holding.add(this);
    } else if (before > 0 && this.#held === 0) {
      this.#session.holding--;
      if (!this.isRecalled && this.#session.losses > 0) this.#session.losses--;
      this.#session.common.holding.delete(this);
      this.#emptied.notifyAll();
    }
  }
}
