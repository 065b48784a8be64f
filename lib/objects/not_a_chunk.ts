/** Answers that look like success and are something else. */

import { ProtocolError } from "../errors.ts";
import type { HttpFields } from "./http_head.ts";

/** Whether an answer says that it is a page for people. */
export function isPage(headers: HttpFields): boolean {
  return /^text\/html\b/i.test(headers.get("content-type") ?? "");
}

/** What to say of a page where a chunk should be. */
export function pageInstead(shown: string): ProtocolError {
  return new ProtocolError(
    `${shown} answers with a page of HTML, not with a chunk`,
    { hint: "check the URL; a login page or a proxy may answer in its place" },
  );
}

/** An object of another length than the one that is wanted is another one. */
export function wrongLength(
  shown: string,
  headers: HttpFields,
  length: number,
  size: number,
): ProtocolError {
  return isPage(headers) ? pageInstead(shown) : new ProtocolError(
    `${shown} has ${length} bytes, and should have ${size}`,
    { hint: "the store behind it is damaged or is another one" },
  );
}
