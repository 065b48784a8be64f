import { BadAnswerError } from "./http_head.ts";

/** Room that is made when nothing says how much is to come. */
const FIRST_ROOM = 64 * 1024;

/** Bytes as they come, of which there are never more than a bound. */
export class Gathered {
  /** How many there are. */
  length = 0;
  /** Whether there were more, which were not taken. */
  isCut = false;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array();

  /**
   * @param most How many there may be.
   * @param mayBeCut Whether the first of them are of use without the others;
   * else there is an error when more come.
   */
  constructor(readonly most: number, readonly mayBeCut = false) {}

  /** What has come; the bytes are those that are added to. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.length);
  }

  /**
   * Makes room for what is announced.
   *
   * @param isLast Whether nothing follows: else as much room is made as for what
   * is not announced.
   * @throws {BadAnswerError} When it is too much.
   */
  expect(count: number, isLast = true): void {
    if (this.length + count > this.most && !this.mayBeCut) {
      throw this.#tooLong();
    }
    if (isLast) this.#reserve(this.length + count);
  }

  /**
   * Where the next bytes may be written, up to so many; nothing is free when
   * there are as many as there may be.
   */
  space(count: number): Uint8Array<ArrayBuffer> {
    if (this.length === this.#buffer.length) {
      this.#reserve(Math.max(this.length * 2, FIRST_ROOM));
    }
    return this.#buffer.subarray(this.length, this.length + count);
  }

  /** Counts bytes that were written there. */
  took(count: number): void {
    this.length += count;
  }

  /** Takes bytes, which nobody may change from now on. */
  add(bytes: Uint8Array<ArrayBuffer>): number {
    const isAll = this.length === 0 && bytes.length <= this.most &&
      this.#buffer.length <= bytes.length;
    if (!isAll) return this.addCopy(bytes);
    this.#buffer = bytes;
    this.length = bytes.length;
    return bytes.length;
  }

  /**
   * Takes a copy of bytes.
   *
   * @returns How many were taken.
   * @throws {BadAnswerError} When they are too many.
   */
  addCopy(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.most - this.length);
    if (count < bytes.length) {
      if (!this.mayBeCut) throw this.#tooLong();
      this.isCut = true;
    }
    const length = this.length + count;
    if (length > this.#buffer.length) this.#reserve(length * 2);
    this.#buffer.set(
      count < bytes.length ? bytes.subarray(0, count) : bytes,
      this.length,
    );
    this.length = length;
    return count;
  }

  /** Forgets what has come. */
  clear(): void {
    this.length = 0;
    this.isCut = false;
  }

  #reserve(length: number): void {
    const wanted = Math.min(length, this.most);
    if (wanted <= this.#buffer.length) return;
    const buffer = new Uint8Array(wanted);
    buffer.set(this.bytes);
    this.#buffer = buffer;
  }

  #tooLong(): BadAnswerError {
    return new BadAnswerError(`it sends more than ${this.most} bytes`);
  }
}
