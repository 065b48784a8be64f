/** Has sources do errands, as a {@linkcode Schedule} says. */

import { AwakeClock } from "../../async/awake_clock.ts";
import {
  HashMismatchError,
  PeerClosedError,
  TimeoutError,
} from "../../errors.ts";
import { REQUEST_TIMEOUT_MS, SOURCE_FAULTS_MAX } from "../../limits.ts";
import { type Order, Schedule } from "./schedule.ts";
import { bestFailure, judge, type SourceFailure } from "./source_failure.ts";
import type { SourceSlot, SourceSlots } from "./source_slots.ts";
import {
  type Credit,
  type Delivery,
  type Division,
  type Errand,
  Want,
} from "./want.ts";

/** How often the schedule is told the time, in milliseconds. */
const TICK_MS = 100;

/** How an errand is run. */
export interface ErrandOptions {
  /** Why some sources are not asked for it. */
  readonly failures?: readonly SourceFailure[];
  /** Whether it goes ahead of those that wait. */
  readonly isUrgent: boolean;
  readonly credit: Credit;
}

/** The errands of one fetch, and the requests that are made for them. */
export class Errands implements AsyncDisposable {
  /** Resolves when every source has come or will not. */
  readonly gathered: Promise<void>;
  readonly #slots: SourceSlots;
  readonly #timeoutMs: number;
  readonly #schedule: Schedule;
  readonly #clock = new AwakeClock(TICK_MS);
  readonly #wants = new Map<number, Want>();
  readonly #running = new Set<Promise<void>>();
  #nextWant = 0;
  #timer?: ReturnType<typeof setInterval>;

  /** @param timeoutMs For how long a source may be asked in vain. */
  constructor(slots: SourceSlots, timeoutMs: number = REQUEST_TIMEOUT_MS) {
    this.#slots = slots;
    this.#timeoutMs = timeoutMs;
    this.#schedule = new Schedule(slots.list.length, timeoutMs);
    this.gathered = slots.gather(
      ({ index }) => {
        this.#schedule.join(index, this.#clock.now);
        this.#carryOut();
      },
      () => {
        this.#schedule.miss(this.#clock.now);
        this.#carryOut();
      },
    );
  }

  /** Has one errand done by whoever can. */
  async run<R>(
    errand: Errand<R>,
    { failures = [], isUrgent, credit }: ErrandOptions,
  ): Promise<Delivery<R> | Division> {
    const { signal } = errand.options;
    signal?.throwIfAborted();
    const id = this.#nextWant++;
    const want = new Want(errand, credit, failures);
    this.#wants.set(id, want);
    const onAbort = () => want.end(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#start();
    try {
      const { now } = this.#clock;
      const lacking = failures.map(({ index }) => index);
      this.#schedule.want(id, errand.bytes, lacking, isUrgent, now);
      this.#carryOut();
      // The errand makes what it brings.
      return await want.outcome as Delivery<R> | Division;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#schedule.unwant(id, this.#clock.now);
      this.#carryOut();
      this.#wants.delete(id);
      if (this.#wants.size === 0) this.#stop();
    }
  }

  /** The bytes were right: who said that there is no such chunk was wrong. */
  accept({ disputes }: Delivery<unknown>): void {
    for (const { from, error } of disputes) {
      this.#drop(this.#slots.list[from], error);
    }
  }

  /**
   * The bytes were wrong, or something else was.
   *
   * @returns What the caller fails with; nothing when others are to be asked.
   */
  refuse(
    { from }: Delivery<unknown>,
    error: unknown,
  ): { readonly error: unknown } | undefined {
    if (!(error instanceof HashMismatchError)) return { error };
    const slot = this.#slots.list[from];
    this.#drop(slot, error);
    if (slot.failed !== undefined) return undefined;
    const failure = { index: from, source: slot.name, error };
    return { error: bestFailure(this.#slots.withDropped([failure])) };
  }

  /** Notes that bytes of a delivery were of no use, and have to come again. */
  waste({ from, bytes }: Delivery<unknown>, credit: Credit): void {
    this.#slots.list[from].unused += bytes;
    credit.bytes += bytes;
  }

  /** Draws conclusions about a source whose request has failed. */
  failed(slot: SourceSlot, error: unknown): void {
    const verdict = judge(error);
    const isOver = verdict === "lies" || verdict === "gone" ||
      verdict === "fails" && ++slot.faults >= SOURCE_FAULTS_MAX;
    if (isOver) this.#drop(slot, error);
  }

  /** Ends all requests. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    this.#slots.close();
    const closed = new PeerClosedError("the fetch is over");
    for (const want of this.#wants.values()) want.end(closed);
    await Promise.all(this.#running);
  }

  #start(): void {
    if (this.#timer !== undefined) return;
    this.#clock.tick();
    this.#timer = setInterval(() => {
      this.#clock.tick();
      this.#schedule.tick(this.#clock.now);
      this.#carryOut();
    }, TICK_MS);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Does without a source from now on, unless it is the last one. */
  #drop(slot: SourceSlot, error: unknown): void {
    if (!slot.isLive || this.#schedule.sources <= 1) return;
    this.#forget(slot, error);
    this.#schedule.leave(slot.index, this.#clock.now);
    this.#carryOut();
  }

  #forget(slot: SourceSlot, error: unknown): void {
    this.#slots.fail(slot, error);
    for (const want of this.#wants.values()) want.endAsk(slot.index, error);
  }

  #carryOut(): void {
    for (const order of this.#schedule.takeOrders()) this.#obey(order);
  }

  #obey(order: Order): void {
    if (order.kind === "drop") {
      const text = `the source brought nothing for ${this.#timeoutMs} ms`;
      const slot = this.#slots.list[order.source];
      return this.#forget(slot, new TimeoutError(text));
    }
    const { kind, want: id } = order;
    const want = this.#wants.get(id);
    if (want === undefined) return;
    if (kind === "fail") {
      return want.end(bestFailure(this.#slots.withDropped(want.failures)));
    }
    if (kind === "end") {
      return want.endAsk(order.source, new PeerClosedError("not needed"));
    }
    const slot = this.#slots.list[order.source];
    const work: Promise<void> = this.#ask(slot, id, want)
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  /** Makes one request; never throws. */
  async #ask(slot: SourceSlot, id: number, want: Want): Promise<void> {
    const { index, chunks } = slot;
    const { errand } = want;
    const isContent = errand.options.onBytes !== undefined;
    const ask = want.begin(index, (count) => {
      if (isContent) {
        slot.bytes += Math.max(0, count);
        // It begins anew.
        slot.unused += Math.max(0, -count);
      }
      this.#schedule.progress(index, id, count, this.#clock.now);
      this.#carryOut();
    });
    try {
      if (chunks === undefined) throw new PeerClosedError("no such source");
      const result = await errand.fetch(chunks, ask.options);
      slot.faults = 0;
      if (want.deliver(index, ask, result)) {
        this.#schedule.delivered(index, id, this.#clock.now);
        return this.#carryOut();
      }
    } catch (error) {
      const failure = { index, source: slot.name, error };
      if (want.fail(index, ask, failure)) this.#judge(id, want, failure);
    }
    if (isContent) slot.unused += ask.received;
  }

  /** Decides what follows from a request that has failed. */
  #judge(id: number, want: Want, failure: SourceFailure): void {
    const { index, error } = failure;
    const verdict = judge(error);
    if (verdict === "ends") return want.end(error);
    if (verdict === "lacks" && want.errand.isDivisible && !want.isAsked) {
      return want.divide(failure);
    }
    if (verdict === "disputes") want.disputes.push({ from: index, error });
    this.failed(this.#slots.list[index], error);
    // Without effect where the source is done without.
    this.#schedule.lacks(index, id, this.#clock.now);
    this.#carryOut();
  }
}
