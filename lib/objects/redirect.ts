/** Where a redirect may lead. */

import { ProtocolError } from "../errors.ts";
import { OBJECT_URL_MAX } from "../limits.ts";
import { quoteText } from "../text/escape.ts";
import { shownUrl } from "./shown_url.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Whether an answer says that the object is elsewhere (RFC 9110 §15.4). */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/**
 * Where a redirect leads. Only to HTTP, and never from an encrypted connection
 * to one that is not.
 *
 * @param from What was asked for.
 * @param location The header of the answer.
 * @throws {ProtocolError} When it may not be followed.
 */
export function redirectTarget(from: URL, location: string | null): URL {
  const refused = (why: string) =>
    new ProtocolError(`${shownUrl(from)} redirects ${why}`, {
      hint: "give the URL that has the chunks itself",
    });
  if (location === null) throw refused("without saying where");
  if (location.length > OBJECT_URL_MAX) throw refused("to an endless URL");
  const target = URL.parse(location, from);
  if (target === null) throw refused(`to ${quoteText(location)}, no URL`);
  if (target.protocol !== "http:" && target.protocol !== "https:") {
    throw refused(`to ${quoteText(target.protocol)}, which is not HTTP`);
  }
  if (from.protocol === "https:" && target.protocol === "http:") {
    throw refused(`to ${shownUrl(target)}, which is not encrypted`);
  }
  target.hash = "";
  // Whoever answers chooses them, not us.
  target.username = "";
  target.password = "";
  return target;
}
