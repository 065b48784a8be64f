/** `get`: fetches what somebody shares, a file or a directory. */

import { TransferError, UsageError } from "../../errors.ts";
import { TRANSFER_QUERY_MS } from "../../limits.ts";
import {
  loadIdentity,
  type Ticket,
  type TicketContent,
} from "../../mesh/mod.ts";
import { askContentName, tellFetched } from "../../transfer/mod.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import { ringBell } from "../framework/terminal/bell.ts";
import { readSources } from "../node/read_settings.ts";
import { profilePoint, resolveKeys } from "../node/settings.ts";
import { meetingPlaces, readPoint } from "../sharing/meeting_options.ts";
import { callNode } from "../node/call_node.ts";
import { askBefore, type Getting } from "../receiving/asking.ts";
import { targetFor } from "../serving/fetch_command.ts";
import {
  GET_ARGUMENTS,
  GET_OPTIONS,
  type GetValues,
  treeOptionsIn,
} from "../sharing/get_options.ts";
import { type Meeting, readGivenTicket } from "../sharing/given_ticket.ts";
import { stageOf } from "../stage.ts";
import { recvBlob, STDOUT } from "./recv_blob.ts";
import { recvDir } from "./recv_dir.ts";

function contentOf({ content }: Ticket): TicketContent {
  if (content !== undefined) return content;
  throw new UsageError("the ticket names a node, and nothing to fetch there", {
    hint:
      "ask for the ticket that 'net-transfer share' prints, or give this one to recv-dir or recv-blob with a reference",
  });
}

/** Where it goes: the name is the publisher's, and stays in the directory. */
function targetOf(
  { out }: GetValues,
  content: Pick<TicketContent, "kind" | "name">,
): string {
  if (out === undefined) return targetFor(content);
  const isInto = Deno.build.os === "windows" ? /[/\\]$/ : /\/$/;
  return isInto.test(out) ? out + targetFor(content) : out;
}

/** How the node of a ticket is attached to. */
function attachWith(values: GetValues, ticket: Ticket) {
  return {
    ...values,
    ticket,
    ticketFile: undefined,
    nodeAddr: undefined,
    nodePubkey: undefined,
    nodeId: undefined,
  };
}
type Attaching = ReturnType<typeof attachWith>;

/** The name that it is shared under: of the node, where the ticket has none. */
async function nameOf(
  { hash, name }: TicketContent,
  attaching: Attaching,
  context: Context,
): Promise<string> {
  if (name !== "") return name;
  const about = { verb: "get", permittedBy: "keys" };
  try {
    return await callNode(
      attaching,
      about,
      context,
      (session, options) => askContentName(session, hash, options),
      attaching.progress,
    );
  } catch (error) {
    const { stage } = stageOf(error);
    // It goes without a name: the fetch itself finds out whether there is more.
    if (stage === "rpc" && !context.signal.aborted) return "";
    throw error;
  }
}

/** Tells the holder that all is there, for those that wait for it. */
function telling(
  { hash }: TicketContent,
  { log, signal }: Context,
): Getting["onArrived"] {
  return async (session) => {
    const timeoutMs = TRANSFER_QUERY_MS;
    try {
      const counts = await tellFetched(session, hash, { signal, timeoutMs });
      log.info("told the holder that all has arrived", { counts });
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      log.info("the holder does not count", { reason: error.message });
    }
  };
}

/** Where a code is looked for, and by whom. */
async function meetingOf(
  values: GetValues,
  context: Context,
): Promise<Meeting> {
  const { ticket: _, source: __, from: ___, ...rest } = values;
  const sources = await readSources(rest, context);
  const source = values.meetingPoint ?? profilePoint(sources);
  const { psk, identity: file } = resolveKeys(sources);
  const { insecurePermissions } = values;
  const point = source &&
    await readPoint(source, psk?.value, insecurePermissions);
  return {
    places: meetingPlaces(point),
    identity: file &&
      await loadIdentity(file.value, { insecurePermissions }),
  };
}

async function get(values: GetValues, context: Context): Promise<void> {
  const { insecurePermissions, force, yes } = values;
  const reading = {
    insecure: insecurePermissions,
    progress: values.progress,
    meeting: () => meetingOf(values, context),
  };
  const ticket = await readGivenTicket(values.ticket, reading, context);
  const content = contentOf(ticket);
  const { kind } = content;
  const attaching = attachWith(values, ticket);
  const name = await nameOf(content, attaching, context);
  const out = targetOf(values, { kind, name });
  const getting = {
    ask: askBefore({ kind, name, out, yes }, context),
    onArrived: telling(content, context),
  };
  const how = { ...attaching, out, replace: force };
  if (kind === "dir") {
    if (out === STDOUT) {
      throw new UsageError("a directory cannot go to stdout", {
        hint: "name a directory with --out",
      });
    }
    return await recvDir({ ...how, remoteRef: undefined }, context, getting);
  }
  for (const option of treeOptionsIn(values)) {
    context.log.warn(`--${option} has no effect on a file`);
  }
  await recvBlob({ ...how, blobRef: undefined }, context, getting);
}

export const verb: Verb = defineVerb({
  arguments: GET_ARGUMENTS,
  options: GET_OPTIONS,
  scope: "remote",
  onTerminal: "text",
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
  async run(values, context) {
    try {
      await get(values, context);
    } finally {
      if (values.notify) ringBell();
    }
  },
});
