/**
 * Which bytes of a file have been written.
 *
 * @module
 */

/** Pieces by offset; the same piece may be written again. */
export class Coverage {
  private readonly pieces = new Map<number, number>();
  private total = 0;

  /** Bytes of all different pieces. */
  get bytes(): number {
    return this.total;
  }

  /**
   * Notes a piece.
   *
   * @param offset Where it starts.
   * @param length Its length, in bytes.
   */
  add(offset: number, length: number): void {
    this.total += length - (this.pieces.get(offset) ?? 0);
    this.pieces.set(offset, length);
  }

  /**
   * The first byte below `size` that no piece covers.
   *
   * @param size The size of the whole, in bytes.
   * @returns Its offset, or `undefined` when all is covered.
   */
  firstGap(size: number): number | undefined {
    const offsets = Float64Array.from(this.pieces.keys()).sort();
    let end = 0;
    for (const offset of offsets) {
      if (offset > end) break;
      end = Math.max(end, offset + (this.pieces.get(offset) ?? 0));
    }
    return end < size ? end : undefined;
  }
}
