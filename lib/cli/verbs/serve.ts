/** `serve`: lets others fetch files and directories in place, and a store. */

import { meetingPointProcedures, MeetingTags } from "../../meeting/mod.ts";
import {
  attachOptionsOf,
  formatAddress,
  type ListenOptions,
  Node,
  nodeIdOf,
  Relay,
} from "../../mesh/mod.ts";
import { checkSources } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import {
  BLOB_TRANSFERS,
  changeProcedure,
  CONTENT_CHANGES,
  downloadProcedure,
  NODE_DOWNLOADS,
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
import { messageOf } from "../failure.ts";
import { Id } from "../framework/output/report.ts";
import { isObjects } from "../node/upstream.ts";
import { PublishedChunks } from "../serving/fetch_watch.ts";
import { readPathFilter } from "../options/path_filter_options.ts";
import { announceNode } from "../serving/announce_node.ts";
import { openKeyring } from "../serving/named_psks.ts";
import { readNodeKeys } from "../serving/node_keys.ts";
import { rateFields } from "../serving/rate_fields.ts";
import { ReadyFile } from "../serving/ready_file.ts";
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
import { watchFetches } from "../serving/watch_fetches.ts";
import { logRelay, readUpstream, readVia } from "../serving/serve_via.ts";
import { serveUntil } from "../serving/serve_until.ts";
import { inStage } from "../stage.ts";

/**
 * Nobody may attach before there is something to serve: peers ask again until
 * then, as they would without a node.
 */
class Door {
  isOpen = false;
  readonly #allowed: ReadonlySet<string>;

  /** Lets in the nodes with these keys, or all without any. */
  constructor(keys: readonly Uint8Array[]) {
    this.#allowed = new Set(keys.map(toHex));
  }

  readonly allow: ListenOptions["allow"] = (publicKey) =>
    this.isOpen &&
    (this.#allowed.size === 0 || this.#allowed.has(toHex(publicKey)));
}

async function serve(values: ServeValues, context: Context): Promise<void> {
  checkServeValues(values);
  const policy = transferPolicy(values);
  const rates = ratePolicy(values);
  const { log, signal } = context;
  const keys = await readNodeKeys(values, context);
  const { identity } = keys;
  const via = await readVia(values.via, keys, values);
  const upstream = values.upstream !== undefined && isObjects(values.upstream)
    ? values.upstream
    : await readUpstream(values.upstream, keys, values);
  const registry = new TransferRegistry();
  const maxBytes = keys.storeMax;
  const cache = upstream && { upstream, identity, registry, maxBytes };
  const relay = values.relay ? new Relay() : undefined;
  const door = new Door(values.allow);
  using live = await openKeyring(keys, via, values, log);
  // Whatever can fail at once comes before the long reading.
  const filter = await inStage("open", () => {
    checkSources(values.paths);
    return readPathFilter(values, log);
  });
  await using node = await inStage("attach", () =>
    Node.listen({
      address: values.listen && formatAddress(values.listen),
      psk: live.keyring,
      identity,
      allow: door.allow,
      maxConnections: values.maxConnections,
      congestion: keys.congestion,
      limitRate: keys.limitRate,
      limitRateSession: keys.limitRateSession,
      relay,
      via: via && {
        ...attachOptionsOf(via),
        direct: keys.direct,
        onEvent: logRelay(via, log),
      },
      onProblem: (message) => log.warn(message),
    }));
  using file = await inStage("open", () => ReadyFile.prepare(values));
  await using content: Content = await inStage(
    "open",
    () => openContent(values, filter, cache, context),
  );
  door.isOpen = true;
  await using _announced = await inStage(
    "attach",
    () => announceNode(node, values.announce),
  );
  const tell = async () => {
    const isTerminal = Deno.stdout.isTerminal();
    const held = { keys, keyring: live.keyring, content, via };
    const report = readyReport(node, held, values, isTerminal);
    await inStage("open", () => file.write(report));
    await context.emit(report);
  };
  const published = () => new PublishedChunks(content.refs, content.contents);
  await inStage("attach", () => node.viaTried);
  await tell();
  using fetches = watchFetches(published(), values.progress, context);
  content.onRefreshed = () => {
    fetches.publish(published());
    return tell();
  };
  live.onChanged = (names) => {
    if (!values.ticketFor.some((name) => names.has(name))) return;
    tell().catch((error) => {
      const reason = messageOf(error);
      log.warn("the tickets cannot be printed again", { reason });
    });
  };
  await inStage("serve", () =>
    serveUntil(signal, {
      node,
      store: content.store,
      registry,
      log,
      onEvent: fetches.onEvent,
      rpc: {
        [RELAY_RESOLVE]: relayProcedure(relay),
        [BLOB_TRANSFERS]: transferProcedure(registry, policy),
        [NODE_DOWNLOADS]: downloadProcedure(fetches.downloads, policy.list),
        [NODE_RATES]: rateProcedure(node, rates, (publicKey) => {
          const by = nodeIdOf(publicKey);
          log.info("limits changed", {
            ...rateFields(node.rates),
            by: new Id(by),
          });
        }),
        [PATH_PROBE]: probeProcedure(),
        ...(values.rendezvous && meetingPointProcedures(new MeetingTags())),
        ...(content.published && {
          [CONTENT_CHANGES]: changeProcedure(content.published),
        }),
      },
    }));
}

export const verb: Verb = defineVerb({
  arguments: SERVE_ARGUMENTS,
  options: SERVE_OPTIONS,
  scope: "profile",
  description:
    "Prints how to attach and what is served as soon as it is ready, and runs until SIGINT, SIGTERM or SIGHUP, which let running requests finish for up to 5 seconds. Keys are made on first use and kept, so that the printed flags stay valid. The port, the paths and the ready file are looked at before anything is read, and nobody can attach until all is. What changes, vanishes or cannot be read is treated as by send-dir, and patterns are for what lies in directories. A file that has changed since is not served: a fetch that misses it is told so, and with --refresh also under which reference its tree was published again.",
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
    {
      line: "serve --store ./cache --upstream https://cdn.example/photos",
      does: "The same before a mirror, which may be any web server",
    },
  ],
  run: serve,
});
