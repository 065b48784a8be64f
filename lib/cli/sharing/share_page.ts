/** What `share` prints: the one screen, and what became of it. */

import { encodeBlobRef } from "../../content/mod.ts";
import { escapeText } from "../../text/escape.ts";
import { toHex } from "../../text/hex.ts";
import { formatBytes, formatSeconds } from "../../text/human.ts";
import { Id, type Report } from "../framework/output/report.ts";
import type { Paint } from "../framework/terminal/paint.ts";
import type { NodeRates } from "../../mesh/mod.ts";
import { describeOffer } from "../receiving/asking.ts";
import { isLimited } from "../serving/ready_report.ts";
import { rateFields } from "../serving/rate_fields.ts";
import { getCommand } from "./share_ticket.ts";
import type { SharedContent } from "./shared_content.ts";

/** Rows of what is shared: more would push the command off the screen. */
const PARTS_SHOWN = 8;

/** A share that is ready. */
export interface ReadyShare {
  readonly shared: Pick<
    SharedContent,
    "content" | "ref" | "bytes" | "files" | "parts"
  >;
  readonly ticket: string;
  readonly listen: readonly string[];
  readonly nodeId: bigint;
  readonly publicKey: Uint8Array;
  /** Whole fetches after which it ends. */
  readonly count?: number;
  /** Milliseconds after which it ends. */
  readonly forMs?: number;
  readonly rates: NodeRates;
  /** Whether only some keys may fetch it. */
  readonly isForSome: boolean;
}

function parts({ parts }: ReadyShare["shared"]): string[] {
  const rows = parts.slice(0, PARTS_SHOWN).map(({ path, kind, size }) =>
    `  ${escapeText(path)}${kind === "dir" ? "/" : ""}, ${formatBytes(size)}`
  );
  const more = parts.length - rows.length;
  return more > 0 ? [...rows, `  … and ${more} more`] : rows;
}

/** When it ends, in words. */
function ending({ count, forMs }: ReadyShare): string {
  const ends = [
    ...(count === 1 ? ["when it has been fetched"] : []),
    ...(count !== undefined && count > 1
      ? [`when it has been fetched ${count} times`]
      : []),
    ...(forMs === undefined ? [] : [`after ${formatSeconds(forMs / 1000)}`]),
    "with Ctrl-C",
  ];
  const [last] = ends.splice(-1);
  const all = ends.length > 0 ? `${ends.join(", ")} or ${last}` : last;
  return `It ends ${all}.`;
}

/** The one screen; escaped lines. */
export function sharePage(share: ReadyShare, paint: Paint): string {
  const { shared, ticket, isForSome } = share;
  const { content, files, bytes } = shared;
  const { kind, name } = content;
  const what = describeOffer({ kind, name }, { files, bytes });
  return [
    `Sharing ${paint.strong(what)}`,
    ...parts(shared),
    "",
    "On the other machine:",
    "",
    paint.strong(getCommand(ticket)),
    "",
    paint.faint(
      isForSome
        ? "Only the keys of --to can fetch it: there with get --identity."
        : "Whoever has this ticket can fetch it.",
    ),
    paint.faint(ending(share)),
  ].join("\n");
}

/** The result when it is ready. */
export function shareReport(share: ReadyShare): Report {
  const { shared, ticket, listen, nodeId, publicKey, count, forMs, rates } =
    share;
  const { content: { kind, name }, ref, files, bytes } = shared;
  return {
    fields: {
      event: "sharing",
      name,
      kind,
      files,
      bytes,
      ref: toHex(encodeBlobRef(ref)),
      ticket,
      command: getCommand(ticket),
      node_id: new Id(nodeId),
      node_pubkey: toHex(publicKey),
      listen,
      count,
      ...(isLimited(rates) && rateFields(rates)),
      for_secs: forMs === undefined ? undefined : Math.ceil(forMs / 1000),
    },
    text: () => getCommand(ticket),
    page: (paint) => sharePage(share, paint),
  };
}

/** Why a share has ended. */
export type ShareEnd = "count" | "time" | "signal";

/** The result when it has ended. */
export function endReport(
  ended: ShareEnd,
  whole: number,
  bytes: bigint,
): Report {
  const fetches = whole === 1 ? "1 whole fetch" : `${whole} whole fetches`;
  const line = `${fetches}, ${formatBytes(bytes)} sent`;
  return {
    fields: { event: "ended", ended, fetches: whole, bytes_sent: bytes },
    text: () => line,
    page: () => line,
  };
}
