/**
 * References on the command line: hex, a ticket that carries one, `@FILE`, or
 * `-` for stdin.
 *
 * @module
 */

import { type BlobRef, parseRef } from "../../content/mod.ts";
import { RefError, UsageError } from "../../errors.ts";
import { REF_TEXT_MAX } from "../../limits.ts";
import {
  decodeTicket,
  looksLikeTicket,
  type Session,
  type Ticket,
  type TicketContent,
} from "../../mesh/mod.ts";
import { resolveTicketRef } from "../../transfer/mod.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";
import { readSmallFile } from "../read_file.ts";
import { fileAfterAt, requirePrivateTicket } from "./ticket.ts";

/** A reference, or the ticket that carries one. */
type Given = BlobRef | Ticket;

/** A reference as it was given: decoded, or still to be read. */
export type ReferenceSource = Given | { readonly file: string } | "stdin";

/** A reference as it is known before attaching. */
export type WantedRef = BlobRef | TicketContent;

function parseGiven(text: string): Given {
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
      : parseGiven(value);
  },
};

async function readStdin(): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of Deno.stdin.readable) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > REF_TEXT_MAX) {
      throw new RefError(
        `the reference on stdin is longer than ${REF_TEXT_MAX} characters`,
      );
    }
  }
  return text;
}

async function readGiven(
  source: ReferenceSource,
  insecurePermissions: boolean,
): Promise<Given> {
  if (source === "stdin") return parseGiven(await readStdin());
  if (!("file" in source)) return source;
  const { bytes, mode } = await readSmallFile(source.file, {
    what: "reference file",
    max: REF_TEXT_MAX,
  });
  const given = parseGiven(new TextDecoder().decode(bytes));
  if ("addresses" in given && !insecurePermissions) {
    requirePrivateTicket(source.file, given, mode);
  }
  return given;
}

/** What a verb fetches, for messages. */
const VERBS = {
  blob: { noun: "blob", verb: "recv-blob" },
  dir: { noun: "directory", verb: "recv-dir" },
} as const;

/** The content of a ticket, if it is what the verb fetches. */
function contentOf(
  { content }: Ticket,
  kind: TicketContent["kind"],
): TicketContent | undefined {
  if (content !== undefined && content.kind !== kind) {
    const { noun, verb } = VERBS[content.kind];
    throw new UsageError(
      `the ticket names a ${noun}, not a ${VERBS[kind].noun}`,
      {
        hint: `fetch it with 'net-transfer ${verb}'`,
      },
    );
  }
  return content;
}

/** What {@linkcode readReference} goes by. */
export interface ReadReferenceOptions {
  /** What the verb fetches. */
  readonly kind: TicketContent["kind"];
  /** Accept a file with a secret ticket that others can read. */
  readonly insecurePermissions: boolean;
}

/**
 * Reads what is still to be read of a reference.
 *
 * @throws {RefError} When it is no reference.
 * @throws {UsageError} When it is a ticket without a reference, or with one of
 * another kind.
 * @throws {TransferError} Of kind `io` when the file cannot be read.
 */
export async function readReference(
  source: ReferenceSource,
  { kind, insecurePermissions }: ReadReferenceOptions,
): Promise<WantedRef> {
  const given = await readGiven(source, insecurePermissions);
  if (!("addresses" in given)) return given;
  const content = contentOf(given, kind);
  if (content === undefined) {
    throw new UsageError("the ticket carries no reference", {
      hint:
        "take the ticket that 'net-transfer serve' printed beside the path, or give the hex",
    });
  }
  return content;
}

/**
 * Takes the reference of the ticket that names the node.
 *
 * @param ticket The ticket, if there is one.
 * @param kind What the verb fetches.
 * @param option The option that would have given it, for messages.
 * @throws {UsageError} When there is none, or one of another kind.
 */
export function referenceOfTicket(
  ticket: Ticket | undefined,
  kind: TicketContent["kind"],
  option: string,
): TicketContent {
  const content = ticket && contentOf(ticket, kind);
  if (content !== undefined) return content;
  throw new UsageError(
    `the following required argument was not provided: ${option}`,
    {
      hint: ticket === undefined
        ? "or attach with a ticket that carries a reference"
        : "the ticket carries no reference",
    },
  );
}

/**
 * The reference itself; one that a ticket names indirectly comes from the node.
 *
 * @throws {NotFoundError} When the node has it no more.
 */
export async function resolveReference(
  wanted: WantedRef,
  session: Session,
  options: { signal: AbortSignal; timeoutMs: number },
): Promise<BlobRef> {
  return "form" in wanted
    ? await resolveTicketRef(wanted, session, options)
    : wanted;
}
