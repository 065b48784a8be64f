/**
 * Time that passes only when nothing is left to do: what waits for a timer takes
 * as long on the slowest machine as on the fastest.
 */

interface Timer {
  at: number;
  readonly every: number | undefined;
  readonly run: () => void;
}

type Callback = (...args: unknown[]) => void;

/** Stands in for the clock and the timers of this thread until disposed of. */
export class VirtualTime implements Disposable {
  /** Milliseconds that have passed. */
  now = 0;
  readonly #timers = new Map<number, Timer>();
  #next = 1;
  readonly #real = {
    now: performance.now,
    setTimeout: globalThis.setTimeout,
    setInterval: globalThis.setInterval,
    clearTimeout: globalThis.clearTimeout,
    clearInterval: globalThis.clearInterval,
  };

  constructor() {
    const begin = performance.now();
    performance.now = () => begin + this.now;
    const clear = (id?: number) => void this.#timers.delete(id ?? 0);
    Object.assign(globalThis, {
      setTimeout: (run: Callback, ms = 0, ...args: unknown[]) =>
        this.#add(() => run(...args), ms),
      setInterval: (run: Callback, ms = 0, ...args: unknown[]) =>
        this.#add(() => run(...args), ms, Math.max(1, ms)),
      clearTimeout: clear,
      clearInterval: clear,
    });
  }

  /**
   * Lets time pass until something is done.
   *
   * @returns What it came to.
   * @throws {Error} When nothing is left that could lead to it.
   */
  async until<T>(what: Promise<T>): Promise<T> {
    let isDone = false;
    const done = what.finally(() => isDone = true);
    done.catch(() => {});
    for (;;) {
      await this.settled();
      if (isDone) return await done;
      const next = this.#nextDue();
      if (next === undefined) throw new Error("nothing will happen any more");
      const [id, timer] = next;
      this.now = Math.max(this.now, timer.at);
      if (timer.every === undefined) this.#timers.delete(id);
      else timer.at = this.now + timer.every;
      timer.run();
    }
  }

  /** All that can be done without the passing of time is done. */
  async settled(): Promise<void> {
    await new Promise<void>((resolve) => this.#real.setTimeout(resolve));
  }

  [Symbol.dispose](): void {
    const { now, ...timers } = this.#real;
    performance.now = now;
    Object.assign(globalThis, timers);
  }

  #add(run: () => void, ms: number, every?: number): number {
    const id = this.#next++;
    this.#timers.set(id, { at: this.now + Math.max(0, ms), every, run });
    return id;
  }

  #nextDue(): [number, Timer] | undefined {
    let due: [number, Timer] | undefined;
    for (const entry of this.#timers) {
      if (due === undefined || entry[1].at < due[1].at) due = entry;
    }
    return due;
  }
}
