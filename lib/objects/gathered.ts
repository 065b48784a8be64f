/** Bytes as they come, of which there are never more than a bound. */
export class Gathered {
  /** How many there are. */
  length = 0;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array();

  /**
   * @param most How many there may be.
   * @param mayBeCut Whether the first of them are of use without the others.
   */
  constructor(readonly most: number, readonly mayBeCut = false) {}

  /** What has come; the bytes are those that are added to. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.length);
  }

  /** Makes room for what is announced. */
  reserve(length: number): void {
    const wanted = Math.min(length, this.most);
    if (wanted <= this.#buffer.length) return;
    const buffer = new Uint8Array(wanted);
    buffer.set(this.bytes);
    this.#buffer = buffer;
  }

  /** Adds bytes; `false` when they are too many, of which none are taken. */
  add(bytes: Uint8Array<ArrayBuffer>): boolean {
    const length = this.length + bytes.length;
    if (length > this.most) return false;
    if (this.length === 0 && this.#buffer.length <= bytes.length) {
      this.#buffer = bytes;
    } else {
      if (length > this.#buffer.length) this.reserve(length * 2);
      this.#buffer.set(bytes, this.length);
    }
    this.length = length;
    return true;
  }

  /** Forgets what has come. */
  clear(): void {
    this.length = 0;
  }
}
