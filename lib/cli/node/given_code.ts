import { looksLikeCode, parseCode } from "../../meeting/mod.ts";
import { decodeTicket, type Ticket } from "../../mesh/mod.ts";

/** A code as it was given, looked at but not yet used. */
export interface GivenCode {
  readonly code: string;
}

export function isCode(given: object): given is GivenCode {
  return "code" in given;
}

/** Reads a ticket, or a code, which is a number and words. */
export function decodeTicketOrCode(text: string): Ticket | GivenCode {
  if (!looksLikeCode(text)) return decodeTicket(text);
  // A wrong word is said at once.
  parseCode(text);
  return { code: text.trim() };
}
