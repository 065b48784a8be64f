/**
 * One timer for everything that has a deadline.
 *
 * @module
 */

/**
 * Calls back at the earliest of the times it was told. The callback tells the
 * next ones; a timer that fires too early does no harm.
 */
export class WakeTimer {
  readonly #callback: () => void;
  #due = Infinity;
  #handle: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(callback: () => void) {
    this.#callback = callback;
  }

  /** Makes sure the callback is called at `time` (of `performance.now`) or earlier. */
  at(time: number): void {
    if (time >= this.#due || this.#stopped) return;
    clearTimeout(this.#handle);
    this.#due = time;
    const delay = Math.max(0, Math.ceil(time - performance.now()));
    this.#handle = setTimeout(() => {
      this.#due = Infinity;
      this.#callback();
    }, delay);
  }

  /** Never calls back again. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#handle);
  }
}
