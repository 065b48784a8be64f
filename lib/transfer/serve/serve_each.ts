import { abortable } from "@std/async";
import { Semaphore } from "../../async/semaphore.ts";

/**
 * Works on things as they come until they end or the signal aborts, and then
 * waits for what is still in work.
 *
 * @param work Does not throw.
 * @param atOnce In work at most; further ones are not taken.
 * @throws What `items` failed with.
 */
export async function serveEach<T>(
  items: AsyncIterable<T>,
  work: (item: T) => Promise<void>,
  signal: AbortSignal,
  atOnce = Infinity,
): Promise<void> {
  const slots = new Semaphore(atOnce);
  const running = new Set<Promise<void>>();
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const slot = await slots.acquire(1, signal);
      const next: IteratorResult<T> = await abortable(iterator.next(), signal);
      if (next.done) return;
      const task: Promise<void> = work(next.value).finally(() => {
        slot[Symbol.dispose]();
        running.delete(task);
      });
      running.add(task);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.all(running);
  }
}
