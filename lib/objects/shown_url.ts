import { escapeText } from "../text/escape.ts";

/** Longest URL in a message, in characters. */
const SHOWN = 256;

/**
 * A URL as messages show it: without user, password, query and fragment, which
 * may be secrets.
 */
export function shownUrl(url: URL): string {
  const text = escapeText(`${url.protocol}//${url.host}${url.pathname}`);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
