/** `share`: lets one thing be fetched with one pasted command. */

import {
  attachOptionsOf,
  ephemeralIdentity,
  formatAddress,
  type Identity,
  Keyring,
  loadIdentity,
  Node,
  type Ticket,
  type TicketContent,
} from "../../mesh/mod.ts";
import { LocalNetwork, type MeetingPlace } from "../../meeting/mod.ts";
import { messageOf } from "../failure.ts";
import type { TicketSource } from "../node/named_node.ts";
import { pointAt, readPoint } from "../sharing/meeting_options.ts";
import { logRelay, ticketRelay, type Via } from "../serving/serve_via.ts";
import { terminalRoom } from "../framework/terminal/terminal_width.ts";
import { ShareCodes } from "../sharing/share_codes.ts";
import { checkSources } from "../../store/mod.ts";
import {
  changeProcedure,
  CONTENT_CHANGES,
  CONTENT_FETCHED,
  CONTENT_NAME,
  fetchedProcedure,
  nameProcedure,
  PATH_PROBE,
  probeProcedure,
} from "../../transfer/mod.ts";
import { escapeText } from "../../text/escape.ts";
import { toHex } from "../../text/hex.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import { ringBell } from "../framework/terminal/bell.ts";
import { readSources } from "../node/read_settings.ts";
import { profilePoint, resolveKeys } from "../node/settings.ts";
import { readPathFilter } from "../options/path_filter_options.ts";
import { dialableAddresses, localAddresses } from "../serving/dialable.ts";
import { serveUntil } from "../serving/serve_until.ts";
import { ticketAddresses } from "../serving/serve_tickets.ts";
import { type WatchedFetches, watchFetches } from "../serving/watch_fetches.ts";
import { FetchLedger } from "../sharing/fetch_ledger.ts";
import { ShareEnding } from "../sharing/share_end.ts";
import {
  checkShareValues,
  SHARE_ARGUMENTS,
  SHARE_OPTIONS,
  type ShareValues,
  STDIN,
  wantedCount,
} from "../sharing/share_options.ts";
import { codeReport, endReport, shareReport } from "../sharing/share_page.ts";
import { shareTicket } from "../sharing/share_ticket.ts";
import { openShared, type SharedContent } from "../sharing/shared_content.ts";
import { inStage } from "../stage.ts";

/** Who waits for something, as the question at Ctrl-C names them. */
const NAMED_MAX = 3;

/** A node that nobody can attach to before there is something to fetch. */
interface OpenNode extends AsyncDisposable {
  readonly node: Node;
  readonly keyring: Keyring;
  readonly psk: Uint8Array;
  /** What it is reached through. */
  readonly via: Via | undefined;
  readonly places: readonly MeetingPlace[];
  open(): void;
}

async function readIdentity(
  { identity, insecurePermissions }: ShareValues,
): Promise<Identity> {
  return identity === undefined
    ? ephemeralIdentity()
    : await loadIdentity(identity, { insecurePermissions });
}

async function listen(
  values: ShareValues,
  context: Context,
): Promise<OpenNode> {
  const { log } = context;
  const sources = await readSources(values, context);
  const settings = resolveKeys(sources);
  const { identity, point, via } = await inStage("setup", async () => {
    const { insecurePermissions, via } = values;
    const read = async (source: TicketSource | undefined) =>
      source &&
      await readPoint(source, settings.psk?.value, insecurePermissions);
    const point = via ? undefined : await read(
      values.meetingPoint ?? profilePoint(sources),
    );
    return {
      identity: await readIdentity(values),
      point,
      via: point ?? await read(via),
    };
  });
  const meeting = point && pointAt(point, (error) => {
    log.warn("the code is not found at the meeting point any more", {
      reason: messageOf(error),
    });
  });
  const psk = crypto.getRandomValues(new Uint8Array(32));
  const keyring = new Keyring();
  keyring.add("share", psk);
  const allowed = new Set(values.to.map(toHex));
  let isOpen = false;
  const node = await inStage("attach", () =>
    Node.listen({
      address: formatAddress(values.listen ?? { hostname: "::", port: 0 }),
      psk: keyring,
      identity,
      allow: (key) => isOpen && (allowed.size === 0 || allowed.has(toHex(key))),
      congestion: settings.congestion?.value,
      limitRate: settings.limitRate?.value,
      limitRateSession: settings.limitRateSession?.value,
      via: via && {
        ...attachOptionsOf(via),
        direct: settings.direct?.value,
        onEvent: logRelay(via, log),
        onSession: meeting?.onSession,
      },
      onProblem: (message) => log.warn(message),
    }));
  return {
    node,
    keyring,
    psk,
    via,
    places: [new LocalNetwork(), ...(meeting ? [meeting] : [])],
    open() {
      isOpen = true;
    },
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

/** What it is fetched with, the whole name in it, and where it listens. */
function wholeTicket(
  { node: { address, publicKey }, psk, via }: OpenNode,
  { content }: SharedContent,
  { advertise }: ShareValues,
): { ticket: Ticket & { content: TicketContent }; listen: string[] } {
  const listen = advertise.length > 0
    ? advertise.map(formatAddress)
    : dialableAddresses(address, localAddresses());
  const relay = ticketRelay(via, psk, true);
  const addresses = ticketAddresses(listen, relay);
  return { ticket: { publicKey, addresses, psk, relay, content }, listen };
}

/** Has the first Ctrl-C say who is still fetching, and wait for another one. */
function askAtInterrupt(
  fetches: WatchedFetches,
  ledger: FetchLedger,
  { screen, onInterrupt }: Context,
): void {
  let isAsked = false;
  onInterrupt(() => {
    const running = fetches.downloads().filter((one) => !ledger.isWhole(one));
    if (running.length === 0 || isAsked) return false;
    isAsked = true;
    const named = running.slice(0, NAMED_MAX).map(({ address }) => address);
    const more = running.length - named.length;
    const who = named.join(", ") + (more > 0 ? ` and ${more} more` : "");
    const are = running.length === 1 ? "is" : "are";
    screen.line(
      escapeText(`${who} ${are} still fetching: Ctrl-C again ends it`),
    );
    return true;
  });
}

async function share(values: ShareValues, context: Context): Promise<void> {
  checkShareValues(values);
  const { log } = context;
  // Whatever can fail at once comes before the long reading.
  const filter = await inStage("open", () => {
    checkSources(values.paths.filter((path) => path !== STDIN));
    return readPathFilter(values, log);
  });
  await using opened = await listen(values, context);
  await using shared = await inStage(
    "open",
    () => openShared(values, filter, context),
  );
  const { content, source, store, bytes: totalBytes } = shared;
  const { signal } = context;
  using ending = new ShareEnding({
    count: wantedCount(values),
    forMs: values.for,
    signal,
  });
  const ledger = new FetchLedger(source, () => {
    if (values.notify) ringBell();
    ending.count();
  });
  opened.open();
  const { node, keyring, places, via } = opened;
  await inStage("attach", () => node.viaTried);
  const { ticket, listen: addresses } = wholeTicket(opened, shared, values);
  await using codes = !values.noCode
    ? await inStage("attach", () =>
      ShareCodes.begin({
        ...{ node, keyring, ticket, places, log, signal },
        onNext: (code) => context.emit(codeReport(code)),
      }))
    : undefined;
  await context.emit(shareReport({
    shared,
    ticket: shareTicket(ticket),
    code: codes?.code,
    listen: addresses,
    nodeId: node.nodeId,
    publicKey: node.publicKey,
    rates: node.rates,
    count: wantedCount(values),
    forMs: values.for,
    isForSome: values.to.length > 0,
    isRelayed: via !== undefined,
    qr: values.qr,
    room: Deno.stdout.isTerminal() ? terminalRoom() : undefined,
  }));
  let bytesSent = 0;
  {
    const published = { name: content.name, totalBytes };
    using fetches = watchFetches(
      { find: () => published },
      values.progress,
      context,
      (peer) => ledger.isWhole(peer),
    );
    askAtInterrupt(fetches, ledger, context);
    const judge = fetchedProcedure(content, (peer) => ledger.claim(peer));
    await inStage("serve", () =>
      serveUntil(ending.signal, {
        node,
        store,
        log,
        onEvent: (event, peer) => {
          if (event.type === "sent") bytesSent += event.bytes;
          fetches.onEvent(event, peer);
          ledger.onEvent(event, peer);
        },
        rpc: {
          [CONTENT_NAME]: nameProcedure(content),
          [CONTENT_FETCHED]: judge,
          [CONTENT_CHANGES]: changeProcedure(source),
          [PATH_PROBE]: probeProcedure(),
        },
      }));
  }
  await context.emit(
    endReport(ending.ended, ending.whole, BigInt(bytesSent)),
  );
  await inStage("serve", () => ending.requireReached());
}

export const verb: Verb = defineVerb({
  arguments: SHARE_ARGUMENTS,
  options: SHARE_OPTIONS,
  scope: "profile",
  description:
    "Shows what is shared and one command to paste on the other machine, then each fetch while it runs and whether it was whole. Nothing is copied: files are served as they lie. The keys in the ticket are made for this one run and forgotten at its end. The first Ctrl-C says who is still fetching, the second ends it. A fetch counts as whole when all of it was sent, if need be in several runs, whatever the other side says.",
  examples: [
    { line: "share ./photos", does: "Share a directory" },
    {
      line: "share film.mkv --once",
      does: "Share a file until it has been fetched",
    },
    {
      line: "share ./photos notes.txt --name trip --for 1h",
      does: "Share several things as one directory, for an hour",
    },
    {
      line: "share - --name dump.sql --once < dump.sql",
      does: "Share what comes on stdin",
    },
  ],
  run: share,
});
