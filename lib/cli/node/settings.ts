// Settings are resolved from options, environment, profile and ticket, in this
// order. Nothing is read here.

import { UsageError } from "../../errors.ts";
import { ATTACH_BUDGET_MS, REQUEST_TIMEOUT_MS } from "../../limits.ts";
import {
  type CongestionAlgorithm,
  type DirectMode,
  formatAddress,
  nodeIdOf,
  type Ticket,
  type TicketRelay,
} from "../../mesh/mod.ts";
import { HEX32, SECRET_HEX32 } from "../framework/options/hex32.ts";
import { FILE, U64 } from "../framework/options/value_kind.ts";
import { DIAL_ADDRESS } from "../options/address.ts";
import { RATE } from "../options/rate.ts";
import { STORE_MAX } from "../options/store_max.ts";
import { dialSource, TICKET, type TicketSource } from "./named_node.ts";
import { shownNode } from "./shown_node.ts";
import { SOURCE, type SourcePlace } from "./source_place.ts";
import { CONGESTION_CONTROL, DIRECT_MODE } from "./node_options.ts";
import type { Profile, ProfileKey } from "./profile.ts";
import {
  defaultOf,
  isMoreExplicit,
  map,
  optionOf,
  profileListOf,
  profileOf,
  type Setting,
  type Sources,
} from "./setting.ts";

/** A pre-shared key: 32 bytes, or the file that holds it. */
export type PskSource =
  | { readonly bytes: Uint8Array }
  | { readonly file: string };

export interface KeySettings {
  readonly identity?: Setting<string>;
  readonly psk?: Setting<PskSource>;
  /** Congestion control; without it the peer's wish counts. */
  readonly congestion?: Setting<CongestionAlgorithm>;
  /** Whether sessions by way of a relay may go past it. */
  readonly direct?: Setting<DirectMode>;
  /** Content in bytes per second at most: sent by a holder, or fetched. */
  readonly limitRate?: Setting<number>;
  /** The same, sent to each node. */
  readonly limitRateSession?: Setting<number>;
  /** Bytes that a cache keeps at most. */
  readonly storeMax?: Setting<number>;
}

interface NodeSettings {
  /** Where it may be reached, each as `host:port`. */
  readonly addresses: Setting<readonly string[]>;
  /** Its X25519 public key, 32 bytes. */
  readonly publicKey: Setting<Uint8Array>;
  readonly nodeId: bigint;
  readonly psk: Setting<PskSource>;
  /** By way of whom it may be reached as well. */
  readonly relay?: RelaySettings;
}

/** How the relay of a node is attached to. */
export interface RelaySettings
  extends Pick<TicketRelay, "addresses" | "publicKey"> {
  readonly psk: Setting<PskSource>;
}

export interface AttachSettings extends NodeSettings, KeySettings {
  readonly psk: Setting<PskSource>;
  readonly connectTimeoutMs: Setting<number>;
  /** Time limit of a request without progress, in milliseconds. */
  readonly requestTimeoutMs: Setting<number>;
}

const toFile = (file: string): { file: string } => ({ file });
const toBytes = (bytes: Uint8Array): { bytes: Uint8Array } => ({ bytes });

function requireOne(
  { name, texts }: Profile,
  key: ProfileKey,
  others: readonly ProfileKey[],
): void {
  const other = others.find((other) => texts[other] !== undefined);
  if (texts[key] === undefined || other === undefined) return;
  throw new UsageError(`profile '${name}' sets both ${key} and ${other}`, {
    hint: "keep one of them",
  });
}

/**
 * The ticket that names the node; options that name one supersede that of the
 * profile.
 */
export function chooseTicket(
  sources: Sources,
): Setting<TicketSource> | undefined {
  const { values: { nodeAddr, nodePubkey, nodeId }, profile } = sources;
  const given = optionOf(sources, "ticket") ??
    map(optionOf(sources, "ticketFile"), toFile);
  if (given !== undefined) return given;
  if ((nodeAddr ?? nodePubkey ?? nodeId) !== undefined) return undefined;
  requireOne(profile, "ticket", ["node_addr", "node_pubkey", "node_id"]);
  return profileOf(sources, "ticket", TICKET);
}

/**
 * A key given beside the ticket, unless the ticket has one and was given more
 * explicitly.
 */
function resolvePsk(
  sources: Sources,
  ticket: Setting<Ticket> | undefined,
): Setting<PskSource> | undefined {
  const given: Setting<PskSource> | undefined =
    map(optionOf(sources, "pskHex"), toBytes) ??
      map(optionOf(sources, "pskFile"), toFile);
  const bytes = ticket?.value.psk;
  const own = ticket && bytes && { ...ticket, value: { bytes } };
  const beside = given?.origin.kind ?? "profile";
  if (own && isMoreExplicit(own.origin, beside)) return own;
  if (given !== undefined) return given;
  requireOne(sources.profile, "psk_hex", ["psk_file"]);
  return map(profileOf(sources, "psk_hex", SECRET_HEX32), toBytes) ??
    map(profileOf(sources, "psk_file", FILE), toFile) ?? own;
}

export function resolveKeys(
  sources: Sources,
  ticket?: Setting<Ticket>,
): KeySettings {
  return {
    identity: optionOf(sources, "identity") ??
      profileOf(sources, "identity", FILE),
    psk: resolvePsk(sources, ticket),
    congestion: optionOf(sources, "congestion") ??
      profileOf(sources, "congestion", CONGESTION_CONTROL),
    direct: optionOf(sources, "direct") ??
      profileOf(sources, "direct", DIRECT_MODE),
    limitRate: optionOf(sources, "limitRate") ??
      profileOf(sources, "limit_rate", RATE),
    limitRateSession: optionOf(sources, "limitRateSession") ??
      profileOf(sources, "limit_rate_session", RATE),
    storeMax: optionOf(sources, "storeMax") ??
      profileOf(sources, "store_max", STORE_MAX),
  };
}

/**
 * How the relay of a ticket is attached to: with its own key, else with the one
 * that is given beside the ticket, else with the node's.
 */
function relayOf(
  sources: Sources,
  { value: { relay }, origin }: Setting<Ticket>,
  nodePsk: Setting<PskSource>,
): RelaySettings | undefined {
  if (relay === undefined) return undefined;
  const { addresses, publicKey, psk: bytes } = relay;
  const psk = bytes === undefined
    ? resolvePsk(sources, undefined) ?? nodePsk
    : { value: { bytes }, origin };
  return { addresses, publicKey, psk };
}

/** The meeting point that the profile names. */
export function profilePoint(sources: Sources): TicketSource | undefined {
  return profileOf(sources, "meet", dialSource("POINT"))?.value;
}

function nodeOfTicket(
  sources: Sources,
  ticket: Setting<Ticket>,
  { psk }: KeySettings,
): NodeSettings {
  const { value: { addresses, publicKey }, origin } = ticket;
  if (psk === undefined) {
    throw new UsageError("the ticket carries no pre-shared key", {
      hint:
        "give it with --psk-file, NET_MESH_PSK_FILE or psk_file in the profile, or ask for a ticket of 'serve --ticket-psk'",
    });
  }
  return {
    addresses: { value: addresses, origin },
    publicKey: { value: publicKey, origin },
    nodeId: nodeIdOf(publicKey),
    psk,
    relay: relayOf(sources, ticket, psk),
  };
}

function nodeOfFields(
  sources: Sources,
  { psk }: KeySettings,
  verb: string,
): NodeSettings {
  const address = optionOf(sources, "nodeAddr") ??
    profileOf(sources, "node_addr", DIAL_ADDRESS);
  const publicKey = optionOf(sources, "nodePubkey") ??
    profileOf(sources, "node_pubkey", HEX32);
  const id = optionOf(sources, "nodeId") ?? profileOf(sources, "node_id", U64);
  if ((address ?? publicKey ?? id ?? psk) === undefined) {
    throw new UsageError(`${verb} needs a node to attach to`, {
      hint:
        "give --ticket, or --node-addr, --node-pubkey and --psk-file (and, if you like, --node-id), as 'net-transfer serve' prints them, or a profile that sets them",
    });
  }
  const missing = (what: string) =>
    new UsageError(`${verb} needs ${what} in the profile`, {
      hint: "'net-transfer serve' prints the flags, ready to paste",
    });
  if (address === undefined) throw missing("--node-addr or node_addr");
  if (publicKey === undefined) throw missing("--node-pubkey or node_pubkey");
  if (psk === undefined) throw missing("--psk-file, --psk-hex or psk_file");
  const nodeId = nodeIdOf(publicKey.value);
  if (id !== undefined && id.value !== nodeId) {
    const isRounded = Number(id.value) === Number(nodeId);
    throw new UsageError(
      `node id ${id.value} does not belong to the public key, whose id is ${nodeId}`,
      {
        hint: isRounded
          ? "a tool has rounded it; give node_id_hex, or leave --node-id out"
          : "leave --node-id out, or check which of the two is wrong",
      },
    );
  }
  const addresses = { ...address, value: [formatAddress(address.value)] };
  return { addresses, publicKey, nodeId, psk };
}

export function resolveAttach(
  sources: Sources,
  ticket: Setting<Ticket> | undefined,
  verb: string,
): AttachSettings {
  const { name, texts: { endpoint } } = sources.profile;
  if (endpoint !== undefined && endpoint !== "in-process") {
    throw new UsageError(
      `endpoint '${endpoint}' of profile '${name}' is not supported`,
      { hint: "remove it, or set it to in-process" },
    );
  }
  const keys = resolveKeys(sources, ticket);
  const node = ticket === undefined
    ? nodeOfFields(sources, keys, verb)
    : nodeOfTicket(sources, ticket, keys);
  return { ...keys, ...node, ...resolveTimes(sources) };
}

/** How long things may take. */
export function resolveTimes(
  sources: Sources,
): Pick<AttachSettings, "connectTimeoutMs" | "requestTimeoutMs"> {
  return {
    connectTimeoutMs: optionOf(sources, "connectTimeout") ??
      defaultOf(ATTACH_BUDGET_MS),
    requestTimeoutMs: optionOf(sources, "timeout") ??
      timeoutOf(sources.profile) ?? defaultOf(REQUEST_TIMEOUT_MS),
  };
}

/** Whether options or the profile name a node, by a ticket or without. */
export function namesNode(sources: Sources): boolean {
  const { values: { nodeAddr, nodePubkey, nodeId }, profile } = sources;
  const { node_addr, node_pubkey, node_id } = profile.texts;
  const named = nodeAddr ?? nodePubkey ?? nodeId ?? node_addr ?? node_pubkey ??
    node_id ?? chooseTicket(sources);
  return named !== undefined;
}

/** The further sources of a fetch; those of options supersede the profile's. */
export function chooseSources(
  sources: Sources,
  given: readonly SourcePlace[],
): Setting<SourcePlace>[] {
  if (given.length === 0) return profileListOf(sources, "sources", SOURCE);
  const origin = { kind: "flag", name: "--source" } as const;
  return given.map((value) => ({ value, origin }));
}

/**
 * How a further source is attached to: with the key of its own ticket, else with
 * the one that is given for all.
 */
export function resolveSource(
  sources: Sources,
  ticket: Setting<Ticket>,
): AttachSettings {
  const shared = resolveKeys(sources);
  const { value, origin } = ticket;
  const { psk: bytes } = value;
  const psk = bytes === undefined ? shared.psk : { value: { bytes }, origin };
  if (psk === undefined) {
    throw new UsageError(
      `the source ${shownNode(value)} (${origin.name}) needs a pre-shared key`,
      {
        hint:
          "give it with --psk-file, NET_MESH_PSK_FILE or psk_file in the profile, or name the source by a ticket of 'serve --ticket-psk'",
      },
    );
  }
  const keys = { ...shared, psk };
  return {
    ...keys,
    ...nodeOfTicket(sources, ticket, keys),
    ...resolveTimes(sources),
  };
}

function timeoutOf(
  { name, defaultTimeoutMs: value }: Profile,
): Setting<number> | undefined {
  if (value === undefined) return undefined;
  const key = `default_timeout_ms of profile '${name}'`;
  return { value, origin: { kind: "profile", name: key } };
}

/** A time limit that somebody has set; `undefined` where the default holds. */
export function givenTimeout(
  { value, origin }: Setting<number>,
): number | undefined {
  return origin.kind === "default" ? undefined : value;
}
