/** The ticket that `get` is given, from wherever it comes. */

import { UsageError } from "../../errors.ts";
import { TICKET_TEXT_MAX } from "../../limits.ts";
import {
  findTicket,
  type FindTicketOptions,
  looksLikeCode,
} from "../../meeting/mod.ts";
import type { Ticket } from "../../mesh/mod.ts";
import type { Context } from "../command.ts";
import { readEnv } from "../framework/environment.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";
import { canAsk } from "../framework/terminal/ask.ts";
import { askSecret } from "../framework/terminal/ask_secret.ts";
import { TICKET, type TicketSource } from "../node/named_node.ts";
import type { ProgressMode } from "../framework/progress/progress_display.ts";
import { withWaiting } from "../framework/progress/with_progress.ts";
import { messageOf } from "../failure.ts";
import {
  decodeTicketOrCode,
  type GivenCode,
  isCode,
} from "../node/given_code.ts";
import { readTicketOnStdin, readTicketOrCode } from "../node/read_given.ts";
import { inStage } from "../stage.ts";

/** The variable that has the ticket where no argument has. */
export const TICKET_VARIABLE = "NET_TRANSFER_TICKET";

/** Milliseconds for which a share is looked for, if nothing else is said. */
const CODE_FIND_MS = 20_000;

/** A ticket as it was given: decoded, still to be read, or found by a code. */
export type GivenTicket = TicketSource | GivenCode | "stdin";

export const GIVEN_TICKET: ValueKind<GivenTicket> = {
  ...TICKET,
  metavar: "CODE|TICKET",
  parse: (value) => value === "-" ? "stdin" : parseGiven(value),
};

function parseGiven(text: string): TicketSource | GivenCode {
  return looksLikeCode(text) ? decodeTicketOrCode(text) : TICKET.parse(text);
}

function ofVariable(text: string): TicketSource | GivenCode {
  try {
    return parseGiven(text);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof RangeError)) {
      throw error;
    }
    const hint = error instanceof UsageError ? error.hint : undefined;
    throw new UsageError(`${TICKET_VARIABLE}: ${error.message}`, {
      cause: error,
      hint,
    });
  }
}

/** Where a code is looked for, and the keys of this end if they are not fresh. */
export type Meeting = Pick<FindTicketOptions, "places" | "identity">;

/** How a ticket or a code is read. */
export interface ReadingTicket {
  readonly insecure: boolean;
  /** How people are told that a share is looked for. */
  readonly progress: ProgressMode;
  /** Where a code is looked for, and by whom. */
  readonly meeting: () => Promise<Meeting>;
}

/**
 * Reads the ticket: the argument, else of the variable, else what is typed at
 * the terminal, where it is not shown. But for the argument itself no list of
 * processes has it. A code is exchanged for a ticket.
 */
export async function readGivenTicket(
  given: GivenTicket | undefined,
  reading: ReadingTicket,
  context: Context,
): Promise<Ticket> {
  const found = await inStage("setup", async () => {
    const source = await lookFor(given, context);
    return source === "stdin"
      ? await readTicketOnStdin()
      : await readTicketOrCode(source, reading.insecure);
  });
  if (!isCode(found)) return found;
  const meeting = await inStage("setup", reading.meeting);
  return await inStage(
    "attach",
    () => exchange(found, meeting, reading, context),
  );
}

async function lookFor(
  given: GivenTicket | undefined,
  { signal }: Context,
): Promise<GivenTicket> {
  if (given !== undefined) return given;
  const variable = readEnv(TICKET_VARIABLE);
  if (variable) return ofVariable(variable);
  if (!canAsk()) {
    throw new UsageError("there is no ticket", {
      hint:
        `give the one that 'net-transfer share' printed, @FILE with it, - for stdin, or ${TICKET_VARIABLE}`,
    });
  }
  const question = "Code or ticket (it is not shown): ";
  return parseGiven(await askSecret(question, TICKET_TEXT_MAX, signal));
}

/** Finds the share with a code; its number alone is shown. */
async function exchange(
  { code }: GivenCode,
  meeting: Meeting,
  { progress }: ReadingTicket,
  context: Context,
): Promise<Ticket> {
  const { log, signal, globals: { timeout: timeoutMs = CODE_FIND_MS } } =
    context;
  const number = /\d+/.exec(code)?.[0];
  const stage = {
    name: "meeting",
    text: `looking for the share ${number}`,
    limitMs: timeoutMs,
  };
  return await withWaiting(progress, stage, context, () =>
    findTicket(code, {
      ...meeting,
      signal,
      timeoutMs,
      onEvent(event) {
        switch (event.type) {
          case "trying":
            return log.info("a share has the number", { where: event.where });
          case "several":
            return log.warn("several shares have the number: one is meant", {
              count: event.count,
            });
          case "nowhere":
            return log.warn("nothing can be found at this place", {
              place: event.place,
              reason: messageOf(event.error),
            });
        }
      },
    }));
}
