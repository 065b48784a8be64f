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
 * Memory is a loan that can be called back at any time: what a response holds can
 * be read again, and what its stream has not sent can be taken back
 * (`response_writer.ts`). So a peer that does not read costs nothing. None is
 * given before the peer's credit lets something leave. While others wait, a
 * response that has run out of credit loses its memory at once, one of which
 * little was taken for {@linkcode ServeMemoryOptions.stallMs} then, and the slowest
 * one a while later; it asks again when the peer has acknowledged all that it was
 * sent. The streams of a session take turns on the same line: where several hold
 * memory, each gets as many times as long.
 *
 * Those wait in the order of what their keys hold, in all sessions, and behind
 * others when they have just lost some: a new peer is never behind those that
 * stand still, however many keys they have.
 */

import { abortable } from "@std/async";
import { Notify } from "../../async/notify.ts";
import type { BudgetSource } from "../../async/ordered_map.ts";
import { Permit, Semaphore } from "../../async/semaphore.ts";
import {
  CHUNK_SIZE,
  OVERSLEPT_MS,
  SERVE_BYTES,
  SERVE_NODE_BYTES,
  SERVE_RESERVE_BYTES,
  SERVE_SMALL_BYTES,
  SERVE_STALL_MS,
} from "../../limits.ts";
import type { BidiStream } from "../../mesh/mod.ts";
import { RequestMemory, type RequestRoom } from "./request_memory.ts";

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
/** Bytes per millisecond below which the slowest may lose its memory to others. */
const SLOW_RATE = 256;
/** Milliseconds that it has at least, and from one to the next. */
const SLOW_MS = 500;
/** Chunks of disadvantage in the line, at most, of a session that lost memory. */
const LOSSES_MAX = 2;
/** Milliseconds of waiting that make up for one of them. */
const LOSS_MS = 10_000;

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

/** What the responses of a session see of the memory of all. */
interface CommonMemory {
  readonly holding: Set<ResponseMemory>;
  /** Bytes that the sessions of a key hold, by the key. */
  readonly heldBy: Map<string, number>;
  /** What the requests of all sessions take. */
  readonly requests: RequestMemory;
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
   * @default {SERVE_STALL_MS}
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
  readonly #heldBy = new Map<string, number>();
  #recalledAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Of all sessions, for what is asked. */
  readonly #requests = new RequestMemory();

  static {
    commonOf = (memory) => ({
      holding: memory.#holding,
      heldBy: memory.#heldBy,
      requests: memory.#requests,
      recall: () => memory.#recall(),
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
    this.#stallMs = options.stallMs ?? SERVE_STALL_MS;
    this.#lookMs = Math.max(1, Math.min(1000, this.#stallMs / 4));
  }

  /** Bytes in use. */
  get used(): number {
    return this.#memory.used + this.#reserve.used;
  }

  /** Bytes that requests take which are not answered yet. */
  get requestBytes(): number {
    return this.#requests.used;
  }

  async #acquire(
    from: Semaphore,
    units: number,
    signal: AbortSignal | undefined,
    held: () => number,
  ): Promise<Permit> {
    let permit = from.tryAcquire(units);
    if (permit !== undefined) return permit;
    this.#recall();
    permit = from.tryAcquire(units);
    if (permit !== undefined) return permit;
    if (this.#timer === undefined) {
      this.#lookedAt = performance.now();
      this.#recalledAt = this.#lookedAt;
      this.#timer = setInterval(() => this.#recallStalled(), this.#lookMs);
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

  #recall(): void {
    for (const response of this.#holding) {
      if (response.isOutOfCredit) response.recall();
    }
  }

  #recallStalled(): void {
    const now = performance.now();
    const sleptMs = now - this.#lookedAt - this.#lookMs;
    this.#lookedAt = now;
    for (const response of this.#holding) {
      if (sleptMs >= OVERSLEPT_MS) response.excuse(sleptMs);
      const isStill = response.isOutOfCredit ||
        response.standsStillFor(now) >= this.#stallMs;
      if (!isStill) continue;
      response.recall();
      this.#recalledAt = now;
    }
    if (now - this.#recalledAt >= SLOW_MS) this.#recallSlowest(now);
  }

  /** Of those that are slow, which keep memory for long, one has to wait anew. */
  #recallSlowest(now: number): void {
    let slowest: ResponseMemory | undefined;
    let least = SLOW_RATE;
    for (const response of this.#holding) {
      const rate = response.rate(now);
      if (rate < least) [slowest, least] = [response, rate];
    }
    if (slowest === undefined) return;
    slowest.recall();
    this.#recalledAt = now;
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
  /** How often they lost memory, less how often they did not. */
  losses = 0;

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
    this.#key = key;
  }

  /** What the sessions of its key hold. */
  get held(): number {
    return this.common.heldBy.get(this.#key) ?? 0;
  }

  /** One of its responses holds so much more. */
  hold(bytes: number): void {
    const held = this.held + bytes;
    if (held === 0) this.common.heldBy.delete(this.#key);
    else this.common.heldBy.set(this.#key, held);
  }

  /** Its place in the line, the less the better. */
  rank(waitingSince: number): number {
    const waited = (performance.now() - waitingSince) / LOSS_MS;
    return this.held + Math.max(0, this.losses - waited) * CHUNK_SIZE;
  }

  /** Room for one request; see {@linkcode RequestMemory.room}. */
  requestRoom(end: () => void): RequestRoom {
    return this.common.requests.room(this.#key, end);
  }
}

/**
 * The memory of one response. A permit is taken by estimate before a chunk is
 * read, and then resized to what was read.
 */
export class ResponseMemory implements BudgetSource {
  readonly #session: SessionMemory;
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
    session: SessionMemory,
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
