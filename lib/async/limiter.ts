/**
 * Runs no more than so many tasks at once, which bounds the open files and the
 * buffers of callers that ask for everything in parallel.
 */
export class Limiter {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** Lets `max` tasks run at once. */
  constructor(max: number) {
    this.#free = max;
  }

  /** Runs `task` as soon as there is room, in the order of the calls. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free === 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#free--;
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
