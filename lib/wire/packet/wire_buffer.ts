/**
 * Cursors over packet bytes: big-endian integers and QUIC varints (RFC 9000
 * §16), without allocation.
 */

import { TransportError, TransportErrorCode } from "./transport_error.ts";

/** Largest value a varint may carry here: integers stay exact as numbers. */
export const VARINT_MAX: number = Number.MAX_SAFE_INTEGER;

/** Bytes a varint takes; `value` is a safe integer, 0 or more. */
export function varintLength(value: number): 1 | 2 | 4 | 8 {
  if (value < 0x40) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x4000_0000) return 4;
  return 8;
}

/**
 * Reads fields from received bytes. Every read past the end throws a
 * {@linkcode TransportError} `FRAME_ENCODING_ERROR`.
 */
export class WireReader {
  /** Where the next read starts. */
  offset = 0;

  /** Reads from the start of `data`, which is not copied. */
  constructor(readonly data: Uint8Array) {}

  get remaining(): number {
    return this.data.length - this.offset;
  }

  #need(length: number): void {
    if (this.data.length - this.offset < length) {
      throw new TransportError(
        TransportErrorCode.FRAME_ENCODING_ERROR,
        `packet ends ${
          length - this.remaining
        } bytes before the end of a field`,
      );
    }
  }

  u8(): number {
    this.#need(1);
    return this.data[this.offset++];
  }

  u16(): number {
    this.#need(2);
    const value = (this.data[this.offset] << 8) | this.data[this.offset + 1];
    this.offset += 2;
    return value;
  }

  /** @throws {TransportError} `FRAME_ENCODING_ERROR` also for values past 2^53 − 1. */
  varint(): number {
    this.#need(1);
    const data = this.data;
    const at = this.offset;
    const first = data[at];
    const length = 1 << (first >> 6);
    this.#need(length);
    this.offset = at + length;
    let value = first & 0x3f;
    if (length <= 4) {
      for (let i = 1; i < length; i++) value = (value << 8) | data[at + i];
      return value;
    }
    for (let i = 1; i < 8; i++) value = value * 256 + data[at + i];
    if (value > VARINT_MAX) {
      throw new TransportError(
        TransportErrorCode.FRAME_ENCODING_ERROR,
        "varint is larger than 2^53 - 1",
      );
    }
    return value;
  }

  /** Reads `length` bytes as a view of the packet. */
  bytes(length: number): Uint8Array {
    this.#need(length);
    const view = this.data.subarray(this.offset, this.offset + length);
    this.offset += length;
    return view;
  }
}

/** Writes fields into a buffer of fixed size; the caller has checked that they fit. */
export class WireWriter {
  /** Where the next write goes. */
  offset = 0;

  /** Writes from the start of `target`. */
  constructor(public target: Uint8Array) {}

  get remaining(): number {
    return this.target.length - this.offset;
  }

  #need(length: number): void {
    if (this.target.length - this.offset < length) {
      throw new RangeError(
        `cannot write ${length} bytes: ${this.remaining} are left`,
      );
    }
  }

  u8(value: number): void {
    this.#need(1);
    this.target[this.offset++] = value;
  }

  u16(value: number): void {
    this.#need(2);
    this.target[this.offset++] = value >>> 8;
    this.target[this.offset++] = value;
  }

  /** Writes a varint in its shortest form. */
  varint(value: number): void {
    const length = varintLength(value);
    this.#need(length);
    const target = this.target;
    let at = this.offset;
    if (length === 1) {
      target[at++] = value;
    } else if (length === 2) {
      target[at++] = 0x40 | (value >>> 8);
      target[at++] = value;
    } else if (length === 4) {
      target[at++] = 0x80 | (value >>> 24);
      target[at++] = value >>> 16;
      target[at++] = value >>> 8;
      target[at++] = value;
    } else {
      const high = Math.floor(value / 0x1_0000_0000);
      target[at++] = 0xc0 | (high >>> 24);
      target[at++] = high >>> 16;
      target[at++] = high >>> 8;
      target[at++] = high;
      const low = value >>> 0;
      target[at++] = low >>> 24;
      target[at++] = low >>> 16;
      target[at++] = low >>> 8;
      target[at++] = low;
    }
    this.offset = at;
  }

  bytes(bytes: Uint8Array): void {
    this.#need(bytes.length);
    this.target.set(bytes, this.offset);
    this.offset += bytes.length;
  }

  /** What has been written so far. */
  written(): Uint8Array {
    return this.target.subarray(0, this.offset);
  }
}
