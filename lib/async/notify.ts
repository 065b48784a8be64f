/** Waking the tasks that wait for a condition to change. */

/**
 * A condition variable: wait in a loop that looks at the condition first.
 *
 * @example
 * ```ts
 * import { Notify } from "./notify.ts";
 *
 * const queue: number[] = [];
 * const added = new Notify();
 * async function take(signal?: AbortSignal): Promise<number> {
 *   while (queue.length === 0) await added.wait(signal);
 *   return queue.shift()!;
 * }
 * const taken = take();
 * queue.push(1);
 * added.notifyAll();
 * await taken;
 * ```
 */
export class Notify {
  readonly #waiters: Set<() => void> = new Set();

  /**
   * Resolves at the next notification.
   *
   * @throws The signal's reason when it aborts first.
   */
  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#waiters.delete(wake);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(wake);
    });
  }

  /** Wakes all that wait now. */
  notifyAll(): void {
    if (this.#waiters.size === 0) return;
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const wake of waiters) wake();
  }
}
