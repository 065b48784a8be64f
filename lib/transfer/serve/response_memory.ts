/** The memory of one response of a holder; see `serve_memory.ts`. */

import { abortable, delay } from "@std/async";
import { Notify } from "../../async/notify.ts";
import type { BudgetSource } from "../../async/ordered_map.ts";
import { Permit, type Semaphore } from "../../async/semaphore.ts";
import {
  SERVE_KEPT_BYTES,
  SERVE_KEPT_MAX,
  SERVE_PROOF_BYTES,
  SERVE_SMALL_BYTES,
} from "../../limits.ts";
import type { BidiStream } from "../../mesh/mod.ts";
import type { Borrower, SessionShare } from "./memory_share.ts";
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
/** Milliseconds after which any credit is enough; twice as many each time. */
export const CREDIT_MS = 250;
/** What is read counts as wasted but for so many times what was taken of it. */
const TAKEN_WEIGHT = 2;

/** What a response's memory looks at of its stream. */
type WatchedStream = Pick<
  BidiStream,
  "acknowledged" | "sent" | "credit" | "unsent" | "until"
>;

/** A write that the peer has not taken whole. */
interface Writing {
  readonly stream: Pick<BidiStream, "sent">;
  /** What had left of the stream at a time. */
  sent: number;
  since: number;
}

/**
 * The memory of one response. A permit is taken by estimate before a chunk is
 * read, and then resized to what was read.
 */
export class ResponseMemory implements BudgetSource, Borrower, Disposable {
  readonly #session: SessionShare;
  readonly #isSingle: boolean;
  readonly #stream: WatchedStream | undefined;
  readonly #request: Pick<RequestRoom, "isWaiting"> | undefined;
  readonly #emptied = new Notify();
  #held = 0;
  #writing?: Writing;
  #heldSince = 0;
  #sentBefore = 0;
  /** Bytes read since it has memory. */
  #read = 0;
  /** Bytes that were acknowledged when it was looked last. */
  #acknowledged = 0;
  /** Bytes of the copy that it has left. */
  #kept = 0;
  /** What it will not have wasted when it takes what it was sent. */
  #forgiven = 0;
  /** What its memory is part of. */
  #pool: Semaphore | undefined;
  /** Whether it lost its memory and has none again. */
  isRecalled = false;
  /** Gives back at once what it holds, to be read again; so much may still leave. */
  onRecall: (keep: number) => void = () => {};

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
    if (
      this.isRecalled || !this.#hasCredit(this.#held + bytes) ||
      this.#pauseMs(bytes) > 0
    ) return undefined;
    const [ownMemory, commonMemory] = this.#for(bytes);
    const own = ownMemory.tryAcquire(bytes);
    if (own === undefined) return undefined;
    const common = this.#isAdmitted(bytes)
      ? commonMemory.tryAcquire(bytes)
      : undefined;
    if (common !== undefined) return this.#took(own, common, commonMemory);
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
    const session = this.#session;
    while (!this.#isAdmitted(bytes)) {
      await session.common.untilChanged(session, signal);
    }
    const pauseMs = this.#pauseMs(bytes);
    if (pauseMs > 0) await delay(pauseMs, { signal });
    const [ownMemory, commonMemory] = this.#for(bytes);
    if (ownMemory.used + bytes > ownMemory.limit) session.common.recall();
    const own = await ownMemory.acquire(bytes, signal);
    try {
      const common = await session.common.acquire(
        commonMemory,
        bytes,
        session,
        signal,
      );
      return this.#took(own, common, commonMemory);
    } catch (error) {
      own[Symbol.dispose]();
      throw error;
    }
  }

  /** What was read is so much longer than what was taken for it. */
  onRead(change: number): void {
    this.#read += change;
  }

  /** It is the peer's turn, which has to take something of the stream. */
  onWrite(stream: Pick<BidiStream, "sent">): void {
    this.#writing = { stream, sent: stream.sent, since: performance.now() };
  }

  /** It is written: memory of newcomers is for those that wait from now on. */
  onHandedOver(): void {
    if (this.isNewcomer && this.#session.common.newcomers.waiting > 0) {
      this.recall();
    }
  }

  /** The peer has taken it. */
  onWritten(): void {
    this.#writing = undefined;
    this.look();
  }

  /** All that it was sent has been acknowledged. */
  onSettled(): void {
    this.look();
    this.#settle(false);
    this.#session.onTaken(-this.#forgiven, 0);
    this.#forgiven = 0;
  }

  /** Nothing of what it lost has to be read again: the next chunks may come. */
  resume(): void {
    this.isRecalled = false;
    this.#emptied.notifyAll();
  }

  /** The response is over. */
  [Symbol.dispose](): void {
    this.look();
    this.#settle(true);
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

  /** Whether it has stood still for longer than it may. */
  isStill(now: number): boolean {
    return this.standsStillFor(now) >= this.#session.patienceMs;
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

  /** Whether it has written what it holds of the memory of newcomers. */
  get isNewcomer(): boolean {
    return this.#pool === this.#session.common.newcomers &&
      this.#writing !== undefined;
  }

  /**
   * What its session wastes for each byte that it takes, with what it has now;
   * 0 for one that has it for less than `sliceMs`.
   */
  wastes(now: number, sliceMs: number): number {
    if (this.#writing === undefined || now - this.#heldSince < sliceMs) {
      return 0;
    }
    return this.#session.wasted(this.#untaken, this.#taken);
  }

  /**
   * Takes the memory back, for which others wait.
   *
   * @param isFault Whether the peer has let it lie.
   */
  recall(isFault = false): void {
    this.isRecalled = true;
    const { common } = this.#session;
    const keep = common.kept < SERVE_KEPT_MAX
      ? SERVE_KEPT_BYTES
      : SERVE_KEPT_BYTES / 4;
    this.look();
    // That a newcomer has its turn in two parts is not its fault.
    if (!isFault && this.isNewcomer) this.#forgiven = this.#untaken;
    this.#session.owe(this, isFault && this.#taken < SERVE_PROOF_BYTES);
    this.onRecall(keep);
    this.#keep(Math.min(keep, this.#stream?.unsent ?? 0));
  }

  /** Tells the session what has been acknowledged. */
  look(): void {
    const acknowledged = this.#stream?.acknowledged ?? 0;
    const more = acknowledged - this.#acknowledged;
    this.#acknowledged = acknowledged;
    if (more > 0) this.#session.prove(Math.min(more, SERVE_PROOF_BYTES));
  }

  #hasCredit(bytes: number): boolean {
    const stream = this.#stream;
    return stream === undefined || stream.credit >= stream.unsent + bytes;
  }

  #isAdmitted(bytes: number): boolean {
    return this.#session.admits(this, this.#isSmall(bytes));
  }

  /** What is small is read soon, and never waits for what is large. */
  #pauseMs(bytes: number): number {
    return this.#isSmall(bytes) ? 0 : this.#session.pauseMs;
  }

  #isSmall(bytes: number): boolean {
    return this.#isSingle && bytes <= SERVE_SMALL_BYTES;
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
      this.#session.onThinCredit();
      if (this.#hasCredit(least)) patience.resolve();
    }, this.#session.creditMs);
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
    const { common, isProven, own, reserve } = this.#session;
    if (this.#isSmall(bytes)) return [reserve, common.reserve];
    return [own, isProven ? common.memory : common.newcomers];
  }

  /** One permit of two. */
  #took(own: Permit, common: Permit, pool: Semaphore): Permit {
    const { units } = own;
    this.#pool = pool;
    this.#hold(units);
    this.#read += units;
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
      this.#session.common.holding.delete(this);
      this.#session.onTaken(this.#untaken, this.#taken);
      this.#read = 0;
      this.#emptied.notifyAll();
    }
  }

  /** Bytes that have left since it has memory. */
  get #taken(): number {
    return (this.#stream?.sent ?? 0) - this.#sentBefore;
  }

  /** Bytes that were read since then, and not taken. */
  get #untaken(): number {
    return Math.max(0, this.#read - TAKEN_WEIGHT * this.#taken);
  }

  #settle(isOver: boolean): void {
    this.#keep(0);
    this.#session.settle(this, isOver);
  }

  #keep(bytes: number): void {
    this.#session.common.kept += bytes - this.#kept;
    this.#kept = bytes;
  }
}
