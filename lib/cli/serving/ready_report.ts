/** What `serve` prints when it is ready. */

import { blobRefSize, encodeBlobRef } from "../../content/mod.ts";
import { toHex } from "../../text/hex.ts";
import { formatAddress, type Node, type NodeRates } from "../../mesh/mod.ts";
import type { Report } from "../framework/output/report.ts";
import { attachLine } from "./attach_line.ts";
import { dialableAddresses, localAddresses } from "./dialable.ts";
import type { NodeKeys } from "./node_keys.ts";
import { rateFields } from "./rate_fields.ts";
import type { Content } from "./serve_content.ts";
import type { ServeValues } from "./serve_options.ts";
import { serveTickets } from "./serve_tickets.ts";

function isLimited({ total, session }: NodeRates): boolean {
  return Number.isFinite(total) || Number.isFinite(session);
}

/** What `serve` prints when it is ready: how to attach, and what is served. */
export function readyReport(
  { address: bound, publicKey, nodeId, rates }: Node,
  { psk }: NodeKeys,
  { refs, contents }: Content,
  { advertise, ticketPsk }: ServeValues,
): Report {
  const listen = advertise.length > 0
    ? advertise.map(formatAddress)
    : dialableAddresses(bound, localAddresses());
  const [address] = listen;
  const attach = attachLine({ address, publicKey, nodeId, pskFile: psk.file });
  const tickets = serveTickets({
    publicKey,
    addresses: listen,
    ...(ticketPsk ? { psk: psk.bytes } : {}),
  }, contents);
  return {
    fields: {
      node_id: nodeId,
      node_pubkey: toHex(publicKey),
      listen,
      attach,
      ticket: tickets.node,
      ...(isLimited(rates) && rateFields(rates)),
      refs: refs.map(({ path, kind, ref, size }, at) => ({
        path,
        kind,
        ref: toHex(encodeBlobRef(ref)),
        size: size ?? blobRefSize(ref),
        ticket: tickets.contents[at],
      })),
    },
    text: () => `serving on ${listen.join(", ")}; attach with: ${attach}`,
  };
}
