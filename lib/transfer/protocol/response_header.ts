/**
 * What precedes the bytes of a response; see `tags.ts`.
 *
 * @module
 */

import { ResponseTag } from "./tags.ts";
import { ProtocolError } from "./transfer_error.ts";

/** Longest header before bytes: the tag and a ten-byte varint. */
export const RESPONSE_HEADER_MAX = 11;

const VARINT_MAX = 10;

/** The parsed start of a response. */
export type ResponseHeader =
  | { kind: "found"; length: number }
  | { kind: "not_found" }
  | { kind: "failed" };

/**
 * Encodes the header of a response.
 *
 * @param length Bytes that follow, or `undefined` when there is nothing.
 *
 * @example
 * ```ts
 * import { encodeResponseHeader } from "./response_header.ts";
 *
 * encodeResponseHeader(300); // 00 ac 02
 * encodeResponseHeader(undefined); // 01
 * ```
 */
export function encodeResponseHeader(length: number | undefined): Uint8Array {
  const bytes = new Uint8Array(responseHeaderLength(length));
  writeResponseHeader(bytes, 0, length);
  return bytes;
}

/** Length in bytes of the header before `length` bytes, or of the one that says there is nothing. */
export function responseHeaderLength(length: number | undefined): number {
  if (length === undefined) return 1;
  let size = 2;
  for (let rest = length; rest >= 0x80; rest /= 0x80) size++;
  return size;
}

/**
 * Writes the header before `length` bytes, or the one that says there is
 * nothing, into `target`.
 *
 * @returns The offset behind it.
 */
export function writeResponseHeader(
  target: Uint8Array,
  offset: number,
  length: number | undefined,
): number {
  if (length === undefined) {
    target[offset] = ResponseTag.not_found;
    return offset + 1;
  }
  target[offset++] = ResponseTag.found;
  let rest = length;
  while (rest >= 0x80) {
    target[offset++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  target[offset++] = rest;
  return offset;
}

/**
 * Reads a header as its bytes arrive.
 *
 * @example
 * ```ts
 * import { ResponseHeaderParser } from "./response_header.ts";
 *
 * const parser = new ResponseHeaderParser();
 * parser.push(Uint8Array.of(0, 0xac)); // 2 consumed, header still undefined
 * parser.push(Uint8Array.of(2, 7, 7)); // 1 consumed, the rest is content
 * parser.header; // { kind: "found", length: 300 }
 * ```
 */
export class ResponseHeaderParser {
  #started = false;
  #length = 0;
  #scale = 1;
  #varintBytes = 0;
  #header?: ResponseHeader;

  /** The header, once it is complete. */
  get header(): ResponseHeader | undefined {
    return this.#header;
  }

  /** Makes the parser ready for the next header. */
  reset(): void {
    this.#started = false;
    this.#length = 0;
    this.#scale = 1;
    this.#varintBytes = 0;
    this.#header = undefined;
  }

  /**
   * Takes bytes up to the end of the header.
   *
   * @returns How many of `bytes` belong to it.
   * @throws {ProtocolError} When they are not a header; a length above 2^53 is
   * refused, too: nobody has such a chunk.
   */
  push(bytes: Uint8Array): number {
    let consumed = 0;
    while (this.#header === undefined && consumed < bytes.length) {
      this.#take(bytes[consumed++]);
    }
    return consumed;
  }

  #take(byte: number): void {
    if (!this.#started) {
      this.#started = true;
      if (byte === ResponseTag.not_found) this.#header = { kind: "not_found" };
      else if (byte === ResponseTag.failed) this.#header = { kind: "failed" };
      else if (byte !== ResponseTag.found) {
        throw new ProtocolError(`an answer cannot begin with ${hexByte(byte)}`);
      }
      return;
    }
    this.#length += (byte & 0x7f) * this.#scale;
    this.#scale *= 0x80;
    this.#varintBytes++;
    if (byte >= 0x80) {
      if (this.#varintBytes === VARINT_MAX) {
        throw new ProtocolError("the length in an answer does not terminate");
      }
      return;
    }
    if (!Number.isSafeInteger(this.#length)) {
      throw new ProtocolError("an answer announces more than 2^53 bytes");
    }
    this.#header = { kind: "found", length: this.#length };
  }
}

function hexByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
