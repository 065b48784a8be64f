/** The options of `serve`, and what does not fit together. */

import { UsageError } from "../../errors.ts";
import { ANNOUNCED_NAME_MAX, CONNECTIONS_MAX } from "../../limits.ts";
import { isAnnouncedName } from "../../meeting/mod.ts";
import { isObjectsUrl } from "../../objects/mod.ts";
import type {
  Principal,
  RatePolicy,
  TransferPolicy,
} from "../../transfer/mod.ts";
import {
  type ArgumentTable,
  flag,
  grouped,
  optional,
  type OptionTable,
  repeatable,
  restArguments,
  type ValuesOf,
} from "../framework/options/option.ts";
import { HEX32 } from "../framework/options/hex32.ts";
import {
  count,
  FILE,
  PATH,
  readable,
  type ValueKind,
} from "../framework/options/value_kind.ts";
import { dialSource } from "../node/named_node.ts";
import { UPSTREAM } from "../node/upstream.ts";
import { CONGESTION, DIRECT, PSK_OPTIONS } from "../node/node_options.ts";
import { ADVERTISED_ADDRESS, LISTEN_ADDRESS } from "../options/address.ts";
import { SERVE_RATES } from "../options/rate.ts";
import { PATH_FILTER_OPTIONS } from "../options/path_filter_options.ts";
import { HASHING_OPTIONS } from "../options/work_options.ts";
import { STORE_PLACE } from "../options/store_place.ts";
import { STORE_MAX_OPTION } from "../options/store_max.ts";
import { TRUST_PARENT_OPTION } from "../options/trust_parent_option.ts";
import { PSK_NAME } from "../options/psk_name.ts";
import { WHO } from "../options/who.ts";
import { STRICT_OPTION } from "../publishing/publish.ts";

const ANNOUNCED_NAME: ValueKind<string> = {
  metavar: "NAME",
  parse(value) {
    if (isAnnouncedName(value)) return value;
    throw new RangeError(`must have 1 to ${ANNOUNCED_NAME_MAX} bytes`);
  },
};

export const SERVE_ARGUMENTS = {
  paths: restArguments(
    readable(PATH),
    "Files and directories to serve in place, without copying",
  ),
} satisfies ArgumentTable;

export const SERVE_OPTIONS = {
  store: optional("store", STORE_PLACE, {
    help:
      "Serve this store, a directory or s3://BUCKET/PREFIX; what is staged there later is served, too",
  }),
  upstream: optional("upstream", UPSTREAM, {
    help:
      "Fetch what --store lacks from this node, mirror or bucket, keep it there and serve it: ADDR:PORT#KEY, a ticket, @FILE with a ticket, http(s)://HOST/BASE or s3://BUCKET/PREFIX",
  }),
  storeMax: STORE_MAX_OPTION,
  ...TRUST_PARENT_OPTION,
  listen: optional("listen", LISTEN_ADDRESS, {
    help: "Address and UDP port to listen on; port 0 takes any free one",
    shownDefault: "[::]:7700",
  }),
  ...grouped("Network options", {
    advertise: repeatable("advertise", ADVERTISED_ADDRESS, {
      help: "Address to print instead of those of this machine",
    }),
  }),
  ...grouped("Access options", {
    identity: optional("identity", FILE, {
      help: "Identity file",
      shownDefault:
        "identities/node.toml beside the configuration, made if missing",
    }),
    ...PSK_OPTIONS,
    ticketPsk: flag("ticket-psk", {
      help:
        "Put the node's permanent pre-shared key into the printed tickets: who sees one can attach until that key is replaced",
    }),
    ticketFor: repeatable("ticket-for", PSK_NAME, {
      help:
        "Print tickets with a pre-shared key of this name, which psk revoke shuts out alone; drawn on first use",
    }),
    ticketRelayPsk: flag("ticket-relay-psk", {
      help:
        "Put the pre-shared key of the --via relay into the printed tickets, where it is another one: who sees one can attach to the relay",
    }),
    allow: repeatable("allow", HEX32, {
      help: "Let only nodes with these public keys attach",
    }),
  }),
  ...grouped("Network options", {
    relay: flag("relay", {
      help:
        "Pass packets between the nodes that attach; their content stays hidden",
    }),
    rendezvous: flag("rendezvous", {
      help:
        "With --relay: let the two ends of a code find each other here (share and get --meet)",
    }),
    via: optional("via", dialSource("RELAY"), {
      help:
        "Stay attached to this relay, to be reached through it by the printed tickets, or as --from: ADDR:PORT#KEY, a ticket, or @FILE with a ticket",
    }),
    direct: DIRECT,
    announce: optional("announce", ANNOUNCED_NAME, {
      help:
        "Announce the node under this name on the local network, for discover; its key and port are told, too, but nothing of what it serves",
    }),
    congestion: CONGESTION,
    ...SERVE_RATES,
    maxConnections: optional("max-connections", count(1, 1_000_000), {
      help: "Most nodes attached at once",
      shownDefault: String(CONNECTIONS_MAX),
    }),
  }),
  ...grouped("Access options", {
    adminList: repeatable("admin-list", WHO, {
      help:
        "Who may list transfers, with addresses and whole hashes: none, psk (all who attach) or the node of this public key",
      shownDefault: "all who attach, without these of others",
    }),
    adminCancel: repeatable("admin-cancel", WHO, {
      help:
        "Who may cancel the transfers of others: none, psk or the node of this public key",
      shownDefault: "none",
    }),
    adminLimit: repeatable("admin-limit", WHO, {
      help:
        "Who may change the limits while it runs: none, psk or the node of this public key",
      shownDefault: "none",
    }),
  }),
  ...PATH_FILTER_OPTIONS,
  ...STRICT_OPTION,
  ...HASHING_OPTIONS,
  refresh: flag("refresh", {
    help:
      "Publish the paths again when a fetch misses what has changed; the result is printed again, with the new references",
  }),
  readyFile: optional("ready-file", FILE, {
    help: "Write the result to this file, too, as JSON, when ready",
  }),
} satisfies OptionTable;

export type ServeValues =
  & ValuesOf<typeof SERVE_ARGUMENTS>
  & ValuesOf<typeof SERVE_OPTIONS>;

export function checkServeValues(
  { paths, store, relay, upstream, storeMax, ticketRelayPsk, via }: ServeValues,
): void {
  if (ticketRelayPsk && via === undefined) {
    throw new UsageError("--ticket-relay-psk needs a relay, named by --via");
  }
  if (paths.length === 0 && store === undefined && !relay) {
    throw new UsageError("nothing to serve: neither a PATH nor --store", {
      hint: "net-transfer serve ./photos",
    });
  }
  if (upstream !== undefined && store === undefined) {
    throw new UsageError("--upstream needs --store, which keeps what it gets");
  }
  if (upstream !== undefined && store !== undefined && isObjectsUrl(store)) {
    throw new UsageError("--upstream keeps what it gets in a directory", {
      hint: "give a directory as --store, and the bucket as --upstream",
    });
  }
  if (storeMax !== undefined && upstream === undefined) {
    throw new UsageError("--store-max bounds what --upstream fetched", {
      hint: "content that was staged there is removed by store gc alone",
    });
  }
}

export function transferPolicy(
  { adminList, adminCancel }: Pick<ServeValues, "adminList" | "adminCancel">,
): TransferPolicy {
  return {
    list: principals("admin-list", adminList),
    cancel: principals("admin-cancel", adminCancel),
  };
}

/** Who may look at the limits, and who may change them. */
export function ratePolicy(
  { adminList, adminLimit }: Pick<ServeValues, "adminList" | "adminLimit">,
): RatePolicy {
  return {
    look: principals("admin-list", adminList),
    change: principals("admin-limit", adminLimit),
  };
}

function principals(
  option: string,
  given: readonly Principal[],
): readonly Principal[] | undefined {
  if (given.length > 1 && given.includes("none")) {
    throw new UsageError(`--${option} none cannot stand beside others`, {
      hint: "leave none out, or name nobody else",
    });
  }
  return given.length === 0 ? undefined : given;
}
