/** The ticket of a share: short enough to be pasted, and read aloud if need be. */

import { encodeTicket, type Ticket } from "../../mesh/mod.ts";
import { PROGRAM } from "../version.ts";

/** Longest command with one address, in characters. */
const COMMAND_MAX = 220;

/** The command that fetches it. */
export function getCommand(ticket: string): string {
  return `${PROGRAM} get ${ticket}`;
}

/**
 * Makes the ticket. A name for which there is no room stays out of it: whoever
 * fetches asks the node for it.
 */
export function shareTicket(
  ticket: Ticket & Required<Pick<Ticket, "content">>,
): string {
  const { addresses, content } = ticket;
  const short = encodeTicket({ ...ticket, addresses: addresses.slice(0, 1) });
  return getCommand(short).length <= COMMAND_MAX
    ? encodeTicket(ticket)
    : encodeTicket({ ...ticket, content: { ...content, name: "" } });
}
