/**
 * A counted allowance that concurrent work shares, first come first served.
 *
 * @module
 */

interface Waiter {
  readonly units: number;
  readonly grant: () => void;
}

/**
 * Units (bytes, streams) that may be in use at once.
 *
 * Waiters are served in order, so a large request is not starved by small
 * ones. A request for more than the whole allowance waits until nothing else
 * is in use and then runs alone.
 *
 * @example
 * ```ts
 * import { Budget } from "./budget.ts";
 *
 * const budget = new Budget(8 << 20);
 * await budget.acquire(4 << 20);
 * try {
 *   // use up to 4 MiB
 * } finally {
 *   budget.release(4 << 20);
 * }
 * ```
 */
export class Budget {
  /** Units that may be in use at once. */
  readonly limit: number;
  #used = 0;
  #waiters: Set<Waiter> = new Set();

  /** Makes an allowance of `limit` units, at least 1. */
  constructor(limit: number) {
    if (!(limit >= 1)) {
      throw new RangeError(`Cannot make a budget of ${limit} units`);
    }
    this.limit = limit;
  }

  /** Units in use. */
  get used(): number {
    return this.#used;
  }

  /** How many wait for units. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Takes units if they are free now and nobody waits.
   *
   * @returns Whether they were taken.
   */
  tryAcquire(units: number): boolean {
    if (this.#waiters.size > 0 || !this.#fits(units)) return false;
    this.#used += units;
    return true;
  }

  /**
   * Takes units, waiting for them in turn.
   *
   * @throws The signal's reason when it aborts first.
   */
  async acquire(units: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.tryAcquire(units)) return;
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        this.#waiters.delete(waiter);
        // Whoever stood behind this one may fit now.
        this.#serve();
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        units,
        grant: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** Gives units back. */
  release(units: number): void {
    this.#used -= units;
    this.#serve();
  }

  /**
   * Replaces what a caller holds by what it turned out to need. Growing never
   * waits: the caller has the bytes already.
   */
  adjust(held: number, needed: number): void {
    this.#used += needed - held;
    if (needed < held) this.#serve();
  }

  #fits(units: number): boolean {
    return this.#used === 0 || this.#used + units <= this.limit;
  }

  #serve(): void {
    for (const waiter of this.#waiters) {
      if (!this.#fits(waiter.units)) return;
      this.#waiters.delete(waiter);
      this.#used += waiter.units;
      waiter.grant();
    }
  }
}
