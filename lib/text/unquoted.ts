/** Text that was copied with the quotes around it. */

/** Quotes that open, and those that close: JSON's, shells', and mail programs'. */
const QUOTES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
  ["\u201c", "\u201d"],
  ["\u2018", "\u2019"],
]);

/** A text without white space and one pair of quotes around it. */
export function unquoted(text: string): string {
  const inner = text.trim();
  const closing = QUOTES.get(inner.charAt(0));
  return closing !== undefined && inner.length > 1 && inner.endsWith(closing)
    ? inner.slice(1, -1).trim()
    : inner;
}
