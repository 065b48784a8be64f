/**
 * Text from outside (names, reasons, paths) made harmless for a
 * terminal and a log.
 *
 * @module
 */

/**
 * Control characters, lone surrogates, line and paragraph separators, and the
 * characters that reorder text: what could forge a line or drive a terminal.
 */
const ACTIVE =
  /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

const NAMED: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/**
 * Replaces every character that a terminal would act on by a visible escape;
 * everything printable stays.
 *
 * @example
 * ```ts
 * import { escapeText } from "./escape.ts";
 *
 * console.log(escapeText("a\x1b[2Jb\n")); // a\u{1b}[2Jb\n
 * ```
 */
export function escapeText(text: string): string {
  return text.replace(
    ACTIVE,
    (character) =>
      NAMED[character] ?? `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
}

/** Whether {@linkcode escapeText} would change the text. */
export function needsEscape(text: string): boolean {
  return text.search(ACTIVE) >= 0;
}
