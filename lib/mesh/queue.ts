import { Notify } from "../async/notify.ts";

/** A queue without a bound of its own: see what fills it. */
export class Queue<T> {
  readonly #items = new Set<T>();
  readonly #changed = new Notify();
  #ended = false;

  get size(): number {
    return this.#items.size;
  }

  push(item: T): void {
    this.#items.add(item);
    this.#changed.notifyAll();
  }

  /** Takes an item out of its turn. */
  delete(item: T): void {
    this.#items.delete(item);
  }

  /** No more items will come; those that wait can still be taken. */
  end(): void {
    this.#ended = true;
    this.#changed.notifyAll();
  }

  /** Takes the first item, waiting for one; `undefined` at the end. */
  async next(): Promise<T | undefined> {
    for (;;) {
      for (const item of this.#items) {
        this.#items.delete(item);
        return item;
      }
      if (this.#ended) return undefined;
      await this.#changed.wait();
    }
  }

  /** Takes the items in their order, to the end. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const item = await this.next();
      if (item === undefined) return;
      yield item;
    }
  }
}
