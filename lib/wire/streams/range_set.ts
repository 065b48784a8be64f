/** Half-open ranges of stream offsets, sorted and merged. */

/** A set of half-open ranges `[start, end)` of safe integers. */
export class RangeSet {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** How many separate ranges there are. */
  get length(): number {
    return this.#starts.length;
  }

  /** Adds `[start, end)`, merging what touches. */
  add(start: number, end: number): void {
    if (start >= end) return;
    const starts = this.#starts;
    const ends = this.#ends;
    const last = starts.length - 1;
    // In order is the rule, so the end is tried first.
    if (last < 0 || start > ends[last]) {
      starts.push(start);
      ends.push(end);
      return;
    }
    let low = this.#firstEndingAtOrAfter(start);
    if (starts[low] > end) {
      starts.splice(low, 0, start);
      ends.splice(low, 0, end);
      return;
    }
    let high = low;
    while (high + 1 < starts.length && starts[high + 1] <= end) high++;
    starts[low] = Math.min(starts[low], start);
    ends[low] = Math.max(ends[high], end);
    const extra = high - low;
    if (extra > 0) {
      low++;
      starts.splice(low, extra);
      ends.splice(low, extra);
    }
  }

  /** Takes `[start, end)` out. */
  remove(start: number, end: number): void {
    if (start >= end) return;
    const starts = this.#starts;
    const ends = this.#ends;
    let i = this.#firstEndingAtOrAfter(start + 1);
    while (i < starts.length && starts[i] < end) {
      const from = starts[i];
      const to = ends[i];
      if (from < start && to > end) {
        ends[i] = start;
        starts.splice(i + 1, 0, end);
        ends.splice(i + 1, 0, to);
        return;
      }
      if (from < start) {
        ends[i] = start;
        i++;
      } else if (to > end) {
        starts[i] = end;
        return;
      } else {
        starts.splice(i, 1);
        ends.splice(i, 1);
      }
    }
  }

  /**
   * Takes up to `max` bytes off the lowest range.
   *
   * @returns Their start and length, or `undefined` when the set is empty.
   */
  shift(max: number): { start: number; length: number } | undefined {
    const start = this.#starts[0];
    if (start === undefined) return undefined;
    const length = Math.min(max, this.#ends[0] - start);
    if (start + length === this.#ends[0]) {
      this.#starts.shift();
      this.#ends.shift();
    } else {
      this.#starts[0] = start + length;
    }
    return { start, length };
  }

  /**
   * When the lowest range covers `offset`, drops it and returns its end; else
   * `offset`.
   */
  takeThrough(offset: number): number {
    if (this.#starts.length === 0 || this.#starts[0] > offset) return offset;
    this.#starts.shift();
    return Math.max(offset, this.#ends.shift()!);
  }

  /** All ranges, ascending. */
  *[Symbol.iterator](): Generator<[start: number, end: number]> {
    for (let i = 0; i < this.#starts.length; i++) {
      yield [this.#starts[i], this.#ends[i]];
    }
  }

  #firstEndingAtOrAfter(offset: number): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ends[middle] < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
