/**
 * `serve`: lets others fetch files and directories in place, and a store.
 *
 * @module
 */

import { blobRefSize, encodeBlobRef, toHex } from "../../content/mod.ts";
import { UsageError } from "../../errors.ts";
import { CONNECTIONS_MAX } from "../../limits.ts";
import {
  type ListenOptions,
  Node,
  Relay,
  type RelayEvent,
  type ViaOptions,
} from "../../mesh/mod.ts";
import {
  BLOB_TRANSFERS,
  RELAY_RESOLVE,
  relayProcedure,
  transferProcedure,
  TransferRegistry,
} from "../../transfer/mod.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import { attachLine } from "../node/attach_line.ts";
import { dialableAddresses, localAddresses } from "../node/dialable.ts";
import { type NodeKeys, readNodeKeys } from "../node/node_keys.ts";
import { dialSource } from "../node/named_node.ts";
import { readDialSource } from "../node/read_given.ts";
import { PSK_OPTIONS } from "../node/node_options.ts";
import {
  ADVERTISED_ADDRESS,
  formatHostPort,
  LISTEN_ADDRESS,
} from "../options/address.ts";
import { JOBS_OPTIONS, jobsOf } from "../options/jobs_options.ts";
import {
  type ArgumentTable,
  flag,
  optional,
  type OptionTable,
  repeatable,
  restArguments,
  type ValuesOf,
} from "../framework/options/option.ts";
import { PROGRESS_OPTIONS } from "../options/progress_options.ts";
import { HEX32 } from "../framework/options/hex32.ts";
import { count, DIR, FILE, PATH } from "../framework/options/value_kind.ts";
import { formatJson } from "../framework/output/json.ts";
import type { Report } from "../framework/output/report.ts";
import { hold } from "../serving/hold.ts";
import { ADMIN_OPTIONS, transferPolicy } from "../serving/serve_admin.ts";
import { type CacheOptions, UPSTREAM } from "../serving/serve_cache.ts";
import { type Content, openContent } from "../serving/serve_content.ts";
import { serveTickets } from "../serving/serve_tickets.ts";
import type { Log } from "../framework/terminal/log.ts";
import { inStage } from "../stage.ts";
import { writeWholeFile } from "../../os/whole_file.ts";

const ARGUMENTS = {
  paths: restArguments(
    PATH,
    "Files and directories to serve in place, without copying",
  ),
} satisfies ArgumentTable;

const OPTIONS = {
  store: optional("store", DIR, {
    help: "Serve this store; what is staged there later is served, too",
  }),
  upstream: UPSTREAM,
  listen: optional("listen", LISTEN_ADDRESS, {
    help: "Address and UDP port to listen on; port 0 takes any free one",
    shownDefault: "[::]:7700",
  }),
  advertise: repeatable("advertise", ADVERTISED_ADDRESS, {
    help: "Address to print instead of those of this machine",
  }),
  identity: optional("identity", FILE, {
    help: "Identity file",
    shownDefault:
      "identities/node.toml beside the configuration, made if missing",
  }),
  ...PSK_OPTIONS,
  ticketPsk: flag("ticket-psk", {
    help:
      "Put the pre-shared key into the printed tickets: who sees one can attach",
  }),
  allow: repeatable("allow", HEX32, {
    help: "Let only nodes with these public keys attach",
  }),
  relay: flag("relay", {
    help:
      "Pass packets between the nodes that attach; their content stays hidden",
  }),
  via: optional("via", dialSource("RELAY"), {
    help:
      "Stay attached to this relay, to be reached through it as --from: ADDR:PORT#KEY, a ticket, or @FILE with a ticket",
  }),
  maxConnections: optional("max-connections", count(1, 1_000_000), {
    help: "Most nodes attached at once",
    shownDefault: String(CONNECTIONS_MAX),
  }),
  ...ADMIN_OPTIONS,
  ...JOBS_OPTIONS,
  ...PROGRESS_OPTIONS,
  readyFile: optional("ready-file", FILE, {
    help: "Write the result to this file, too, as JSON, when ready",
  }),
} satisfies OptionTable;

type Values = ValuesOf<typeof ARGUMENTS> & ValuesOf<typeof OPTIONS>;

/** Who may attach, or `undefined` for everyone who has the pre-shared key. */
function allowList(keys: readonly Uint8Array[]): ListenOptions["allow"] {
  if (keys.length === 0) return undefined;
  const allowed = new Set(keys.map(toHex));
  return (publicKey) => allowed.has(toHex(publicKey));
}

/** The relay to stay attached to, and what is logged of it. */
async function readVia(
  { via, insecurePermissions }: Values,
  keys: NodeKeys,
  log: Log,
): Promise<ViaOptions | undefined> {
  if (via === undefined) return undefined;
  const relay = await readDialSource(via, insecurePermissions);
  const onEvent = (event: RelayEvent) => {
    if (event.type === "attached") {
      log.info("attached to the relay", { relay: String(relay.address) });
    } else {
      log.warn("not attached to the relay", {
        reason: event.reason,
        retry_ms: event.retryMs,
      });
    }
  };
  return { ...relay, psk: relay.psk ?? keys.psk.bytes, onEvent };
}

/** What makes a cache of the store, if one is asked for. */
async function readUpstream(
  { upstream, insecurePermissions }: Values,
  { identity, psk }: NodeKeys,
  registry: TransferRegistry,
  log: Log,
): Promise<CacheOptions | undefined> {
  if (upstream === undefined) return undefined;
  return {
    upstream: await readDialSource(upstream, insecurePermissions),
    identity,
    psk: psk.bytes,
    registry,
    log,
  };
}

function reportReady(
  node: Node,
  keys: NodeKeys,
  { refs, contents }: Content,
  values: Values,
): Report {
  const { hostname: host, port } = node.address;
  const listen = values.advertise.length > 0
    ? values.advertise.map(formatHostPort)
    : dialableAddresses({ host, port }, localAddresses());
  const attach = attachLine({
    address: listen[0],
    publicKey: node.publicKey,
    nodeId: node.nodeId,
    pskFile: keys.psk.file,
  });
  const { publicKey } = node;
  const psk = values.ticketPsk ? keys.psk.bytes : undefined;
  const tickets = serveTickets({ publicKey, listen, psk }, contents);
  return {
    fields: {
      node_id: node.nodeId,
      node_pubkey: toHex(node.publicKey),
      listen,
      attach,
      ticket: tickets.node,
      refs: refs.map(({ path, kind, ref, size }, at) => ({
        path,
        kind,
        ref: toHex(encodeBlobRef(ref)),
        size: size ?? blobRefSize(ref),
        ticket: tickets.contents[at],
      })),
    },
    text: () => `serving on ${listen.join(", ")}; attach with: ${attach}`,
  };
}

async function serve(values: Values, context: Context): Promise<void> {
  if (
    values.paths.length === 0 && values.store === undefined && !values.relay
  ) {
    throw new UsageError("nothing to serve: neither a PATH nor --store", {
      hint: "net-transfer serve ./photos",
    });
  }
  const { paths, store: dir } = values;
  if (values.upstream !== undefined && dir === undefined) {
    throw new UsageError("--upstream needs --store, which keeps what it gets");
  }
  const policy = transferPolicy(values);
  const { log, signal } = context;
  const keys = await readNodeKeys(values, context);
  const relay = values.relay ? new Relay() : undefined;
  const via = await inStage("setup", () => readVia(values, keys, log));
  const registry = new TransferRegistry();
  const cache = await inStage(
    "setup",
    () => readUpstream(values, keys, registry, log),
  );
  const jobs = jobsOf(values.jobs);
  const { progress, readyFile } = values;
  await using content = await inStage(
    "open",
    () => openContent({ paths, dir, cache, jobs, progress }, context),
  );
  await using node = await inStage("attach", () =>
    Node.listen({
      address: values.listen && formatHostPort(values.listen),
      psk: keys.psk.bytes,
      identity: keys.identity,
      allow: allowList(values.allow),
      maxConnections: values.maxConnections,
      relay,
      via,
      onProblem: (message) => log.warn(message),
    }));
  const report = await inStage("attach", async () => {
    await node.viaTried;
    return reportReady(node, keys, content, values);
  });
  await using cleanup = new AsyncDisposableStack();
  if (readyFile !== undefined) {
    const text = formatJson(report.fields, 2) + "\n";
    await inStage("open", () =>
      writeWholeFile(readyFile, text, {
        what: "ready file",
        mode: values.ticketPsk ? 0o600 : 0o644,
        replace: true,
      }));
    cleanup.defer(() => Deno.remove(readyFile).catch(() => {}));
  }
  await context.emit(report);
  const rpc = {
    [RELAY_RESOLVE]: relayProcedure(relay),
    [BLOB_TRANSFERS]: transferProcedure(registry, policy),
  };
  const { store } = content;
  await inStage(
    "serve",
    () => hold({ node, store, registry, rpc, signal, log }),
  );
}

/** The verb. */
export const verb: Verb = defineVerb({
  arguments: ARGUMENTS,
  options: OPTIONS,
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
