import {
  SOURCE_AHEAD_MS,
  SOURCE_PROBE_MAX_MS,
  SOURCE_STALL_MS,
  SOURCE_WINDOW_MIN,
} from "../../limits.ts";
import { RateMeter } from "./rate_meter.ts";

/** A chunk, or some for one request, that is wanted. */
export interface QueuedWant {
  readonly id: number;
  readonly bytes: number;
  /** Sources that do not have it. */
  readonly lacking: Set<number>;
  /** Sources that are being asked for it, and what of it each has brought. */
  readonly asks: Map<number, number>;
}

/** Of a source that has brought nothing for so long nothing is expected soon. */
export const UNKNOWN_MS = 1000;

/** A source that is asked for nothing for so long is taken to be twice as fast. */
const FORGIVEN_MS = 1000;

/** What one source is asked for, and how it does. */
export class SourceLoad {
  readonly wants = new Set<QueuedWant>();
  isStalled = false;
  /** For how long it was asked in vain since it was heard, over all requests. */
  silentMs = 0;
  /** Since when there is nothing for it to do. */
  idleSince: number | undefined;
  readonly #meter = new RateMeter();
  /** Bytes that it was asked for and has not brought. */
  #left = 0;
  #meteredAt: number;
  #tickedAt: number;
  /** When it last brought something, or began to be asked. */
  #heardAt: number;
  /** Since when it is asked for nothing. */
  #freeSince: number;
  /** Whether it was asked and the first byte has not come. */
  #isWaiting = false;
  /** When one that has stalled is tried again, and how long after that. */
  #probeAt = 0;
  #probeMs = 0;

  constructor(readonly id: number, now: number) {
    this.#meteredAt = now;
    this.#tickedAt = now;
    this.#heardAt = now;
    this.#freeSince = now;
  }

  /** Whether its rate is known. */
  get isKnown(): boolean {
    return this.#meter.rate !== undefined;
  }

  /** Whether it has less to do than it would do in the time ahead. */
  get hasRoom(): boolean {
    if (this.wants.size === 0) return true;
    const { rate } = this.#meter;
    return rate !== undefined &&
      this.#left < Math.max(SOURCE_WINDOW_MIN, rate * SOURCE_AHEAD_MS);
  }

  /** In how many milliseconds it would have brought a chunk more. */
  wouldTake(bytes: number, now: number): number {
    const { rate } = this.#meter;
    const isFree = this.wants.size === 0;
    // One that is new is to show what it can do.
    if (rate === undefined) return isFree ? 0 : Infinity;
    const ms = (this.#left + bytes) / rate;
    // One that was slow may be so no more.
    return isFree ? ms / 2 ** ((now - this.#freeSince) / FORGIVEN_MS) : ms;
  }

  /** In how many milliseconds it will have brought what it is asked for. */
  willTake({ bytes, asks }: QueuedWant, now: number): number {
    const left = bytes - (asks.get(this.id) ?? 0);
    const { rate } = this.#meter;
    if (rate === undefined || this.#isWaiting) {
      return now - this.#heardAt < UNKNOWN_MS ? 0 : Infinity;
    }
    // All that it is asked for comes at once.
    return Math.min(this.#left, left * this.wants.size) / rate;
  }

  /** Whether one that has stalled is to be tried again. */
  isDue(now: number): boolean {
    return this.isStalled && this.wants.size === 0 && now >= this.#probeAt;
  }

  ask(want: QueuedWant, now: number): void {
    if (this.wants.size === 0) {
      // Time without work, and on the way, tells nothing of its rate.
      this.#isWaiting = true;
      this.#tickedAt = now;
      this.#heardAt = now;
    }
    if (this.isStalled) {
      this.#probeMs = Math.min(2 * this.#probeMs, SOURCE_PROBE_MAX_MS);
      this.#probeAt = now + this.#probeMs;
    }
    this.wants.add(want);
    this.#left += want.bytes;
    this.idleSince = undefined;
    want.asks.set(this.id, 0);
  }

  /** Some bytes have come; less than none when a chunk begins anew. */
  receive(want: QueuedWant, bytes: number, now: number): void {
    this.#measure(Math.max(0, bytes), now);
    if (bytes > 0) {
      this.#isWaiting = false;
      this.hear(now);
    }
    const before = want.asks.get(this.id) ?? 0;
    // Who sends more than was wanted has no more left for that.
    const received = Math.min(want.bytes, Math.max(0, before + bytes));
    want.asks.set(this.id, received);
    this.#left -= received - before;
  }

  /** A request is over. */
  release(want: QueuedWant, now: number): void {
    this.#measure(0, now);
    this.#left -= want.bytes - (want.asks.get(this.id) ?? 0);
    this.wants.delete(want);
    if (this.wants.size === 0) this.#freeSince = now;
    want.asks.delete(this.id);
  }

  /** It lives. */
  hear(now: number): void {
    this.#heardAt = now;
    this.silentMs = 0;
    this.isStalled = false;
  }

  /** Time has passed. */
  tick(now: number): void {
    if (this.wants.size === 0) return;
    const passed = now - this.#tickedAt;
    this.#tickedAt = now;
    this.#measure(0, now);
    const silence = now - this.#heardAt;
    this.silentMs += Math.min(silence, passed);
    if (silence < SOURCE_STALL_MS || this.isStalled) return;
    this.isStalled = true;
    this.#probeMs = SOURCE_STALL_MS;
    this.#probeAt = now + this.#probeMs;
  }

  #measure(bytes: number, now: number): void {
    this.#meter.add(bytes, this.#isWaiting ? 0 : now - this.#meteredAt);
    this.#meteredAt = now;
  }
}
