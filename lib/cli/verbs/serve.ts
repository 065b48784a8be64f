/** `serve`: lets others fetch files and directories in place, and a store. */

import {
  attachOptionsOf,
  formatAddress,
  type ListenOptions,
  Node,
  nodeIdOf,
  Relay,
  type RelayEvent,
  type TicketAttachOptions,
} from "../../mesh/mod.ts";
import { writeWholeFile } from "../../os/whole_file.ts";
import { toHex } from "../../text/hex.ts";
import {
  BLOB_TRANSFERS,
  NODE_RATES,
  PATH_PROBE,
  probeProcedure,
  rateProcedure,
  RELAY_RESOLVE,
  relayProcedure,
  transferProcedure,
  TransferRegistry,
} from "../../transfer/mod.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import { formatJson } from "../framework/output/json.ts";
import type { Report } from "../framework/output/report.ts";
import type { Log } from "../framework/terminal/log.ts";
import type { TicketSource } from "../node/named_node.ts";
import { readTicket } from "../node/read_given.ts";
import { PublishedChunks } from "../serving/fetch_watch.ts";
import { type NodeKeys, readNodeKeys } from "../serving/node_keys.ts";
import { rateFields } from "../serving/rate_fields.ts";
import { readyReport } from "../serving/ready_report.ts";
import { type Content, openContent } from "../serving/serve_content.ts";
import {
  checkServeValues,
  ratePolicy,
  SERVE_ARGUMENTS,
  SERVE_OPTIONS,
  type ServeValues,
  transferPolicy,
} from "../serving/serve_options.ts";
import { showFetches } from "../serving/show_fetches.ts";
import { serveUntil } from "../serving/serve_until.ts";
import { inStage } from "../stage.ts";

function allowList(keys: readonly Uint8Array[]): ListenOptions["allow"] {
  if (keys.length === 0) return undefined;
  const allowed = new Set(keys.map(toHex));
  return (publicKey) => allowed.has(toHex(publicKey));
}

function logRelay(relay: string, log: Log): (event: RelayEvent) => void {
  return (event) => {
    if (event.type === "attached") {
      return log.info("attached to the relay", { relay });
    }
    const { reason, retryMs } = event;
    log.warn("not attached to the relay", { reason, retry_ms: retryMs });
  };
}

/** How to attach to a node; the key is ours unless its ticket has one. */
function readNode(
  source: TicketSource | undefined,
  { psk: { bytes } }: NodeKeys,
  { insecurePermissions }: ServeValues,
): Promise<TicketAttachOptions | undefined> {
  return inStage("setup", async () => {
    if (source === undefined) return undefined;
    const ticket = await readTicket(source, insecurePermissions);
    return attachOptionsOf(ticket, ticket.psk ?? bytes);
  });
}

/** Writes the report to a file that is removed in the end. */
async function writeReadyFile(
  { readyFile, ticketPsk }: ServeValues,
  { fields }: Report,
): Promise<AsyncDisposableStack> {
  const cleanup = new AsyncDisposableStack();
  if (readyFile === undefined) return cleanup;
  await writeWholeFile(readyFile, `${formatJson(fields, 2)}\n`, {
    what: "ready file",
    mode: ticketPsk ? 0o600 : 0o644,
    replace: true,
  });
  // Whoever started us may have removed it already.
  cleanup.defer(() => Deno.remove(readyFile).catch(() => {}));
  return cleanup;
}

async function serve(values: ServeValues, context: Context): Promise<void> {
  checkServeValues(values);
  const policy = transferPolicy(values);
  const rates = ratePolicy(values);
  const { log, signal } = context;
  const keys = await readNodeKeys(values, context);
  const { identity } = keys;
  const via = await readNode(values.via, keys, values);
  const upstream = await readNode(values.upstream, keys, values);
  const registry = new TransferRegistry();
  const cache = upstream && { upstream, identity, registry };
  await using content: Content = await inStage(
    "open",
    () => openContent(values, cache, context),
  );
  const relay = values.relay ? new Relay() : undefined;
  await using node = await inStage("attach", () =>
    Node.listen({
      address: values.listen && formatAddress(values.listen),
      psk: keys.psk.bytes,
      identity,
      allow: allowList(values.allow),
      maxConnections: values.maxConnections,
      congestion: keys.congestion,
      limitRate: keys.limitRate,
      limitRateSession: keys.limitRateSession,
      relay,
      via: via && { ...via, onEvent: logRelay(String(via.address), log) },
      onProblem: (message) => log.warn(message),
    }));
  const report = await inStage("attach", async () => {
    await node.viaTried;
    return readyReport(
      node,
      keys,
      content,
      values,
      Deno.stdout.isTerminal(),
    );
  });
  await using _file = await inStage(
    "open",
    () => writeReadyFile(values, report),
  );
  await context.emit(report);
  using shown = showFetches(
    () => new PublishedChunks(content.refs, content.contents),
    values.progress,
    context,
  );
  await inStage("serve", () =>
    serveUntil(signal, {
      node,
      store: content.store,
      registry,
      log,
      onEvent: shown?.onEvent,
      rpc: {
        [RELAY_RESOLVE]: relayProcedure(relay),
        [BLOB_TRANSFERS]: transferProcedure(registry, policy),
        [NODE_RATES]: rateProcedure(node, rates, (publicKey) => {
          const by = nodeIdOf(publicKey);
          log.info("limits changed", { ...rateFields(node.rates), by });
        }),
        [PATH_PROBE]: probeProcedure(),
      },
    }));
}

export const verb: Verb = defineVerb({
  arguments: SERVE_ARGUMENTS,
  options: SERVE_OPTIONS,
  scope: "profile",
  description:
    "Prints how to attach and what is served as soon as it is ready, and runs until SIGINT or SIGTERM, which let running requests finish for up to 5 seconds. Keys are made on first use and kept, so that the printed flags stay valid. A file that has changed since is answered as not found.",
  examples: [
    {
      line: "serve ./photos report.pdf",
      does: "Serve a directory and a file as they lie",
    },
    {
      line: "serve --store ./store --listen 0.0.0.0:7700 --psk-file node.psk",
      does: "Serve what send-blob and send-dir stage in a store",
    },
    {
      line: "serve ./photos --via relay.example:7700#KEY --psk-file node.psk",
      does: "Serve from behind a NAT, by way of a node that runs serve --relay",
    },
    {
      line: "serve --store ./cache --upstream @origin.ticket",
      does: "Serve what another node has, fetching each chunk once",
    },
  ],
  run: serve,
});
