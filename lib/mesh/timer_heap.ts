import { BinaryHeap } from "@std/data-structures/binary-heap";

/** Something with a deadline; {@linkcode TimerHeap} keeps the property. */
export interface Timed {
  /** When it is looked at next, infinite when never. */
  timerAt: number;
}

interface Entry<T> {
  readonly at: number;
  readonly item: T;
}

/** Entries of the past that may lie among those in use. */
const STALE_MIN = 64;

/**
 * Deadlines of many things, the earliest first.
 *
 * Deadlines move with every packet, mostly back. So a later one replaces
 * nothing: the thing is looked at when its earlier one comes, and says then what
 * it waits for.
 */
export class TimerHeap<T extends Timed> {
  #heap = newHeap<T>();
  /** Things that have a deadline. */
  #size = 0;

  /** The earliest deadline, infinite without any. */
  get next(): number {
    this.#dropStale();
    return this.#heap.peek()?.at ?? Infinity;
  }

  /** Entries it holds, those of the past included. */
  get entries(): number {
    return this.#heap.length;
  }

  /** Makes sure that `item` is looked at then or earlier. */
  set(item: T, at: number): void {
    if (at >= item.timerAt) return;
    if (item.timerAt === Infinity) this.#size++;
    item.timerAt = at;
    this.#heap.push({ at, item });
    if (this.#heap.length > 2 * this.#size + STALE_MIN) this.#rebuild();
  }

  /** It is looked at no more. */
  delete(item: T): void {
    if (item.timerAt === Infinity) return;
    item.timerAt = Infinity;
    this.#size--;
  }

  /** Takes the next thing whose deadline has come; it has none after that. */
  takeDue(now: number): T | undefined {
    this.#dropStale();
    const first = this.#heap.peek();
    if (first === undefined || first.at > now) return undefined;
    this.#heap.pop();
    this.delete(first.item);
    return first.item;
  }

  #dropStale(): void {
    for (;;) {
      const first = this.#heap.peek();
      if (first === undefined || first.at === first.item.timerAt) return;
      this.#heap.pop();
    }
  }

  #rebuild(): void {
    const heap = newHeap<T>();
    for (const entry of this.#heap.drain()) {
      if (entry.at === entry.item.timerAt) heap.push(entry);
    }
    this.#heap = heap;
  }
}

/** The part of `@std`'s heap that is used here. */
interface Heap<E> {
  readonly length: number;
  push(entry: E): number;
  peek(): E | undefined;
  pop(): E | undefined;
  drain(): IterableIterator<E>;
}

function newHeap<T>(): Heap<Entry<T>> {
  return new BinaryHeap((a: Entry<T>, b: Entry<T>) => a.at - b.at);
}
