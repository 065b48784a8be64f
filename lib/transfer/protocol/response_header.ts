/** What precedes the bytes of a response; see `tags.ts`. */

import { PostcardWriter } from "../../content/mod.ts";
import { ResponseTag } from "./tags.ts";
import { ProtocolError } from "../../errors.ts";

/** Longest header before bytes: the tag and a ten-byte varint. */
export const RESPONSE_HEADER_MAX = 11;

const VARINT_MAX = 10;

/** The parsed start of a response. */
export type ResponseHeader =
  | { kind: "found"; length: number }
  | { kind: "not_found" }
  | { kind: "failed" };

/**
 * The header before `length` bytes, or of `undefined` the one that says there
 * is nothing. The format has room for 64 bits, which only a bigint tells.
 */
export function encodeResponseHeader(
  length: number | bigint | undefined,
): Uint8Array {
  if (typeof length === "bigint") {
    const writer = new PostcardWriter();
    writer.u8(ResponseTag.found);
    writer.u64(length);
    return writer.finish();
  }
  const bytes = new Uint8Array(responseHeaderLength(length));
  writeResponseHeader(bytes, 0, length);
  return bytes;
}

export function responseHeaderLength(length: number | undefined): number {
  if (length === undefined) return 1;
  let size = 2;
  for (let rest = length; rest >= 0x80; rest /= 0x80) size++;
  return size;
}

/** Writes the header into `target`; gives the offset behind it. */
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

/** Reads a header as its bytes arrive. */
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

  reset(): void {
    this.#started = false;
    this.#length = 0;
    this.#scale = 1;
    this.#varintBytes = 0;
    this.#header = undefined;
  }

  /**
   * Takes bytes up to the end of the header, and gives how many. Lengths above
   * 2^53 are refused: nobody has such a chunk.
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
