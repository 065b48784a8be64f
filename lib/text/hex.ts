/** Hexadecimal text of hashes, keys and encoded references. */

import { quoteText } from "./escape.ts";

// By hand, not by way of an array of digits: it may be a secret, of which as few
// copies as possible are made.

/** The digits of each byte. */
const DIGITS: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

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
  let text = "";
  for (const byte of bytes) text += DIGITS[byte];
  return text;
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
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = valueOf(text.charCodeAt(2 * i)) << 4 |
      valueOf(text.charCodeAt(2 * i + 1));
  }
  return bytes;
}

/** The value of a digit: letters have bit 6, and their number in the low four. */
function valueOf(digit: number): number {
  return (digit & 0x0f) + (digit & 0x40 ? 9 : 0);
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
