/** `get`: fetches what somebody shares, a file or a directory. */

import { UsageError } from "../../errors.ts";
import type { Ticket, TicketContent } from "../../mesh/mod.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import { askBefore } from "../receiving/asking.ts";
import { targetFor } from "../serving/fetch_command.ts";
import {
  GET_ARGUMENTS,
  GET_OPTIONS,
  type GetValues,
  treeOptionsIn,
} from "../sharing/get_options.ts";
import { readGivenTicket } from "../sharing/given_ticket.ts";
import { inStage } from "../stage.ts";
import { recvBlob, STDOUT } from "./recv_blob.ts";
import { recvDir } from "./recv_dir.ts";

function contentOf({ content }: Ticket): TicketContent {
  if (content !== undefined) return content;
  throw new UsageError("the ticket names a node, and nothing to fetch there", {
    hint:
      "ask for the ticket that 'net-transfer serve --ticket-psk' prints, or give this one to recv-dir or recv-blob with a reference",
  });
}

/** Where it goes: the name is the publisher's, and stays in the directory. */
function targetOf({ out }: GetValues, content: TicketContent): string {
  if (out === undefined) return targetFor(content);
  return /[/\\]$/.test(out) &&
      (out.endsWith("/") || Deno.build.os === "windows")
    ? out + targetFor(content)
    : out;
}

async function get(values: GetValues, context: Context): Promise<void> {
  const { insecurePermissions, force, yes } = values;
  const ticket = await inStage(
    "setup",
    () => readGivenTicket(values.ticket, insecurePermissions, context),
  );
  const content = contentOf(ticket);
  const { kind, name } = content;
  const out = targetOf(values, content);
  const asking = askBefore({ kind, name, out, yes }, context);
  const how = {
    ...values,
    out,
    replace: force,
    ticket,
    ticketFile: undefined,
    nodeAddr: undefined,
    nodePubkey: undefined,
    nodeId: undefined,
  };
  if (kind === "dir") {
    if (out === STDOUT) {
      throw new UsageError("a directory cannot go to stdout", {
        hint: "name a directory with --out",
      });
    }
    return await recvDir({ ...how, remoteRef: undefined }, context, asking);
  }
  for (const option of treeOptionsIn(values)) {
    context.log.warn(`--${option} has no effect on a file`);
  }
  await recvBlob({ ...how, blobRef: undefined }, context, asking);
}

export const verb: Verb = defineVerb({
  arguments: GET_ARGUMENTS,
  options: GET_OPTIONS,
  scope: "remote",
  description:
    "Says what it is, how much, and from whom before anything is written, and on a terminal asks whether to go on. The name is the one that it was shared under, made safe: it never leads out of the current directory, hides, or is taken for an option. What is there stays, unless --force is given. Given as @FILE, on stdin, in NET_TRANSFER_TICKET or typed when asked for, the ticket is in no list of processes. Options that mean nothing for a file are said to.",
  examples: [
    { line: "get TICKET", does: "Fetch what a ticket names" },
    {
      line: "get",
      does: "The same; the ticket is asked for, and not shown",
    },
    {
      line: "get @photos.ticket --out ~/Pictures/ --yes",
      does: "Fetch into another directory, without a question",
    },
    {
      line: "get @dump.ticket --out - | psql",
      does: "Fetch a file to stdout",
    },
  ],
  run: get,
});
