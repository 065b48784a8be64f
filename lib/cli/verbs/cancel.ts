/**
 * `cancel`: ends one transfer of a node.
 *
 * @module
 */

import { cancelTransfer } from "../../transfer/mod.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import { ATTACH_OPTIONS, type AttachValues } from "../node/node_options.ts";
import type { ArgumentTable, ValuesOf } from "../framework/options/option.ts";
import { askNode, TRANSFER_ID } from "../transfers/query.ts";

const ARGUMENTS = { transferId: TRANSFER_ID } satisfies ArgumentTable;

type Values = ValuesOf<typeof ARGUMENTS> & AttachValues;

async function cancel(values: Values, context: Context): Promise<void> {
  const { transferId } = values;
  const cancelled = await askNode(
    values,
    "cancel",
    context,
    (session, options) => cancelTransfer(session, transferId, options),
  );
  await context.emit({
    fields: { transfer_id: transferId, cancelled },
    text: () =>
      cancelled
        ? `cancelled transfer ${transferId}`
        : `transfer ${transferId} is not running, nothing to cancel`,
  });
}

/** The verb. */
export const verb: Verb = defineVerb({
  arguments: ARGUMENTS,
  options: ATTACH_OPTIONS,
  scope: "remote",
  description:
    "The download that the chunk belongs to fails. A node cancels what this key alone has caused, and the transfers of others if its --admin-cancel allows it. A transfer that does not run, or no longer, is no failure.",
  examples: [{
    line: "cancel 2305843009213693953 --profile cache --identity operator.toml",
    does: "End a transfer as the holder of a key that may",
  }],
  run: cancel,
});
