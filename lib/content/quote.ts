/**
 * Text from a peer, made safe to print.
 *
 * @module
 */

/** How much of a text is shown, in code points. */
const SHOWN = 256;

const SPECIAL: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\0": "\\0",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

/**
 * Quotes text so that it can stand in a message or on a terminal: control,
 * format and unassigned characters and every white space but the space become
 * escapes, as in Rust's `{:?}`; text beyond 256 code points is cut.
 *
 * @example
 * ```ts
 * import { quoteText } from "./quote.ts";
 *
 * quoteText("a\x1b[31m\n"); // String.raw`"a\u{1b}[31m\n"`
 * ```
 */
export function quoteText(text: string): string {
  // A code point is at most two units: no more than these can be shown.
  const points = [...text.slice(0, 2 * SHOWN + 1)];
  const cut = points.length > SHOWN;
  if (cut) points.length = SHOWN;
  const shown = points.join("").replace(
    /["\\\p{C}]|(?! )\p{Z}/gu,
    (char) => SPECIAL[char] ?? `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
  return `"${shown}${cut ? "…" : ""}"`;
}
