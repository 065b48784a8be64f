/** What `serve` prints when it is ready. */

import { equals } from "@std/bytes/equals";
import { blobRefSize, encodeBlobRef } from "../../content/mod.ts";
import { escapeText } from "../../text/escape.ts";
import { toHex } from "../../text/hex.ts";
import { formatAddress, type Node, type NodeRates } from "../../mesh/mod.ts";
import { Id, type Report } from "../framework/output/report.ts";
import { notCarriedFields } from "../publishing/not_carried.ts";
import { PROGRAM } from "../version.ts";
import { attachLine } from "./attach_line.ts";
import { dialableAddresses, localAddresses } from "./dialable.ts";
import { fetchCommand } from "./fetch_command.ts";
import type { NodeKeys } from "./node_keys.ts";
import { rateFields } from "./rate_fields.ts";
import { KEY_NOTE, readyPage } from "./ready_page.ts";
import type { Content } from "./serve_content.ts";
import type { ServeValues } from "./serve_options.ts";
import { serveTickets } from "./serve_tickets.ts";
import { ticketRelay, type Via } from "./serve_via.ts";

/** What a node runs with. */
interface Held {
  readonly keys: Pick<NodeKeys, "psk">;
  readonly content: Content;
  /** The relay that it is attached to. */
  readonly via: Via | undefined;
}

function isLimited({ total, session }: NodeRates): boolean {
  return Number.isFinite(total) || Number.isFinite(session);
}

/** What must be known of the keys in a command. */
function keyNote(
  via: Via | undefined,
  psk: Uint8Array,
  hasRelayKey: boolean,
): string {
  if (via === undefined || equals(via.psk, psk)) return KEY_NOTE;
  return hasRelayKey
    ? "Whoever has such a ticket can attach, also to the relay: both keys are in it."
    : `${KEY_NOTE} The relay's is not: who has none attaches directly, or needs --ticket-relay-psk here.`;
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
  { keys: { psk }, content: { refs, contents }, via }: Held,
  { advertise, announce, ticketPsk, ticketRelayPsk, store, relay }: ServeValues,
  toTerminal: boolean,
): Report {
  const listen = advertise.length > 0
    ? advertise.map(formatAddress)
    : dialableAddresses(bound, localAddresses());
  const [address] = listen;
  const attach = attachLine({ address, publicKey, nodeId, pskFile: psk.file });
  const ticketsFor = (withKey: boolean) =>
    serveTickets({
      publicKey,
      addresses: listen,
      ...(withKey ? { psk: psk.bytes } : {}),
      relay: ticketRelay(via, psk.bytes, ticketRelayPsk),
    }, contents);
  const tickets = ticketsFor(ticketPsk);
  const sizes = refs.map(({ ref, size }) => size ?? blobRefSize(ref));
  const page: Report["page"] = (paint) => {
    const hasKey = ticketPsk || toTerminal;
    const { node, contents: shown } = ticketsFor(hasKey);
    const pskFile = hasKey ? undefined : CARRIED_KEY;
    const carried = psk.file === undefined ? "the key" : escapeText(psk.file);
    return readyPage({
      listen,
      offers: refs.map(({ path, kind }, at) => ({
        path,
        kind,
        size: sizes[at],
        command: fetchCommand({
          content: contents[at],
          ticket: shown[at],
          pskFile,
        }),
      })),
      store,
      isRelay: relay,
      command: [
        PROGRAM,
        store === undefined
          ? "serve ./photos"
          : "recv-dir --out fetched --remote-ref REF",
        ...(pskFile === undefined ? [] : [`--psk-file ${pskFile}`]),
        `${store === undefined ? "--via" : "--ticket"} ${node}`,
      ].join(" "),
      keyNote: hasKey
        ? keyNote(via, psk.bytes, ticketRelayPsk)
        : `${carried} must lie on the other machine as ${CARRIED_KEY}.`,
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
