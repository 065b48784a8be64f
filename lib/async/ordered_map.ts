/** Working ahead of a consumer that wants results in order. */

import { Notify } from "./notify.ts";
import type { Permit, Semaphore } from "./semaphore.ts";

/** Bounds of an {@linkcode orderedMap}. */
export interface OrderedMapOptions<T> {
  /**
   * Items in work or waiting to be taken, at most; at least 1. A function is
   * asked again before each item.
   */
  ahead: number | (() => number);
  /**
   * What an item's work takes from an allowance that others share, too. The
   * permit is handed to `fn`, which owns it from then on unless it fails.
   *
   * While something is in work or waiting to be taken, units are taken only if
   * they are free at once: many maps that hold some units and wait for more
   * would wait for ever. For the same reason a consumer gives back what it
   * holds before it waits for a result that is not there.
   */
  budget?: { semaphore: BudgetSource; units: (item: T) => number };
  /** Ends the map. */
  signal?: AbortSignal;
}

/** Where a budget comes from: a {@linkcode Semaphore}, or several as one. */
export type BudgetSource = Pick<Semaphore, "acquire" | "tryAcquire">;

/** What the function of an {@linkcode orderedMap} gets beside its item. */
export interface OrderedMapContext {
  /** Aborts when the result is not wanted any more. */
  readonly signal: AbortSignal;
  /** What was taken from the budget, when there is one. */
  readonly permit?: Permit;
}

/**
 * Applies `fn` to the items, several at once, and yields the results in the
 * order of the items.
 *
 * The first failure in that order ends the map. When it ends, however it does,
 * what is still in work is told to stop and waited for, and results that
 * nobody took are disposed of if they can be.
 *
 * @param items Read one at a time, never further than `ahead`; must end when
 * `signal` aborts.
 * @param fn Works on one item; must end when its signal aborts.
 * @returns The results.
 * @throws What the items, `fn` or the budget failed with, or the signal's
 * reason.
 *
 * @example
 * ```ts
 * import { orderedMap } from "./ordered_map.ts";
 *
 * const lengths = orderedMap(
 *   ["a", "bb", "ccc"],
 *   (text) => Promise.resolve(text.length),
 *   { ahead: 2 },
 * );
 * for await (const length of lengths) console.log(length); // 1, 2, 3
 * ```
 */
export async function* orderedMap<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  fn: (item: T, context: OrderedMapContext) => R | Promise<R>,
  options: OrderedMapOptions<T>,
): AsyncGenerator<R, void, undefined> {
  const feed = new Feed(fn, options);
  const feeding = feed.run(items);
  // A failure to feed is told after the results that came before it.
  feeding.catch(() => {});
  const { pending, changed } = feed;
  try {
    for (;;) {
      while (pending.length === 0 && !feed.ended) await changed.wait();
      if (pending.length === 0) return await feeding;
      const result = await pending[0];
      pending.shift();
      changed.notifyAll();
      yield result;
      // The consumer may have given back what it held of the budget.
      changed.notifyAll();
    }
  } finally {
    feed.stop();
    await Promise.allSettled([feeding]);
    for (const settled of await Promise.allSettled(pending)) {
      if (settled.status === "fulfilled") disposeOf(settled.value);
    }
  }
}

/** Starts the work of an {@linkcode orderedMap}, as far ahead as it may. */
class Feed<T, R> {
  /** In work or waiting to be taken, in order. */
  readonly pending: Promise<R>[] = [];
  readonly changed = new Notify();
  ended = false;
  readonly #fn: (item: T, context: OrderedMapContext) => R | Promise<R>;
  readonly #ahead: () => number;
  readonly #budget: OrderedMapOptions<T>["budget"];
  readonly #controller = new AbortController();
  readonly #signal: AbortSignal;

  constructor(
    fn: (item: T, context: OrderedMapContext) => R | Promise<R>,
    { ahead, budget, signal }: OrderedMapOptions<T>,
  ) {
    this.#fn = fn;
    this.#ahead = typeof ahead === "number" ? () => ahead : ahead;
    this.#budget = budget;
    const own = this.#controller.signal;
    this.#signal = signal === undefined ? own : AbortSignal.any([signal, own]);
    this.#signal.addEventListener("abort", () => this.changed.notifyAll(), {
      once: true,
    });
  }

  async run(items: Iterable<T> | AsyncIterable<T>): Promise<void> {
    const { pending, changed } = this;
    try {
      this.#signal.throwIfAborted();
      for await (const item of items) {
        this.#signal.throwIfAborted();
        const result = this.#work(
          item,
          this.#budget && await this.#permitFor(item, this.#budget),
        );
        // A failure is told in its turn.
        result.catch(() => {});
        pending.push(result);
        changed.notifyAll();
        while (pending.length >= this.#ahead()) await this.#wait();
      }
    } finally {
      this.ended = true;
      changed.notifyAll();
    }
  }

  stop(): void {
    this.#controller.abort();
  }

  async #permitFor(
    item: T,
    { semaphore, units }: NonNullable<OrderedMapOptions<T>["budget"]>,
  ): Promise<Permit> {
    for (;;) {
      const permit = semaphore.tryAcquire(units(item));
      if (permit !== undefined) return permit;
      if (this.pending.length === 0) {
        return await semaphore.acquire(units(item), this.#signal);
      }
      await this.#wait();
    }
  }

  async #wait(): Promise<void> {
    // An abort before this has nobody to wake.
    this.#signal.throwIfAborted();
    await this.changed.wait();
    this.#signal.throwIfAborted();
  }

  async #work(item: T, permit?: Permit): Promise<R> {
    try {
      return await this.#fn(item, {
        signal: this.#signal,
        ...(permit && { permit }),
      });
    } catch (error) {
      permit?.[Symbol.dispose]();
      throw error;
    }
  }
}

function disposeOf(value: unknown): void {
  if (typeof value === "object" && value !== null && Symbol.dispose in value) {
    (value as Disposable)[Symbol.dispose]();
  }
}
