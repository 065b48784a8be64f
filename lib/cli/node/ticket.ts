/**
 * Tickets on the command line: the text itself, or `@FILE`.
 *
 * @module
 */

import { UsageError } from "../../errors.ts";
import { TICKET_TEXT_MAX } from "../../limits.ts";
import { decodeTicket, type Ticket } from "../../mesh/mod.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";
import { readSmallFile, requirePrivate } from "../read_file.ts";

/** A ticket as it was given: decoded, or still to be read. */
export type TicketSource = Ticket | { readonly file: string };

/**
 * The path of `@FILE`.
 *
 * @throws {RangeError} When it is empty.
 */
export function fileAfterAt(value: string): string {
  if (value.length === 1) throw new RangeError("there is no file after the @");
  return value.slice(1);
}

/** A ticket: the text is checked at once, a file is read later. */
export const TICKET: ValueKind<TicketSource> = {
  metavar: "TICKET",
  completes: "at_file",
  secret: true,
  parse(value) {
    return value.startsWith("@")
      ? { file: fileAfterAt(value) }
      : decodeTicket(value);
  },
};

/**
 * Refuses to take a secret ticket from a file that others can read.
 *
 * @param mode The permission bits of the file; `null` passes.
 * @throws {PermissionError} When the ticket carries a key and others can read it.
 */
export function requirePrivateTicket(
  path: string,
  { psk }: Ticket,
  mode: number | null,
): void {
  if (psk !== undefined) {
    requirePrivate(path, "file of a ticket with a pre-shared key", mode);
  }
}

/**
 * Reads what is still to be read of a ticket.
 *
 * @param insecurePermissions Accept a file that others can read.
 * @throws {UsageError} When the file holds no ticket.
 * @throws {PermissionError} When the ticket is secret and others can read it.
 * @throws {TransferError} Of kind `io` when the file cannot be read.
 */
export async function readTicket(
  source: TicketSource,
  insecurePermissions: boolean,
): Promise<Ticket> {
  if (!("file" in source)) return source;
  const { file: path } = source;
  const { bytes, mode } = await readSmallFile(path, {
    what: "ticket file",
    max: TICKET_TEXT_MAX,
  });
  const ticket = decodeTicketFile(path, new TextDecoder().decode(bytes));
  if (!insecurePermissions) requirePrivateTicket(path, ticket, mode);
  return ticket;
}

function decodeTicketFile(path: string, text: string): Ticket {
  try {
    return decodeTicket(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`'${path}': ${error.message}`, {
      cause: error,
      hint: error.hint,
      fields: { path },
    });
  }
}
