/**
 * References on the command line: hex, a ticket that carries one, `@FILE`, or
 * `-` for stdin.
 */

import { type BlobRef, parseRef } from "../../content/mod.ts";
import { UsageError } from "../../errors.ts";
import {
  decodeTicket,
  looksLikeTicket,
  type Ticket,
  type TicketContent,
} from "../../mesh/mod.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";
import { fileAfterAt } from "./named_node.ts";

/** A reference as it was given: decoded, or still to be read. */
export type ReferenceSource =
  | BlobRef
  | Ticket
  | { readonly file: string }
  | "stdin";

export function parseReference(text: string): BlobRef | Ticket {
  return looksLikeTicket(text) ? decodeTicket(text) : parseRef(text);
}

/** A reference: hex is checked at once, a file or stdin is read later. */
export const REFERENCE: ValueKind<ReferenceSource> = {
  metavar: "REF",
  completes: "at_file",
  parse(value) {
    if (value === "-") return "stdin";
    return value.startsWith("@")
      ? { file: fileAfterAt(value) }
      : parseReference(value);
  },
};

export function isTicket(given: BlobRef | Ticket): given is Ticket {
  return "addresses" in given;
}

/** The verb that fetches each kind of content. */
const VERBS = {
  blob: { noun: "blob", verb: "recv-blob" },
  dir: { noun: "directory", verb: "recv-dir" },
} as const;

/** The content of a ticket, if it carries any; refuses one of another kind. */
export function contentOf(
  { content }: Ticket,
  kind: TicketContent["kind"],
): TicketContent | undefined {
  if (content === undefined || content.kind === kind) return content;
  const { noun, verb } = VERBS[content.kind];
  throw new UsageError(
    `the ticket names a ${noun}, not a ${VERBS[kind].noun}`,
    {
      hint: `fetch it with 'net-transfer ${verb}'`,
    },
  );
}
