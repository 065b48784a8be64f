/**
 * Calls back at the earliest time it was told, at times too early; the callback
 * tells the next.
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
