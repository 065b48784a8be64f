/** Edges of numbers, which one byte of a case can stand for. */
const NUMBERS = [2 ** 14, 2 ** 18, 2 ** 20, 2 ** 30, 2 ** 32, 2 ** 53 - 1];

/** Reads a case as numbers; zeros follow its end. */
export class Tape {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}
  /** Whether all of it has been read. */
  get done(): boolean {
    return this.at >= this.bytes.length;
  }
  u8(): number {
    return this.bytes[this.at++] ?? 0;
  }
  /** A small number, or one at the edge of something. */
  number(): number {
    const byte = this.u8();
    return byte < 0xf0 ? byte : NUMBERS[byte % NUMBERS.length];
  }
  take(length: number): Uint8Array {
    const bytes = this.bytes.slice(this.at, this.at + length);
    this.at += length;
    return bytes;
  }
}
