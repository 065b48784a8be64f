/**
 * Text in files that people hand on to each other: saved by any editor, written
 * by `>` of any shell, copied out of a mail.
 */

/** Encodings by the mark at the beginning; without one it is UTF-8. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/** Decodes it, and takes the quote marks of a mail from its lines. */
export function givenText(bytes: Uint8Array): string {
  const text = new TextDecoder(encodingOf(bytes)).decode(bytes);
  return text.replace(/^[ \t]*(?:>[ \t]*)+/gm, "");
}
