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
import { type QrMode, qrRows, type TerminalRoom } from "./qr_code.ts";
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
  /** A few words that stand for it. */
  readonly code?: string;
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
  /** Whether it is reached through a relay, whose key is in the ticket. */
  readonly isRelayed: boolean;
  readonly qr: QrMode;
  /** The terminal that shows it, if one does. */
  readonly room?: TerminalRoom;
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

/** The commands, the shortest first. */
function commands({ ticket, code }: ReadyShare, { strong }: Paint): string[] {
  const byTicket = strong(getCommand(ticket));
  if (code === undefined) return ["On the other machine:", "", byTicket];
  return [
    "On the other machine, in the same network:",
    "",
    strong(getCommand(code)),
    "",
    "or from wherever this machine is reached:",
    "",
    byTicket,
  ];
}

/** Who can fetch it, in words. */
function access({ code, isForSome, isRelayed }: ReadyShare): string {
  if (isForSome) {
    return "Only the keys of --to can fetch it: there with get --identity.";
  }
  const who = code === undefined
    ? "Whoever has this ticket can fetch it"
    : "Whoever has the code or the ticket can fetch it; the code is good once";
  return isRelayed ? `${who}, and attach to the relay.` : `${who}.`;
}

/** The one screen; escaped lines. */
export function sharePage(share: ReadyShare, paint: Paint): string {
  const { content: { kind, name }, files, bytes } = share.shared;
  const what = describeOffer({ kind, name }, { files, bytes });
  const text = [
    `Sharing ${paint.strong(what)}`,
    ...parts(share.shared),
    "",
    ...commands(share, paint),
    "",
    paint.faint(access(share)),
    paint.faint(ending(share)),
  ];
  return [...code(share, text.length, paint), ...text].join("\n");
}

/** The QR code above the rest, so that what is pasted stays in sight. */
function code(
  { ticket, qr, room }: ReadyShare,
  rest: number,
  paint: Paint,
): string[] {
  // The ticket is longer than a row.
  const folded = Math.ceil(getCommand(ticket).length / (room?.columns ?? 80));
  const rows = qrRows(ticket, qr, room, rest + folded);
  return rows === "narrow"
    ? [paint.notice("The terminal is too narrow for the QR code."), ""]
    : rows.length === 0
    ? []
    : [...rows.map(paint.lit), ""];
}

/** The result when a code was used and there is another one. */
export function codeReport(code: string): Report {
  const line = `the next code: ${getCommand(code)}`;
  return {
    fields: { event: "code", code, command: getCommand(code) },
    text: () => line,
    page: () => line,
  };
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
      code: share.code,
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
