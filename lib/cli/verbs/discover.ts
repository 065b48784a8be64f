/** `discover`: which holders announce themselves on the local network. */

import { browse } from "../../meeting/mod.ts";
import { nodeIdOf } from "../../mesh/mod.ts";
import { escapeText } from "../../text/escape.ts";
import { toHex } from "../../text/hex.ts";
import { defineVerb, type Verb } from "../command.ts";
import { TIME_SPAN } from "../framework/options/duration.ts";
import { repeatable, withDefault } from "../framework/options/option.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";
import { Float, Id } from "../framework/output/report.ts";
import { withWaiting } from "../framework/progress/with_progress.ts";
import { attachLine } from "../serving/attach_line.ts";
import { inStage } from "../stage.ts";

const INTERFACE: ValueKind<string> = {
  metavar: "NAME",
  parse: (value) => value,
};

/** A holder, with all addresses that it has answered from. */
interface Found {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly addresses: string[];
}

export const verb: Verb = defineVerb({
  arguments: {},
  options: {
    wait: withDefault("for", TIME_SPAN, "2s", {
      help: "Time for which answers are waited for",
    }),
    interface: repeatable("interface", INTERFACE, {
      help: "Ask by way of this network interface alone",
      shownDefault: "all of this machine",
    }),
  },
  description:
    "Asks the local network (DNS-SD over multicast DNS) for holders that run serve --announce, and lists those that answer. A name is what its holder says; the key is what it is known by. To fetch, the pre-shared key or a ticket is needed as always. Shares with a code are not listed.",
  examples: [
    {
      line: "discover",
      does: "List the holders on the local network that announce themselves",
    },
    {
      line: "discover --for 5s --output json",
      does: "Wait longer, and print names, keys and addresses as JSON",
    },
  ],
  async run({ wait, interface: interfaces }, context) {
    const found = new Map<string, Found>();
    const since = performance.now();
    const signal = AbortSignal.any([
      context.signal,
      AbortSignal.timeout(wait),
    ]);
    const stage = {
      name: "waiting" as const,
      text: "asking the local network",
      limitMs: wait,
    };
    await withWaiting(
      "auto",
      stage,
      context,
      () =>
        inStage("attach", () =>
          browse(
            ({ name, publicKey, address }) => {
              if (name === undefined) return;
              const key = toHex(publicKey);
              const known = found.get(key) ??
                { name, publicKey, addresses: [] };
              found.set(key, known);
              known.addresses.push(address);
            },
            signal,
            interfaces.length === 0 ? {} : { interfaces },
          )),
    );
    context.signal.throwIfAborted();
    const nodes = [...found.values()]
      .sort((a, b) => a.name < b.name ? -1 : 1);
    await context.emit({
      fields: {
        node_count: nodes.length,
        duration_secs: new Float((performance.now() - since) / 1000),
        nodes: nodes.map(({ name, publicKey, addresses }) => ({
          name,
          node_id: new Id(nodeIdOf(publicKey)),
          node_pubkey: toHex(publicKey),
          addresses,
        })),
      },
      page: () =>
        nodes.length === 0
          ? "no holder on the local network announces itself"
          : nodes.map(({ name, publicKey, addresses }) =>
            `${escapeText(name)}\n  ${
              attachLine({
                address: addresses[0],
                publicKey,
                nodeId: nodeIdOf(publicKey),
              })
            }`
          ).join("\n"),
    });
  },
});
