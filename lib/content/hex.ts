/**
 * Hexadecimal text of hashes and encoded references.
 *
 * @module
 */

import { quoteText } from "./quote.ts";

const PAIRS: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

/** Value of the hex digit with this character code, 255 for any other character. */
const DIGITS = new Uint8Array(128).fill(255);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  DIGITS[digit.charCodeAt(0)] = value;
  DIGITS[digit.toUpperCase().charCodeAt(0)] = value;
}

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
  for (let i = 0; i < bytes.length; i++) text += PAIRS[bytes[i]];
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
  const bytes = new Uint8Array(text.length >>> 1);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? DIGITS[code] : 255;
    if (value === 255) {
      const shown = quoteText(String.fromCodePoint(text.codePointAt(i)!));
      throw new RangeError(`${shown} at position ${i} is not a hex digit`);
    }
    // For an odd count the last write falls outside and is ignored.
    bytes[i >>> 1] |= (i & 1) === 0 ? value << 4 : value;
  }
  if (text.length % 2 === 1) {
    throw new RangeError(
      `${text.length} hex digits are not a whole number of bytes`,
    );
  }
  return bytes;
}
