/** Which bytes of a file have been written. */

/** Ranges by offset; the same range may be written again. */
export class Coverage {
  private readonly ranges = new Map<number, number>();
  private total = 0;

  /** Bytes of all ranges. */
  get bytes(): number {
    return this.total;
  }

  /**
   * Tells whether exactly this range has been noted.
   *
   * @param offset Where it starts.
   * @param length Its length, in bytes.
   */
  has(offset: number, length: number): boolean {
    return this.ranges.get(offset) === length;
  }

  /**
   * Notes a range.
   *
   * @param offset Where it starts.
   * @param length Its length, in bytes.
   */
  add(offset: number, length: number): void {
    this.total += length - (this.ranges.get(offset) ?? 0);
    this.ranges.set(offset, length);
  }

  /**
   * Tells whether every byte below `size` is covered.
   *
   * @param size The size of the whole, in bytes.
   */
  isWhole(size: number): boolean {
    // Most often there is too little: then nothing is sorted.
    return this.total >= size && this.firstGap(size) === undefined;
  }

  /**
   * The first byte below `size` that no range covers.
   *
   * @param size The size of the whole, in bytes.
   * @returns Its offset, or `undefined` when all is covered.
   */
  firstGap(size: number): number | undefined {
    const offsets = Float64Array.from(this.ranges.keys()).sort();
    let end = 0;
    for (const offset of offsets) {
      if (offset > end) break;
      end = Math.max(end, offset + (this.ranges.get(offset) ?? 0));
    }
    return end < size ? end : undefined;
  }
}
