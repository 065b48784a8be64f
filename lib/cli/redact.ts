/**
 * Tickets in messages: a ticket may hold a key, so it is never repeated,
 * wherever on the command line it stood by mistake.
 *
 * @module
 */

/** Shortens every ticket in a text that is to be logged or shown. */
export function redactTickets(text: string): string {
  return text.replace(/(nt1)[a-z2-7]{20,}/gi, "$1…");
}
