/**
 * The postcard wire format (postcard 1.x, `from_bytes` and `to_vec`): integers
 * as LEB128 varints, strings and vectors with their length first, structs as
 * their fields one after the other.
 *
 * The reader is as lenient as postcard is: over-long varints pass up to the
 * longest form of their type, and what follows the value is nobody's business.
 */

import { decodeUtf8 } from "./utf8.ts";

/** What is wrong with encoded bytes; the message is postcard's own text. */
export class PostcardError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PostcardError";
  }

  /** Whether nothing is wrong but that there are no more bytes. */
  get isEnd(): boolean {
    return this.message === END;
  }
}

const END = "Hit the end of buffer, expected more data";
const BAD_VARINT =
  "Found a varint that didn't terminate. Is the usize too big for this platform?";
const BAD_UTF8 = "Tried to parse invalid utf-8";
const CUSTOM = "Serde Deserialization Error";

/** Longest varints, in bytes, and the largest value of their last byte. */
const U32_BYTES = 5;
const U32_LAST = 0x0f;
const U64_BYTES = 10;
const U64_LAST = 0x01;

/**
 * Reads postcard values one after the other.
 *
 * Every method throws a {@linkcode PostcardError} when the input ends too early
 * or a number does not fit its type. Nothing is ever allocated by a length that
 * the input merely claims.
 *
 * @example
 * ```ts
 * import { PostcardReader } from "./postcard.ts";
 *
 * const reader = new PostcardReader(new Uint8Array([0x02, 0x68, 0x69, 0xac, 0x02]));
 * reader.string(); // "hi"
 * reader.u32(); // 300
 * ```
 */
export class PostcardReader {
  readonly #bytes: Uint8Array;
  #offset: number;

  /** Starts at `offset` of `bytes`; slices given out are views of `bytes`. */
  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  /** Where the next value starts. */
  get offset(): number {
    return this.#offset;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** Reads one raw byte. */
  u8(): number {
    if (this.#offset >= this.#bytes.length) throw new PostcardError(END);
    return this.#bytes[this.#offset++];
  }

  /** Reads a `u32`, at most 5 bytes. */
  u32(): number {
    const bytes = this.#bytes;
    const first = bytes[this.#offset];
    if (first < 0x80) {
      this.#offset++;
      return first;
    }
    let value = 0;
    for (let i = 0, scale = 1; i < U32_BYTES; i++, scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (i === U32_BYTES - 1 && byte > U32_LAST) break;
        return value;
      }
    }
    throw new PostcardError(BAD_VARINT);
  }

  /** Reads a `u64`, at most 10 bytes. */
  u64(): bigint {
    // Seven groups make 49 bits, exact as a number; only the rest needs more.
    let low = 0;
    let high = 0n;
    for (let i = 0, scale = 1; i < U64_BYTES; i++, scale *= 128) {
      const byte = this.u8();
      if (i < 7) low += (byte & 0x7f) * scale;
      else high |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) {
        if (i === U64_BYTES - 1 && byte > U64_LAST) break;
        return i < 7 ? BigInt(low) : BigInt(low) | high;
      }
    }
    throw new PostcardError(BAD_VARINT);
  }

  /**
   * Reads the element count of a vector whose elements take one byte or more
   * each.
   *
   * @returns At most {@linkcode remaining}: safe to allocate by.
   * @throws {PostcardError} Also when the input cannot hold that many.
   */
  length(): number {
    const count = this.count();
    if (count > this.remaining) throw new PostcardError(END);
    return count;
  }

  /**
   * Reads the element count of a vector as it is declared, for a loop that reads
   * element by element and thereby fails where postcard fails.
   *
   * @returns A claim, cut to `Number.MAX_SAFE_INTEGER`: never allocate by it.
   */
  count(): number {
    if (this.#bytes[this.#offset] < 0x80) return this.u8();
    const value = this.u64();
    return value > Number.MAX_SAFE_INTEGER
      ? Number.MAX_SAFE_INTEGER
      : Number(value);
  }

  /**
   * Reads `n` raw bytes.
   *
   * @returns A view of the input.
   */
  bytes(n: number): Uint8Array {
    if (n > this.remaining) throw new PostcardError(END);
    const start = this.#offset;
    this.#offset = start + n;
    return this.#bytes.subarray(start, start + n);
  }

  /**
   * Reads a `Vec<u8>`.
   *
   * @returns A view of the input.
   */
  byteVec(): Uint8Array {
    return this.bytes(this.count());
  }

  /**
   * Reads a string.
   *
   * @throws {PostcardError} Also when it is not well-formed UTF-8.
   */
  string(): string {
    const text = decodeUtf8(this.byteVec());
    if (text === undefined) throw new PostcardError(BAD_UTF8);
    return text;
  }

  /**
   * Reads an enum discriminant.
   *
   * @param variants How many variants the enum has.
   * @returns 0 … `variants` − 1.
   * @throws {PostcardError} Also when the enum has no such variant.
   */
  variant(variants: number): number {
    const discriminant = this.u32();
    if (discriminant >= variants) throw new PostcardError(CUSTOM);
    return discriminant;
  }
}

const encoder = new TextEncoder();

/**
 * Writes postcard values one after the other, every varint in its shortest form.
 * A number that is not one of its type is a {@linkcode RangeError}.
 *
 * @example
 * ```ts
 * import { PostcardWriter } from "./postcard.ts";
 *
 * const writer = new PostcardWriter();
 * writer.string("hi");
 * writer.u32(300);
 * writer.finish(); // Uint8Array [0x02, 0x68, 0x69, 0xac, 0x02]
 * ```
 */
export class PostcardWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** Starts empty, with room for `capacity` bytes. */
  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** How many bytes were written so far. */
  get length(): number {
    return this.#length;
  }

  /** Writes one raw byte. */
  u8(value: number): void {
    check(value, 0xff, "u8");
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Writes a `u32` or an enum discriminant. */
  u32(value: number): void {
    check(value, 0xffff_ffff, "u32");
    this.#varint(value);
  }

  /** Writes a `u64` or a length. */
  u64(value: bigint | number): void {
    if (typeof value === "number") {
      check(value, Number.MAX_SAFE_INTEGER, "u64");
      this.#varint(value);
      return;
    }
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) {
      throw new RangeError(`${value} is not a u64`);
    }
    this.#reserve(U64_BYTES);
    let rest = value;
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  /** Writes raw bytes, without a length. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Writes a `Vec<u8>`. */
  byteVec(bytes: Uint8Array): void {
    this.u64(bytes.length);
    this.bytes(bytes);
  }

  /** Writes a string; a lone surrogate becomes U+FFFD. */
  string(text: string): void {
    this.byteVec(encoder.encode(text));
  }

  /** The bytes written so far, in memory of their own. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #varint(value: number): void {
    this.#reserve(U64_BYTES);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function check(value: number, max: number, type: string): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > max) {
    throw new RangeError(`${value} is not a ${type}`);
  }
}
