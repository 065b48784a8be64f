/** The part of one session in the memory of a holder; see `serve_memory.ts`. */

import { Notify } from "../../async/notify.ts";
import { Semaphore } from "../../async/semaphore.ts";
import {
  CHUNK_SIZE,
  SERVE_BYTES,
  SERVE_OWING_MAX,
  SERVE_PROOF_BYTES,
  SERVE_RESERVE_BYTES,
  SERVE_STALL_MAX_MS,
  SERVE_STALL_MS,
  SERVE_UNPROVEN_REQUESTS,
} from "../../limits.ts";
import type { Borrower, SessionShare } from "./memory_share.ts";
import type { AskingBudget } from "./asking_budget.ts";
import type { RequestRoom } from "./request_memory.ts";
import { CREDIT_MS } from "./response_memory.ts";
import { SentChunks, type SentStream } from "./sent_chunks.ts";
import {
  type CommonMemory,
  commonMemoryOf,
  type ServeMemory,
} from "./serve_memory.ts";
import type { WorkShare } from "./taken_work.ts";

/** A byte that is wasted for each that is taken is made up for by a second of waiting. */
const WAITED_MS = 1000;
/** Memory that is held counts little: who takes all that it asks for has two chunks. */
const HELD_SHARE = 1 / (4 * CHUNK_SIZE);
/** Doublings of the time after which little credit has to do, at most. */
const THIN_MAX = 5;

/** What a session's part of the memory is told of the session. */
export interface SessionMemoryOptions {
  /**
   * Its own bound, without the reserve.
   *
   * @default {SERVE_BYTES}
   */
  maxBytes?: number;
  /** The peer's, in hex: sessions of one key count together. */
  key?: string;
  /** Where it is: who has one address of it has many keys. */
  network?: string;
  /** The round trip to it at present, in milliseconds. */
  rttMs?: () => number;
}

/** The part of a {@linkcode ServeMemory} that one session may use. */
export class SessionMemory implements SessionShare, Disposable {
  readonly common: CommonMemory;
  readonly own: Semaphore;
  /** What it may use besides for small responses. */
  readonly reserve = new Semaphore(SERVE_RESERVE_BYTES);
  /** How many responses of the session hold memory. */
  holding = 0;
  readonly changed = new Notify();

  /** Requests that are worked on. */
  #inWork = 0;
  readonly #key: string;
  readonly #work: WorkShare;
  readonly #rttMs: () => number;
  /** What it may ask for. */
  readonly asking: AskingBudget;
  readonly #sent = new Set<SentChunks>();
  /** Bytes that were acknowledged since the peer let memory lie. */
  #acknowledged = 0;
  /** The one response that has its turn before the peer acknowledges something. */
  #first: Borrower | undefined;
  /** Those that lost their memory, until all that they have sent has arrived. */
  readonly #owing = new Set<Borrower>();
  #thin = 0;

  constructor(memory: ServeMemory, options: SessionMemoryOptions = {}) {
    const { maxBytes = SERVE_BYTES, key = "", network = "" } = options;
    this.common = commonMemoryOf(memory);
    this.own = new Semaphore(maxBytes);
    this.#key = key;
    this.#work = this.common.work.join(key, network);
    this.asking = this.common.asking.join(key);
    this.#rttMs = options.rttMs ?? (() => 0);
  }

  get isProven(): boolean {
    return this.#acknowledged >= SERVE_PROOF_BYTES;
  }

  /** Waits until one more request may be worked on; disposed of when it is over. */
  begin(signal: AbortSignal): Disposable | Promise<Disposable> {
    return this.#mayBegin ? this.#begun() : this.#beginLater(signal);
  }

  get #mayBegin(): boolean {
    return this.isProven || this.#inWork < SERVE_UNPROVEN_REQUESTS;
  }

  async #beginLater(signal: AbortSignal): Promise<Disposable> {
    while (!this.#mayBegin) await this.changed.wait(signal);
    return this.#begun();
  }

  #begun(): Disposable {
    this.#inWork++;
    return {
      [Symbol.dispose]: () => {
        this.#inWork--;
        this.changed.notifyAll();
      },
    };
  }

  admits(response: Borrower, isSmall: boolean): boolean {
    const owing = this.#owing;
    if (owing.size >= SERVE_OWING_MAX && !owing.has(response)) return false;
    if (isSmall || this.isProven) return true;
    this.#first ??= response;
    return this.#first === response;
  }

  look(): void {
    this.#first?.look();
  }

  owe(response: Borrower, isFault: boolean): void {
    this.#owing.add(response);
    if (!isFault) return;
    this.#acknowledged = 0;
    this.#first = response;
  }

  settle(response: Borrower, isOver: boolean): void {
    const had = this.#owing.delete(response);
    const wasFirst = isOver && this.#first === response;
    if (wasFirst) this.#first = undefined;
    if (had || wasFirst) this.changed.notifyAll();
  }

  prove(bytes: number): void {
    if (this.isProven) return;
    this.#acknowledged += bytes;
    if (!this.isProven) return;
    this.#first = undefined;
    this.#thin = 0;
    this.changed.notifyAll();
  }

  /** One of its responses holds so much more. */
  hold(bytes: number): void {
    const { heldBy } = this.common;
    const held = (heldBy.get(this.#key) ?? 0) + bytes;
    if (held === 0) heldBy.delete(this.#key);
    else heldBy.set(this.#key, held);
  }

  onTaken(wasted: number, taken: number): void {
    if (wasted !== 0 || taken !== 0) {
      this.#work.add(wasted, taken, performance.now());
    }
  }

  wasted(more = 0, taken = 0): number {
    return this.#work.wasted(performance.now(), more, taken);
  }

  get pauseMs(): number {
    return this.#work.pauseMs(performance.now());
  }

  rank(waitingSince: number): number {
    const held = this.common.heldBy.get(this.#key) ?? 0;
    // In steps, as time passes while those that wait are compared.
    const waited = Math.floor((performance.now() - waitingSince) / 10) * 10;
    return Math.max(0, this.wasted() - waited / WAITED_MS) + HELD_SHARE * held;
  }

  get patienceMs(): number {
    const { stallMs } = this.common;
    const longest = SERVE_STALL_MAX_MS / SERVE_STALL_MS * stallMs;
    return Math.min(longest, Math.max(stallMs, 2 * this.#rttMs()));
  }

  get creditMs(): number {
    return CREDIT_MS * 2 ** this.#thin;
  }

  onThinCredit(): void {
    this.#thin = Math.min(THIN_MAX, this.#thin + 1);
  }

  /** Watches what one of its responses sends; `end` ends that stream. */
  sentChunks(stream: SentStream, end: () => void): SentChunksOfSession {
    const chunks = new SentChunks(stream, () => {
      this.#sent.delete(chunks);
      end();
    });
    return {
      add: (position, length) => {
        chunks.add(position, length, performance.now());
        this.#sent.add(chunks);
        this.common.watch(chunks);
      },
    };
  }

  /** Room for one request; see {@linkcode RequestMemory.room}. */
  requestRoom(end: () => void): RequestRoom {
    return this.common.requests.room(this.#key, end);
  }

  /** The session is over: nothing is kept for it. */
  [Symbol.dispose](): void {
    for (const chunks of this.#sent) this.common.unwatch(chunks);
    this.#work[Symbol.dispose]();
    this.asking[Symbol.dispose]();
  }
}

/** Where a response tells of chunks that it has sent whole. */
export interface SentChunksOfSession {
  /** One that is so long and ends there in the stream. */
  add(position: number, length: number): void;
}
