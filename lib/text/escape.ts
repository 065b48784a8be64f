/**
 * Text from outside (names, paths, reasons of a peer) made harmless for a
 * terminal, a log and a message. Which characters are escaped is decided here
 * and nowhere else.
 */

/**
 * What is not seen, or changes what is seen: controls, characters that reorder
 * or have no width, lone surrogates, private and unassigned ones, every white
 * space but the space.
 */
const UNSAFE = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/**
 * The same, or an emoji: a sequence that joiners and selectors belong to. Made
 * on first use, since the set of all emoji takes 12 ms to build.
 */
function emojiOrUnsafe(): RegExp {
  return /\p{RGI_Emoji}|(?<unsafe>(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}])/gv;
}

const NAMED: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

/** How much of a text {@linkcode quoteText} shows, in code points. */
const SHOWN = 256;

function replaceUnsafe(
  text: string,
  escape: (character: string) => string,
): string {
  // Looking for emoji takes ten times as long.
  if (!UNSAFE.test(text)) return text;
  return text.replace(
    emojiOrUnsafe(),
    (emoji: string, unsafe?: string) =>
      unsafe === undefined ? emoji : escape(unsafe),
  );
}

function braced(character: string): string {
  return NAMED[character] ??
    `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/**
 * Replaces every character that a terminal would act on, or that a reader
 * would not see, by a visible escape.
 *
 * @param text Any text.
 * @returns One line; emoji and everything printable as it was.
 *
 * @example
 * ```ts
 * import { escapeText } from "./escape.ts";
 *
 * escapeText("a\x1b[2Jb\n"); // String.raw`a\u{1b}[2Jb\n`
 * ```
 */
export function escapeText(text: string): string {
  return replaceUnsafe(text, braced);
}

/** Whether {@linkcode escapeText} would change the text. */
export function needsEscape(text: string): boolean {
  return escapeText(text) !== text;
}

/**
 * Quotes text for a message, escaped as in Rust's `{:?}` and cut after 256
 * code points.
 *
 * @param text Any text.
 * @returns The text in double quotes.
 *
 * @example
 * ```ts
 * import { quoteText } from "./escape.ts";
 *
 * quoteText('a"\x1b[31m\n'); // String.raw`"a\"\u{1b}[31m\n"`
 * ```
 */
export function quoteText(text: string): string {
  // A code point is at most two units: no more than these can be shown.
  const points = [...text.slice(0, 2 * SHOWN + 1)];
  const cut = points.length > SHOWN;
  if (cut) points.length = SHOWN;
  const shown = points.join("").replace(/["\\]/g, "\\$&");
  return `"${escapeText(shown)}${cut ? "…" : ""}"`;
}

/**
 * Quotes text for JSON so that no terminal acts on what is in it.
 *
 * @param text Any text.
 * @returns A JSON string.
 */
export function quoteJson(text: string): string {
  return escapeJson(JSON.stringify(text));
}

/**
 * Escapes JSON so that no terminal acts on what is in its strings.
 *
 * @param json One line of JSON.
 * @returns JSON of the same value.
 */
export function escapeJson(json: string): string {
  return replaceUnsafe(
    json,
    (character) =>
      character.replace(
        /[\s\S]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      ),
  );
}
