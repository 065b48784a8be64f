/** `ls`, `status` and `cancel`: what a node fetches. */

import { toHex } from "../../text/hex.ts";
import {
  cancelTransfer,
  listDownloads,
  listTransfers,
  type TransferDirection,
  type TransferRow,
  transferStatus,
} from "../../transfer/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { argument, flag } from "../framework/options/option.ts";
import { parseU64 } from "../framework/options/value_kind.ts";
import { type Fields, Id } from "../framework/output/report.ts";
import { formatBytes } from "../../text/human.ts";
import type { Paint } from "../framework/terminal/paint.ts";
import { callNode } from "../node/call_node.ts";
import { ATTACH_OPTIONS } from "../node/node_options.ts";
import {
  downloadFields,
  downloadsLine,
  downloadsOf,
  downloadsPage,
} from "./download_rows.ts";
import { findRounded, warnRounded } from "./rounded_id.ts";

/** Which options of a holder say who may. */
const PERMITTED_BY = "--admin-list and --admin-cancel";

/** Bytes of a hash that a node tells of what others fetch. */
const HASH_SHOWN = 8;

const ONE_TRANSFER = {
  arguments: {
    transferId: argument(
      { metavar: "TRANSFER_ID", parse: parseU64 },
      "Id of the transfer, as 'net-transfer ls' prints it: decimal or 0x-hexadecimal",
    ),
  },
  options: ATTACH_OPTIONS,
  scope: "remote",
} as const;

/** A hash of which the node tells how it begins is shown as far as that. */
function shownHash(hash: Uint8Array): string {
  const isCut = hash.subarray(HASH_SHOWN).every((byte) => byte === 0);
  return toHex(isCut ? hash.subarray(0, HASH_SHOWN) : hash);
}

export function transferFields(row: TransferRow): Fields {
  return {
    transfer_id: new Id(row.transferId),
    peer: new Id(row.peer),
    hash: shownHash(row.hash),
    bytes_received: row.bytesReceived,
    total_bytes: row.totalBytes,
  };
}

/** How far a transfer is: `1 MiB of 4 MiB`. */
export function howFar({ bytesReceived, totalBytes }: TransferRow): string {
  const received = formatBytes(bytesReceived);
  return totalBytes === undefined
    ? received
    : `${received} of ${formatBytes(totalBytes)}`;
}

function summary(rows: readonly TransferRow[]): string {
  if (rows.length === 0) return "no transfers";
  const told = (direction: TransferDirection) => {
    const some = rows.filter((row) => row.direction === direction);
    if (some.length === 0) return [];
    const bytes = some.reduce((sum, row) => sum + row.bytesReceived, 0);
    const chunks = some.length === 1 ? "chunk" : "chunks";
    return [
      `${direction} ${some.length} ${chunks}, ${formatBytes(bytes)} so far`,
    ];
  };
  return [...told("fetching"), ...told("serving")].join("; ");
}

/** The ids that were meant, where one was given that a tool has rounded. */
function roundedFields(meant: readonly bigint[]): Fields {
  if (meant.length === 0) return {};
  return { rounded_from_hex: meant.map((id) => new Id(id).hex) };
}

export const ls: Verb = defineVerb({
  arguments: {},
  options: {
    all: flag("all", {
      help: "List what the node serves, too, and say which way each goes",
    }),
    chunks: flag("chunks", {
      help: "Show a row for each chunk, not one for each download",
    }),
    ...ATTACH_OPTIONS,
  },
  scope: "remote",
  description:
    "Asks the attached node what is fetched from it, and what it is fetching from its own upstream, and shows a row for each download; addresses of others are told to those whom its --admin-list names. For programs, and with --chunks, a row is one chunk. What other programs fetch is their own matter. The node answers within 3 seconds, unless --timeout says otherwise, and may refuse.",
  examples: [
    {
      line: "ls --profile cache",
      does: "List what the node of a profile is fetching",
    },
    {
      line: "ls --all --ticket @node.ticket --output ndjson",
      does: "List what it is serving as well, as one line of JSON",
    },
  ],
  async run(values, context) {
    const { all, chunks } = values;
    const { count, rows, downloads } = await callNode(
      values,
      { verb: "ls", permittedBy: PERMITTED_BY },
      context,
      async (session, options) => {
        const listed = await listTransfers(session, { ...options, all });
        const serving = chunks ? [] : await listDownloads(session, options);
        const downloads = chunks ? [] : downloadsOf(listed.rows, serving);
        return { ...listed, downloads };
      },
    );
    if (count > rows.length) {
      context.log.warn("only the oldest transfers are listed", {
        listed: rows.length,
        transfer_count: count,
      });
    }
    await context.emit({
      fields: {
        transfer_count: count,
        transfers: rows.map((row) => ({
          ...transferFields(row),
          direction: all ? row.direction : undefined,
        })),
        downloads: downloads.length === 0
          ? undefined
          : downloads.map(downloadFields),
      },
      text: () =>
        downloads.length === 0 ? summary(rows) : downloadsLine(downloads),
      ...(!chunks && {
        page: (paint: Paint) => downloadsPage(downloads, paint),
      }),
    });
  },
});

export const status: Verb = defineVerb({
  ...ONE_TRANSFER,
  description:
    "A transfer that does not run, or no longer, is no failure: the result says that it was not found.",
  examples: [{
    line: "status 2305843009213693953 --profile cache",
    does: "Look at one transfer that ls has listed",
  }],
  async run(values, context) {
    const { transferId } = values;
    const { row, meant } = await callNode(
      values,
      { verb: "status", permittedBy: PERMITTED_BY },
      context,
      async (session, options) => {
        const row = await transferStatus(session, transferId, options);
        const meant = row === undefined
          ? await findRounded(session, transferId, options)
          : [];
        return { row, meant };
      },
    );
    warnRounded(transferId, meant, context.log);
    await context.emit({
      fields: {
        transfer_id: new Id(transferId),
        found: row !== undefined,
        transfer: row && transferFields(row),
        ...roundedFields(meant),
      },
      text: () => {
        if (row === undefined) return `transfer ${transferId} is not running`;
        const { direction, peer, hash } = row;
        const end = `${direction === "fetching" ? "from" : "to"} node ${peer}`;
        return `transfer ${transferId}: ${howFar(row)} ${end}, chunk ${
          shownHash(hash)
        }`;
      },
    });
  },
});

export const cancel: Verb = defineVerb({
  ...ONE_TRANSFER,
  description:
    "The download that the chunk belongs to fails. A node cancels what this key alone has caused, and the transfers of others if its --admin-cancel allows it. A transfer that does not run, or no longer, is no failure.",
  examples: [{
    line: "cancel 2305843009213693953 --profile cache --identity operator.toml",
    does: "End a transfer as the holder of a key that may",
  }],
  async run(values, context) {
    const { transferId } = values;
    const { cancelled, meant } = await callNode(
      values,
      { verb: "cancel", permittedBy: PERMITTED_BY },
      context,
      async (session, options) => {
        const cancelled = await cancelTransfer(session, transferId, options);
        const meant = cancelled
          ? []
          : await findRounded(session, transferId, options);
        return { cancelled, meant };
      },
    );
    warnRounded(transferId, meant, context.log);
    await context.emit({
      fields: {
        transfer_id: new Id(transferId),
        cancelled,
        ...roundedFields(meant),
      },
      text: () =>
        cancelled
          ? `cancelled transfer ${transferId}`
          : `transfer ${transferId} is not running, nothing to cancel`,
    });
  },
});
