/** The ticket that `get` is given, from wherever it comes. */

import { UsageError } from "../../errors.ts";
import { TICKET_TEXT_MAX } from "../../limits.ts";
import { decodeTicket, type Ticket } from "../../mesh/mod.ts";
import type { Context } from "../command.ts";
import { readEnv } from "../framework/environment.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";
import { canAsk } from "../framework/terminal/ask.ts";
import { askSecret } from "../framework/terminal/ask_secret.ts";
import { TICKET, type TicketSource } from "../node/named_node.ts";
import { readTicket, readTicketOnStdin } from "../node/read_given.ts";

/** The variable that has the ticket where no argument has. */
export const TICKET_VARIABLE = "NET_TRANSFER_TICKET";

/** A ticket as it was given: decoded, or still to be read. */
export type GivenTicket = TicketSource | "stdin";

export const GIVEN_TICKET: ValueKind<GivenTicket> = {
  ...TICKET,
  parse: (value) => value === "-" ? "stdin" : TICKET.parse(value),
};

function ofVariable(text: string): TicketSource {
  try {
    return TICKET.parse(text);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof RangeError)) {
      throw error;
    }
    throw new UsageError(`${TICKET_VARIABLE}: ${error.message}`, {
      cause: error,
    });
  }
}

/**
 * Reads the ticket: the argument, else of the variable, else what is typed at
 * the terminal, where it is not shown. But for the argument itself no list of
 * processes has it.
 */
export async function readGivenTicket(
  given: GivenTicket | undefined,
  insecure: boolean,
  { signal }: Pick<Context, "signal">,
): Promise<Ticket> {
  if (given === "stdin") return await readTicketOnStdin();
  if (given !== undefined) return await readTicket(given, insecure);
  const variable = readEnv(TICKET_VARIABLE);
  if (variable) return await readTicket(ofVariable(variable), insecure);
  if (!canAsk()) {
    throw new UsageError("there is no ticket", {
      hint:
        `give the one that 'net-transfer share' printed, @FILE with it, - for stdin, or ${TICKET_VARIABLE}`,
    });
  }
  const question = "Ticket (it is not shown): ";
  return decodeTicket(await askSecret(question, TICKET_TEXT_MAX, signal));
}
