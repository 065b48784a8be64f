import { GET_MANY_BYTES_MAX, OBJECT_REQUESTS_MAX } from "../limits.ts";

/** Chunks that are fetched at once before the length of any is known. */
const FIRST = 4;

/**
 * Chunks that are fetched ahead of who takes them: some at a time, and the next
 * ones as soon as the first of these is taken. As many as have no more than
 * `GET_MANY_BYTES_MAX` together, if they are as long as those before.
 */
export class FetchesAhead {
  readonly #hashes: readonly Uint8Array[];
  readonly #begin: (
    some: readonly Uint8Array[],
  ) => Promise<number | undefined>[];
  readonly #fetches: Promise<number | undefined>[] = [];
  #taken = 0;
  /** Which is the first of those begun last. */
  #latest = 0;
  #chunks = 0;
  #bytes = 0;

  /**
   * @param hashes What is to be fetched, in order.
   * @param begin Begins to fetch some; gives for each its length, or nothing
   * when it is not to be had.
   */
  constructor(
    hashes: readonly Uint8Array[],
    begin: (some: readonly Uint8Array[]) => Promise<number | undefined>[],
  ) {
    this.#hashes = hashes;
    this.#begin = begin;
  }

  /** Whether the next one is here now. */
  async next(): Promise<boolean> {
    if (this.#taken === this.#fetches.length) this.#beginSome();
    const isFirstOfLatest = this.#taken === this.#latest;
    const fetch = this.#fetches[this.#taken++];
    const length = await fetch;
    if (length !== undefined) {
      this.#chunks++;
      this.#bytes += length;
    }
    if (isFirstOfLatest) this.#beginSome();
    return length !== undefined;
  }

  #beginSome(): void {
    const begun = this.#fetches.length;
    const some = this.#hashes.slice(begun, begun + this.#count());
    if (some.length === 0) return;
    this.#latest = begun;
    for (const fetch of this.#begin(some)) {
      // It is looked at in its turn, if ever.
      fetch.catch(() => {});
      this.#fetches.push(fetch);
    }
  }

  #count(): number {
    if (this.#chunks === 0) return FIRST;
    const fitting = GET_MANY_BYTES_MAX * this.#chunks / (this.#bytes + 1);
    return Math.max(1, Math.min(Math.floor(fitting), OBJECT_REQUESTS_MAX));
  }
}
