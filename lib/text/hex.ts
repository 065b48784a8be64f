/** Hexadecimal text of hashes, keys and encoded references. */

import { decodeHex, encodeHex } from "@std/encoding/hex";
import { quoteText } from "./escape.ts";

/**
 * Writes bytes as lower-case hex digits.
 *
 * @param bytes Any number of bytes.
 * @returns Two digits a byte.
 *
 * @example
 * ```ts
 * import { toHex } from "./hex.ts";
 *
 * toHex(new Uint8Array([0xb0, 0x01])); // "b001"
 * ```
 */
export function toHex(bytes: Uint8Array): string {
  return encodeHex(bytes);
}

/**
 * Reads hex digits of either case.
 *
 * @param text An even number of hex digits and nothing else.
 * @returns One byte for two digits.
 * @throws {RangeError} When a character is not a hex digit, naming it and its
 * place, or when their number is odd.
 *
 * @example
 * ```ts
 * import { fromHex } from "./hex.ts";
 *
 * fromHex("B001"); // Uint8Array [0xb0, 0x01]
 * ```
 */
export function fromHex(text: string): Uint8Array {
  const place = text.search(/[^0-9A-Fa-f]/);
  if (place >= 0) {
    const shown = quoteText(String.fromCodePoint(text.codePointAt(place)!));
    throw new RangeError(`${shown} at position ${place} is not a hex digit`);
  }
  if (text.length % 2 === 1) {
    throw new RangeError(
      `${text.length} hex digits are not a whole number of bytes`,
    );
  }
  return decodeHex(text);
}

/** More digits than this are no use to people, who compare the ends. */
const SHOWN_WHOLE = 200;
const SHOWN_FIRST = 20;
const SHOWN_LAST = 12;

/**
 * Shortens hex digits for people when there are very many.
 *
 * @param hex Any number of digits.
 * @returns The first and the last of them; all, if they fit a few rows.
 *
 * @example
 * ```ts
 * import { shortHex } from "./hex.ts";
 *
 * shortHex("ab".repeat(1000)); // "abababababababababab…abababababab"
 * ```
 */
export function shortHex(hex: string): string {
  return hex.length <= SHOWN_WHOLE
    ? hex
    : `${hex.slice(0, SHOWN_FIRST)}…${hex.slice(-SHOWN_LAST)}`;
}
