/**
 * Memory for the chunks that a holder is sending: one bound for all sessions
 * together, and one for each.
 *
 * A part of it is kept for small responses, so that one never waits for large
 * ones, which hold their memory for as long as the peer takes to read them.
 *
 * A session asks for the common memory only with what its own bound allows, two
 * chunks, so that none fills the queue; those that hold less go first; and no
 * response waits for more while it holds some, so that there is always one that
 * can go on.
 *
 * What can stand still is a peer that does not read. As long as the memory is
 * not needed it may take its time. While others wait, a response of which
 * nothing was taken for {@linkcode ServeMemoryOptions.stallMs} is ended. The
 * streams of a session take turns on the same line: where several hold memory,
 * each gets as many times as long.
 */

import { Notify } from "../../async/notify.ts";
import type { BudgetSource } from "../../async/ordered_map.ts";
import { Permit, Semaphore } from "../../async/semaphore.ts";
import { TimeoutError } from "../../errors.ts";
import {
  OVERSLEPT_MS,
  REQUEST_TIMEOUT_MS,
  SERVE_BYTES,
  SERVE_NODE_BYTES,
  SERVE_RESERVE_BYTES,
  SERVE_SMALL_BYTES,
} from "../../limits.ts";
import type { BidiStream } from "../../mesh/mod.ts";
import { RequestMemory, type RequestRoom } from "./request_memory.ts";

/**
 * Bytes of a write that show that the peer takes it: a limited rate may let no
 * more pass in half a minute.
 */
const MOVING_BYTES = 8 * 1024;

/** A write that the peer has not taken whole. */
interface Writing {
  readonly stream: Pick<BidiStream, "sent">;
  /** What had left of the stream at a time. */
  sent: number;
  since: number;
}

/** What the responses of a session see of the memory of all. */
interface CommonMemory {
  readonly holding: Set<ResponseMemory>;
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

let commonOf: (memory: ServeMemory) => CommonMemory;

/** Options of {@linkcode ServeMemory}. */
export interface ServeMemoryOptions {
  /**
   * Bytes for all sessions together.
   *
   * @default {SERVE_NODE_BYTES}
   */
  maxBytes?: number;
  /**
   * How many of them are kept for small responses.
   *
   * @default {a sixteenth}
   */
  reserveBytes?: number;
  /**
   * Time without progress, in milliseconds, after which a response loses its
   * memory to those that wait.
   *
   * @default {REQUEST_TIMEOUT_MS}
   */
  stallMs?: number;
}

/** The memory of a holder, shared by the sessions it serves. */
export class ServeMemory {
  readonly #memory: Semaphore;
  readonly #reserve: Semaphore;
  readonly #stallMs: number;
  /** How often it is looked for responses that stand still, while any waits. */
  readonly #lookMs: number;
  #lookedAt = 0;
  /** Responses that hold memory. */
  readonly #holding = new Set<ResponseMemory>();
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Of all sessions, for what is asked. */
  readonly requests: RequestMemory = new RequestMemory();

  static {
    commonOf = (memory) => ({
      holding: memory.#holding,
      memory: memory.#memory,
      reserve: memory.#reserve,
      acquire: (...how) => memory.#acquire(...how),
    });
  }

  /** Makes memory that nobody uses yet. */
  constructor(options: ServeMemoryOptions = {}) {
    const { maxBytes = SERVE_NODE_BYTES } = options;
    const reserveBytes = options.reserveBytes ??
      Math.max(1, Math.floor(maxBytes / 16));
    this.#memory = new Semaphore(maxBytes - reserveBytes);
    this.#reserve = new Semaphore(reserveBytes);
    this.#stallMs = options.stallMs ?? REQUEST_TIMEOUT_MS;
    this.#lookMs = Math.max(1, Math.min(1000, this.#stallMs / 4));
  }

  /** Bytes in use. */
  get used(): number {
    return this.#memory.used + this.#reserve.used;
  }

  async #acquire(
    from: Semaphore,
    units: number,
    signal: AbortSignal | undefined,
    held: () => number,
  ): Promise<Permit> {
    const permit = from.tryAcquire(units);
    if (permit !== undefined) return permit;
    if (this.#timer === undefined) {
      this.#lookedAt = performance.now();
      this.#timer = setInterval(() => this.#endStalled(), this.#lookMs);
    }
    try {
      return await from.acquire(units, signal, held);
    } finally {
      if (this.#memory.waiting + this.#reserve.waiting === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    }
  }

  #endStalled(): void {
    const now = performance.now();
    const sleptMs = now - this.#lookedAt - this.#lookMs;
    this.#lookedAt = now;
    for (const response of this.#holding) {
      if (sleptMs >= OVERSLEPT_MS) response.excuse(sleptMs);
      if (response.standsStillFor(now) >= this.#stallMs) response.end();
    }
  }
}

/** The part of a {@linkcode ServeMemory} that one session may use. */
export class SessionMemory {
  readonly common: CommonMemory;
  readonly own: Semaphore;
  /** What it may use besides for small responses. */
  readonly reserve = new Semaphore(SERVE_RESERVE_BYTES);
  /** How many responses of the session hold memory. */
  holding = 0;
  /** How much memory they hold. */
  held = 0;

  readonly #requests: RequestMemory;
  readonly #key: string;

  /**
   * @param maxBytes Its own bound, without the reserve.
   * @param key The peer's, in hex: sessions of one key count together.
   */
  constructor(
    memory: ServeMemory,
    maxBytes: number = SERVE_BYTES,
    key = "",
  ) {
    this.common = commonOf(memory);
    this.own = new Semaphore(maxBytes);
    this.#requests = memory.requests;
    this.#key = key;
  }

  /** Room for one request; see {@linkcode RequestMemory.room}. */
  requestRoom(end: () => void): RequestRoom {
    return this.#requests.room(this.#key, end);
  }
}

/**
 * The memory of one response. A permit is taken by estimate before a chunk is
 * read, and then resized to what was read.
 */
export class ResponseMemory implements BudgetSource {
  readonly #session: SessionMemory;
  readonly #abort: (reason: TimeoutError) => void;
  readonly #isSingle: boolean;
  readonly #emptied = new Notify();
  #held = 0;
  #writing?: Writing;

  /**
   * @param abort Ends the response, which then gives back what it holds.
   * @param isSingle Whether it is one chunk: if that is small, the reserve is
   * for it.
   */
  constructor(
    session: SessionMemory,
    abort: (reason: TimeoutError) => void,
    isSingle = false,
  ) {
    this.#session = session;
    this.#abort = abort;
    this.#isSingle = isSingle;
  }

  /** Takes memory if it is free now and nobody waits. */
  tryAcquire(bytes = 1): Permit | undefined {
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
    while (this.#held > 0) await this.#emptied.wait(signal);
    const [ownMemory, commonMemory] = this.#for(bytes);
    const own = await ownMemory.acquire(bytes, signal);
    try {
      const common = await this.#session.common.acquire(
        commonMemory,
        bytes,
        signal,
        () => this.#session.held,
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

  /** Ends the response, whose memory others wait for. */
  end(): void {
    this.#abort(
      new TimeoutError("the client did not read on while others waited"),
    );
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
    this.#session.held += bytes;
    if (before === 0 && this.#held > 0) {
      this.#session.holding++;
      this.#session.common.holding.add(this);
    } else if (before > 0 && this.#held === 0) {
      this.#session.holding--;
      this.#session.common.holding.delete(this);
      this.#emptied.notifyAll();
    }
  }
}
