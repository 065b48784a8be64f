/**
 * Which node to attach to: flags first, then the environment, then the
 * profile, per field. A ticket stands for all fields but the pre-shared key.
 *
 * @module
 */

import { UsageError } from "../../errors.ts";
import { ATTACH_BUDGET_MS, REQUEST_TIMEOUT_MS } from "../../limits.ts";
import { nodeIdOf, type Ticket } from "../../mesh/mod.ts";
import type { Context } from "../command.ts";
import { DIAL_ADDRESS, formatHostPort } from "../options/address.ts";
import { TIME_LIMIT } from "../framework/options/duration.ts";
import {
  grouped,
  optional,
  type ValuesOf,
} from "../framework/options/option.ts";
import {
  FILE,
  HEX32,
  U64,
  type ValueKind,
} from "../framework/options/value_kind.ts";
import { inStage } from "../stage.ts";
import { chosenProfile, type Profile } from "./config.ts";
import { PSK_OPTIONS, resolvePsk } from "./psk.ts";
import { readTicket, TICKET, type TicketSource } from "./ticket.ts";

/** Options that name a node without a ticket. */
const NODE_FLAGS = ["node-addr", "node-pubkey", "node-id"] as const;

/** The options that say which node to attach to and how. */
export const ATTACH_OPTIONS = grouped("Attach options", {
  ticket: optional("ticket", TICKET, {
    env: "NET_MESH_TICKET",
    conflicts: ["ticket-file", ...NODE_FLAGS],
    help:
      "Ticket that 'net-transfer serve' printed, or @FILE: stands for the address and the key",
  }),
  ticketFile: optional("ticket-file", FILE, {
    conflicts: ["ticket", ...NODE_FLAGS],
    help: "File with the ticket; one that holds a key must be private",
  }),
  nodeAddr: optional("node-addr", DIAL_ADDRESS, {
    help: "Address of the node: IP:PORT, [IPv6]:PORT or HOST:PORT",
  }),
  nodePubkey: optional("node-pubkey", HEX32, {
    help: "Public key of the node: 64 hex digits",
  }),
  nodeId: optional("node-id", U64, {
    help: "Id of the node; must be the one of its public key",
    shownDefault: "derived from the key",
  }),
  ...PSK_OPTIONS,
  identity: optional("identity", FILE, {
    help: "Identity file to attach with",
    shownDefault: "a fresh key for each run",
  }),
  connectTimeout: optional("connect-timeout", TIME_LIMIT, {
    help: "Give up attaching after this long",
    shownDefault: `${ATTACH_BUDGET_MS / 1000}s`,
  }),
});

/** The parsed values of {@linkcode ATTACH_OPTIONS}. */
export type AttachValues = ValuesOf<typeof ATTACH_OPTIONS>;

/** Everything needed to attach. */
export interface AttachTarget {
  /** Where the node may be reached, each as `host:port`. */
  readonly addresses: readonly string[];
  /** Its X25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The id that belongs to the key. */
  readonly nodeId: bigint;
  /** 32 bytes. */
  readonly psk: Uint8Array;
  /** The ticket that names the node, if one does. */
  readonly ticket?: Ticket;
  /** Identity file to attach with. */
  readonly identity?: string;
  /** Time limit of the attach, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Time limit of a request without progress, in milliseconds. */
  readonly requestTimeoutMs: number;
}

/** A value of a profile, parsed like the flag it stands for. */
function fromProfile<T>(
  profile: Profile,
  key: string,
  typed: string | undefined,
  kind: ValueKind<T>,
): T | undefined {
  if (typed === undefined) return undefined;
  try {
    return kind.parse(typed);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(
      `invalid ${key} '${typed}' in profile '${profile.name}': ${error.message}`,
    );
  }
}

/** How explicitly something was given; a higher rank wins. */
const RANK = { none: -1, profile: 0, environment: 1, flag: 2 } as const;
type Rank = typeof RANK[keyof typeof RANK];

interface RankedTicket {
  readonly ticket: Ticket;
  readonly rank: Rank;
}

function rankOf(name: string, context: Context): Rank {
  return context.fromEnvironment.has(name) ? RANK.environment : RANK.flag;
}

/** The ticket to attach with, if a ticket names the node. */
async function chooseTicket(
  values: AttachValues,
  profile: Profile,
  context: Context,
): Promise<RankedTicket | undefined> {
  const { insecurePermissions } = values;
  const given: TicketSource | undefined = values.ticket ??
    (values.ticketFile === undefined ? undefined : { file: values.ticketFile });
  if (given !== undefined) {
    const ticket = await readTicket(given, insecurePermissions);
    return { ticket, rank: rankOf("ticket", context) };
  }
  const named = values.nodeAddr ?? values.nodePubkey ?? values.nodeId;
  if (profile.ticket === undefined || named !== undefined) return undefined;
  const beside = profile.nodeAddr !== undefined
    ? "node_addr"
    : profile.nodePubkey !== undefined
    ? "node_pubkey"
    : profile.nodeId !== undefined
    ? "node_id"
    : undefined;
  if (beside !== undefined) {
    throw new UsageError(
      `profile '${profile.name}' sets both ticket and ${beside}`,
      { hint: "keep one of them" },
    );
  }
  return {
    ticket: await readProfileTicket(profile, profile.ticket, values),
    rank: RANK.profile,
  };
}

async function readProfileTicket(
  { name }: Profile,
  text: string,
  { insecurePermissions }: AttachValues,
): Promise<Ticket> {
  try {
    return await readTicket(TICKET.parse(text), insecurePermissions);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof RangeError)) {
      throw error;
    }
    throw new UsageError(`ticket of profile '${name}': ${error.message}`, {
      cause: error,
    });
  }
}

/** The key: the one given beside a ticket at least as explicitly, else the ticket's own. */
async function choosePsk(
  values: AttachValues,
  profile: Profile,
  chosen: RankedTicket | undefined,
  context: Context,
): Promise<Uint8Array | undefined> {
  const own = chosen?.ticket.psk;
  const rank = values.pskHex !== undefined
    ? rankOf("psk-hex", context)
    : values.pskFile !== undefined
    ? rankOf("psk-file", context)
    : profile.pskHex !== undefined || profile.pskFile !== undefined
    ? RANK.profile
    : RANK.none;
  if (chosen !== undefined && own !== undefined && chosen.rank > rank) {
    return own;
  }
  return (await resolvePsk(values, profile))?.bytes ?? own;
}

/** What is needed to reach a node. */
type NodeFields = Pick<
  AttachTarget,
  "addresses" | "publicKey" | "nodeId" | "psk" | "ticket"
>;

function fromTicket(ticket: Ticket, psk: Uint8Array | undefined): NodeFields {
  if (psk === undefined) {
    throw new UsageError("the ticket carries no pre-shared key", {
      hint:
        "give it with --psk-file, NET_MESH_PSK_FILE or psk_file in the profile, or ask for a ticket of 'serve --ticket-psk'",
    });
  }
  const { addresses, publicKey } = ticket;
  return { addresses, publicKey, nodeId: nodeIdOf(publicKey), psk, ticket };
}

/** Takes each field from its flag, else from the profile. */
function fromFields(
  values: AttachValues,
  profile: Profile,
  psk: Uint8Array | undefined,
  verb: string,
): NodeFields {
  const address = values.nodeAddr ??
    fromProfile(profile, "node_addr", profile.nodeAddr, DIAL_ADDRESS);
  const publicKey = values.nodePubkey ??
    fromProfile(profile, "node_pubkey", profile.nodePubkey, HEX32);
  const nodeId = values.nodeId ??
    fromProfile(profile, "node_id", profile.nodeId, U64);
  if (
    address === undefined && publicKey === undefined && nodeId === undefined &&
    psk === undefined
  ) {
    throw new UsageError(`${verb} needs a node to attach to`, {
      hint:
        "give --ticket, or --node-addr, --node-pubkey and --psk-file (and, if you like, --node-id), as 'net-transfer serve' prints them, or a profile that sets them",
    });
  }
  if (address === undefined) throw missing(verb, "node-addr", "node_addr");
  if (publicKey === undefined) {
    throw missing(verb, "node-pubkey", "node_pubkey");
  }
  if (psk === undefined) throw missing(verb, "psk-file", "psk_file");
  const derived = nodeIdOf(publicKey);
  if (nodeId !== undefined && nodeId !== derived) {
    throw new UsageError(
      `node id ${nodeId} does not belong to the public key, whose id is ${derived}`,
      { hint: "leave --node-id out, or check which of the two is wrong" },
    );
  }
  const addresses = [formatHostPort(address)];
  return { addresses, publicKey, nodeId: derived, psk };
}

/**
 * Finds out which node to attach to.
 *
 * @param values The parsed options.
 * @param verb The verb, for messages.
 * @throws {UsageError} When something is missing or does not fit together.
 * @throws {ConfigError} When the configuration file cannot be used.
 */
export async function resolveAttachTarget(
  values: AttachValues,
  verb: string,
  context: Context,
): Promise<AttachTarget> {
  const profile = await chosenProfile(values, context);
  return await inStage(
    "setup",
    () => resolveWith(profile, values, verb, context),
  );
}

async function resolveWith(
  profile: Profile,
  values: AttachValues,
  verb: string,
  context: Context,
): Promise<AttachTarget> {
  if (profile.endpoint !== undefined && profile.endpoint !== "in-process") {
    throw new UsageError(
      `endpoint '${profile.endpoint}' of profile '${profile.name}' is not supported`,
      { hint: "remove it, or set it to in-process" },
    );
  }
  const chosen = await chooseTicket(values, profile, context);
  const psk = await choosePsk(values, profile, chosen, context);
  return {
    ...(chosen === undefined
      ? fromFields(values, profile, psk, verb)
      : fromTicket(chosen.ticket, psk)),
    identity: values.identity ?? profile.identity,
    connectTimeoutMs: values.connectTimeout ?? ATTACH_BUDGET_MS,
    requestTimeoutMs: context.globals.timeout ?? profile.defaultTimeoutMs ??
      REQUEST_TIMEOUT_MS,
  };
}

function missing(verb: string, name: string, key: string): UsageError {
  const alternative = name === "psk-file" ? ", --psk-hex" : "";
  return new UsageError(
    `${verb} needs --${name}${alternative} or ${key} in the profile`,
    { hint: "'net-transfer serve' prints the flags, ready to paste" },
  );
}
