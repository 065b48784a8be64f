/** What `serve` prints when it is ready. */

import { equals } from "@std/bytes/equals";
import { blobRefSize, encodeBlobRef } from "../../content/mod.ts";
import { escapeText } from "../../text/escape.ts";
import { toHex } from "../../text/hex.ts";
import {
  formatAddress,
  type Keyring,
  type Node,
  type NodeRates,
} from "../../mesh/mod.ts";
import { Id, type Report } from "../framework/output/report.ts";
import { notCarriedFields } from "../publishing/not_carried.ts";
import { PROGRAM } from "../version.ts";
import { attachLine } from "./attach_line.ts";
import { dialableAddresses, localAddresses } from "./dialable.ts";
import { fetchCommand } from "./fetch_command.ts";
import type { NodeKeys } from "./node_keys.ts";
import { rateFields } from "./rate_fields.ts";
import { KEY_NOTE, NAMED_KEY_NOTE, readyPage } from "./ready_page.ts";
import type { Content } from "./serve_content.ts";
import type { ServeValues } from "./serve_options.ts";
import { type ServeTickets, serveTickets } from "./serve_tickets.ts";
import { ticketRelay, type Via } from "./serve_via.ts";

/** What a node runs with. */
interface Held {
  readonly keys: Pick<NodeKeys, "psk">;
  /** All keys that peers attach with. */
  readonly keyring: Keyring;
  readonly content: Content;
  /** The relay that it is attached to. */
  readonly via: Via | undefined;
}

export function isLimited({ total, session }: NodeRates): boolean {
  return Number.isFinite(total) || Number.isFinite(session);
}

/** What must be known of the relay's key for commands with the node's. */
function relayNote(
  via: Via | undefined,
  psk: Uint8Array,
  hasRelayKey: boolean,
): string {
  if (via === undefined || equals(via.psk, psk)) return "";
  return hasRelayKey
    ? " The relay's key is in it, too."
    : " The relay's key is not: without it only direct ways lead here, unless you serve with --ticket-relay-psk.";
}

/** The tickets with the key of each name that has one. */
function namedTickets(
  names: readonly string[],
  keyring: Keyring,
  ticketsOf: (psk: Uint8Array) => ServeTickets,
): (ServeTickets & { readonly name?: string })[] {
  return [...new Set(names)].flatMap((name) => {
    const secret = keyring.secretOf(name);
    if (secret === undefined) return [];
    const tickets = { name, ...ticketsOf(secret) };
    secret.fill(0);
    return [tickets];
  });
}

/** What to do on another machine where no path is served. */
function nodeCommand(
  store: string | undefined,
  ticket: string,
  pskFile: string | undefined,
): string {
  const psk = pskFile === undefined ? "" : ` --psk-file ${pskFile}`;
  return store === undefined
    ? `${PROGRAM} serve ./photos${psk} --via ${ticket}`
    : `${PROGRAM} recv-dir --out fetched --remote-ref REF${psk} --ticket ${ticket}`;
}

/** How the key gets to the other machine, when it is in no ticket. */
const CARRIED_KEY = "node.psk";

/**
 * What `serve` prints when it is ready: how to attach, and what is served.
 *
 * @param toTerminal Whether its user alone reads the page: then the commands
 * on it have the key in them, so that they work as they are.
 */
export function readyReport(
  { address: bound, publicKey, nodeId, rates }: Node,
  { keys: { psk }, keyring, content: { refs, contents }, via }: Held,
  values: ServeValues,
  toTerminal: boolean,
): Report {
  const { advertise, announce, ticketFor, ticketPsk, ticketRelayPsk } = values;
  const { store, relay } = values;
  const listen = advertise.length > 0
    ? advertise.map(formatAddress)
    : dialableAddresses(bound, localAddresses());
  const [address] = listen;
  const attach = attachLine({ address, publicKey, nodeId, pskFile: psk.file });
  const ticketsOf = (key: Uint8Array | undefined) =>
    serveTickets({
      publicKey,
      addresses: listen,
      psk: key,
      relay: ticketRelay(via, key ?? psk.bytes, ticketRelayPsk),
    }, contents);
  const tickets = ticketsOf(ticketPsk ? psk.bytes : undefined);
  const named = namedTickets(ticketFor, keyring, ticketsOf);
  const sizes = refs.map(({ ref, size }) => size ?? blobRefSize(ref));
  const page: Report["page"] = (paint) => {
    const hasKey = ticketPsk || toTerminal;
    const carried = psk.file === undefined ? "the key" : escapeText(psk.file);
    const own = {
      name: undefined,
      ...ticketsOf(hasKey ? psk.bytes : undefined),
    };
    const pskFile = hasKey || named.length > 0 ? undefined : CARRIED_KEY;
    const notes = named.length > 0
      ? NAMED_KEY_NOTE
      : hasKey
      ? KEY_NOTE
      : `${carried} must lie on the other machine as ${CARRIED_KEY}.`;
    return readyPage({
      listen,
      offers: refs.map(({ path, kind }, at) => ({
        path,
        kind,
        size: sizes[at],
      })),
      store,
      isRelay: relay,
      isRelayed: via !== undefined,
      commands: (named.length > 0 ? named : [own]).map((tickets) => ({
        name: tickets.name,
        lines: refs.length === 0
          ? [nodeCommand(store, tickets.node, pskFile)]
          : tickets.contents.map((ticket, at) =>
            fetchCommand({ content: contents[at], ticket, pskFile })
          ),
      })),
      keyNote: hasKey || named.length > 0
        ? notes + relayNote(via, psk.bytes, ticketRelayPsk)
        : notes,
    }, paint);
  };
  return {
    fields: {
      node_id: new Id(nodeId),
      node_pubkey: toHex(publicKey),
      listen,
      attach,
      announced_as: announce,
      ticket: tickets.node,
      psk_tickets: named.length === 0
        ? undefined
        : named.map(({ name, node, contents }) => ({
          psk: name,
          ticket: node,
          refs: contents,
        })),
      ...(isLimited(rates) && rateFields(rates)),
      refs: refs.map(({ path, kind, ref, counts, notCarried }, at) => ({
        path,
        kind,
        ref: toHex(encodeBlobRef(ref)),
        size: sizes[at],
        ticket: tickets.contents[at],
        ...(kind === "dir" ? counts : { changed: counts.changed || undefined }),
        not_carried: notCarried && notCarriedFields(notCarried),
      })),
    },
    text: () => `serving on ${listen.join(", ")}; attach with: ${attach}`,
    page,
  };
}
