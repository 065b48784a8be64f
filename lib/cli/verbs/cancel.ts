import { cancelTransfer } from "../../transfer/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { ATTACH_OPTIONS } from "../node/node_options.ts";
import { callNode, TRANSFER_ID } from "../transfers/query.ts";

export const verb: Verb = defineVerb({
  arguments: { transferId: TRANSFER_ID },
  options: ATTACH_OPTIONS,
  scope: "remote",
  description:
    "The download that the chunk belongs to fails. A node cancels what this key alone has caused, and the transfers of others if its --admin-cancel allows it. A transfer that does not run, or no longer, is no failure.",
  examples: [{
    line: "cancel 2305843009213693953 --profile cache --identity operator.toml",
    does: "End a transfer as the holder of a key that may",
  }],
  async run(values, context) {
    const { transferId } = values;
    const cancelled = await callNode(
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
  },
});
