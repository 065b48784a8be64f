/**
 * `status`: how far one transfer of a node is.
 *
 * @module
 */

import { toHex } from "../../content/mod.ts";
import { transferStatus } from "../../transfer/mod.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import { ATTACH_OPTIONS, type AttachValues } from "../node/node_options.ts";
import type { ArgumentTable, ValuesOf } from "../framework/options/option.ts";
import {
  askNode,
  howFar,
  TRANSFER_ID,
  transferFields,
} from "../transfers/query.ts";

const ARGUMENTS = { transferId: TRANSFER_ID } satisfies ArgumentTable;

type Values = ValuesOf<typeof ARGUMENTS> & AttachValues;

async function status(values: Values, context: Context): Promise<void> {
  const { transferId } = values;
  const row = await askNode(
    values,
    "status",
    context,
    (session, options) => transferStatus(session, transferId, options),
  );
  await context.emit({
    fields: {
      transfer_id: transferId,
      found: row !== undefined,
      transfer: row && transferFields(row),
    },
    text: () => {
      if (row === undefined) return `transfer ${transferId} is not running`;
      const who = row.direction === "fetching" ? "from" : "to";
      return `transfer ${transferId}: ${
        howFar(row)
      } ${who} node ${row.peer}, chunk ${toHex(row.hash)}`;
    },
  });
}

/** The verb. */
export const verb: Verb = defineVerb({
  arguments: ARGUMENTS,
  options: ATTACH_OPTIONS,
  scope: "remote",
  description:
    "A transfer that does not run, or no longer, is no failure: the result says that it was not found.",
  examples: [{
    line: "status 2305843009213693953 --profile cache",
    does: "Look at one transfer that ls has listed",
  }],
  run: status,
});
