/** `limit`: how fast a node may send. */

import type { NodeRates } from "../../mesh/mod.ts";
import { limitRates } from "../../transfer/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { optional, optionalArgument } from "../framework/options/option.ts";
import { formatRate } from "../../text/human.ts";
import { callNode } from "../node/call_node.ts";
import { ATTACH_OPTIONS } from "../node/node_options.ts";
import { RATE } from "../options/rate.ts";
import { rateFields } from "../serving/rate_fields.ts";

function describe(bytesPerSecond: number): string {
  return Number.isFinite(bytesPerSecond)
    ? `at most ${formatRate(bytesPerSecond)}`
    : "no limit";
}

export const verb: Verb = defineVerb({
  arguments: {
    rate: optionalArgument(
      RATE,
      "What the node may send to all nodes together, in bytes per second with K, M or G for 1024s; none lifts the limit",
    ),
  },
  options: {
    session: optional("session", RATE, {
      help: "What it may send to each node that is attached",
      shownDefault: "as it is",
    }),
    ...ATTACH_OPTIONS,
  },
  scope: "remote",
  description:
    "Changes the limits of a node that runs serve, at once and until it ends; without a rate it only tells them. The node lets those change its limits whom its --admin-limit names.",
  examples: [
    {
      line: "limit 2M --profile home --identity operator.toml",
      does: "Let a node send 2 MiB in a second from now on",
    },
    {
      line: "limit none --session 500K --profile home --identity operator.toml",
      does: "Limit what each node gets, and lift the limit on all together",
    },
    {
      line: "limit --profile home",
      does: "Tell the limits as they are",
    },
  ],
  async run({ rate, session, ...values }, context) {
    const change: Partial<NodeRates> = {
      ...(rate !== undefined && { total: rate }),
      ...(session !== undefined && { session }),
    };
    const rates = await callNode(
      values,
      { verb: "limit", permittedBy: "--admin-list and --admin-limit" },
      context,
      (attached, options) => limitRates(attached, change, options),
    );
    await context.emit({
      fields: rateFields(rates),
      text: () =>
        `to all nodes together ${describe(rates.total)}, to each ${
          describe(rates.session)
        }`,
    });
  },
});
