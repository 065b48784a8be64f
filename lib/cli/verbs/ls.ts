import {
  listTransfers,
  type TransferDirection,
  type TransferRow,
} from "../../transfer/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { ATTACH_OPTIONS } from "../node/node_options.ts";
import { flag } from "../framework/options/option.ts";
import { formatBytes } from "../framework/terminal/human.ts";
import { callNode, transferFields } from "../transfers/query.ts";

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

export const verb: Verb = defineVerb({
  arguments: {},
  options: {
    all: flag("all", {
      help: "List what the node serves, too, and say which way each goes",
    }),
    ...ATTACH_OPTIONS,
  },
  scope: "remote",
  description:
    "Asks the attached node what it is fetching from its own upstream; one line is one chunk. What other programs fetch is their own matter. The node answers within 3 seconds, unless --timeout says otherwise, and may refuse.",
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
    const { all } = values;
    const { count, rows } = await callNode(
      values,
      "ls",
      context,
      (session, options) => listTransfers(session, { ...options, all }),
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
      },
      text: () => summary(rows),
    });
  },
});
