import { OVERSLEPT_MS } from "../limits.ts";

/**
 * A clock that stands still while the process does, stopped by a signal or
 * asleep with its machine: nobody is late for what happened meanwhile.
 *
 * Its owner calls {@linkcode AwakeClock.tick} every `stepMs`. A tick that comes
 * more than a second late tells that nothing ran in between.
 *
 * @example
 * ```ts
 * import { AwakeClock } from "./awake_clock.ts";
 *
 * const clock = new AwakeClock(500);
 * const timer = setInterval(() => clock.tick(), 500);
 * const since = clock.now;
 * // Later: how long it took, without any sleep.
 * const tookMs = clock.now - since;
 * clearInterval(timer);
 * ```
 */
export class AwakeClock {
  readonly #longest: number;
  readonly #time: () => number;
  #now = 0;
  #tickedAt: number;

  /** @param time Milliseconds that never go back. */
  constructor(stepMs: number, time: () => number = () => performance.now()) {
    this.#longest = stepMs + OVERSLEPT_MS;
    this.#time = time;
    this.#tickedAt = time();
  }

  /** Milliseconds that the process has run, as far as is known. */
  get now(): number {
    const passed = this.#time() - this.#tickedAt;
    return this.#now + Math.min(passed, this.#longest);
  }

  /**
   * Tells the clock that the process runs.
   *
   * @returns How far the clock has gone since the last tick.
   */
  tick(): number {
    const before = this.#now;
    this.#now = this.now;
    this.#tickedAt = this.#time();
    return this.#now - before;
  }
}
