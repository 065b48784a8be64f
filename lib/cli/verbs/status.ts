import { toHex } from "../../text/hex.ts";
import { transferStatus } from "../../transfer/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { ATTACH_OPTIONS } from "../node/node_options.ts";
import {
  callNode,
  howFar,
  TRANSFER_ID,
  transferFields,
} from "../transfers/query.ts";

export const verb: Verb = defineVerb({
  arguments: { transferId: TRANSFER_ID },
  options: ATTACH_OPTIONS,
  scope: "remote",
  description:
    "A transfer that does not run, or no longer, is no failure: the result says that it was not found.",
  examples: [{
    line: "status 2305843009213693953 --profile cache",
    does: "Look at one transfer that ls has listed",
  }],
  async run(values, context) {
    const { transferId } = values;
    const row = await callNode(
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
        const { direction, peer, hash } = row;
        const end = `${direction === "fetching" ? "from" : "to"} node ${peer}`;
        return `transfer ${transferId}: ${howFar(row)} ${end}, chunk ${
          toHex(hash)
        }`;
      },
    });
  },
});
