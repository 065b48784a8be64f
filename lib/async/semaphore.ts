/**
 * A counted allowance that concurrent work shares, first come, first served.
 */

interface Waiter {
  readonly units: number;
  readonly grant: () => void;
  readonly held?: () => number;
}

/**
 * Units of a {@linkcode Semaphore} in use. Disposing of it gives
 * them back; doing so twice does no harm.
 */
export class Permit implements Disposable {
  #units: number;
  readonly #onResize: (change: number) => void;

  /** Use {@linkcode Semaphore.acquire}. */
  constructor(units: number, onResize: (change: number) => void) {
    this.#units = units;
    this.#onResize = onResize;
  }

  /** Units that are held. */
  get units(): number {
    return this.#units;
  }

  /**
   * Replaces what is held by what turned out to be needed. Growing never
   * waits: the holder has the bytes already.
   */
  resize(units: number): void {
    const change = units - this.#units;
    this.#units = units;
    if (change !== 0) this.#onResize(change);
  }

  /** Gives everything back. */
  [Symbol.dispose](): void {
    this.resize(0);
  }
}

/**
 * Units (bytes, tasks, open files) that may be in use at once.
 *
 * Waiters are served in order, so a large request is not starved by small
 * ones. A request for more than the whole allowance waits until nothing else
 * is in use and then runs alone.
 *
 * @example
 * ```ts
 * import { Semaphore } from "./semaphore.ts";
 *
 * const memory = new Semaphore(8 << 20);
 * {
 *   using _permit = await memory.acquire(4 << 20);
 *   // use up to 4 MiB
 * }
 * ```
 */
export class Semaphore {
  /** Units that may be in use at once. */
  readonly limit: number;
  #used = 0;
  readonly #waiters: Set<Waiter> = new Set();

  /**
   * Makes an allowance.
   *
   * @param limit Units, at least 1.
   * @throws {RangeError} When `limit` is below 1.
   */
  constructor(limit: number) {
    if (!(limit >= 1)) {
      throw new RangeError(`Cannot make a semaphore of ${limit} units`);
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
   * Takes units if they are free now and no other caller waits.
   *
   * @returns `undefined` when they are not to be had at once.
   */
  tryAcquire(units = 1): Permit | undefined {
    if (this.#waiters.size > 0 || !this.#fits(units)) return undefined;
    return this.#take(units);
  }

  /**
   * Takes units, waiting for them in turn.
   *
   * @param held What the caller's share holds already, where callers have one:
   * shares that hold less go first. Looked at whenever units are given back.
   * @throws The signal's reason when it aborts first.
   */
  async acquire(
    units = 1,
    signal?: AbortSignal,
    held?: () => number,
  ): Promise<Permit> {
    signal?.throwIfAborted();
    const permit = this.tryAcquire(units);
    if (permit !== undefined) return permit;
    return await new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiters.delete(waiter);
        // The next in line may fit now.
        this.#serve();
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        units,
        held,
        grant: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve(this.#take(units));
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  #take(units: number): Permit {
    this.#used += units;
    return new Permit(units, (change) => {
      this.#used += change;
      if (change < 0) this.#serve();
    });
  }

  #fits(units: number): boolean {
    return this.#used === 0 || this.#used + units <= this.limit;
  }

  #serve(): void {
    for (;;) {
      const waiter = this.#next();
      if (waiter === undefined || !this.#fits(waiter.units)) return;
      this.#waiters.delete(waiter);
      waiter.grant();
    }
  }

  /** The one whose share holds least, of equals the first that came. */
  #next(): Waiter | undefined {
    let next: Waiter | undefined;
    let least = Infinity;
    for (const waiter of this.#waiters) {
      const held = waiter.held?.() ?? 0;
      if (held < least) [next, least] = [waiter, held];
      if (least === 0) break;
    }
    return next;
  }
}
