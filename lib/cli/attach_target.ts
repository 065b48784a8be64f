/**
 * Which node to attach to: flags first, then the profile, per field.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { ATTACH_BUDGET_MS, REQUEST_TIMEOUT_MS } from "../limits.ts";
import { nodeIdOf } from "../mesh/mod.ts";
import { DIAL_ADDRESS, type HostPort } from "./address.ts";
import type { Context } from "./command.ts";
import { loadProfile, type Profile } from "./config.ts";
import { TIME_LIMIT } from "./duration.ts";
import { grouped, optional, type ValuesOf } from "./option.ts";
import { PSK_OPTIONS, resolvePsk } from "./psk.ts";
import { FILE, HEX32, U64, type ValueKind } from "./value_kind.ts";

/** The options that say which node to attach to and how. */
export const ATTACH_OPTIONS = grouped("Attach options", {
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
  /** Where the node is. */
  readonly address: HostPort;
  /** Its X25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The id that belongs to the key. */
  readonly nodeId: bigint;
  /** 32 bytes. */
  readonly psk: Uint8Array;
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
  const { globals, log } = context;
  context.enter("config_load");
  const profile = await loadProfile({
    path: globals.config,
    name: globals.profile,
    insecurePermissions: values.insecurePermissions,
    log,
  });
  context.enter("setup");
  if (profile.endpoint !== undefined && profile.endpoint !== "in-process") {
    throw new UsageError(
      `endpoint '${profile.endpoint}' of profile '${profile.name}' is not supported`,
      { hint: "remove it, or set it to in-process" },
    );
  }
  const address = values.nodeAddr ??
    fromProfile(profile, "node_addr", profile.nodeAddr, DIAL_ADDRESS);
  const publicKey = values.nodePubkey ??
    fromProfile(profile, "node_pubkey", profile.nodePubkey, HEX32);
  const nodeId = values.nodeId ??
    fromProfile(profile, "node_id", profile.nodeId, U64);
  const psk = await resolvePsk(values, profile);
  if (
    address === undefined && publicKey === undefined && nodeId === undefined &&
    psk === undefined
  ) {
    throw new UsageError(`${verb} needs a node to attach to`, {
      hint:
        "give --node-addr, --node-pubkey and --psk-file (and, if you like, --node-id) as 'net-transfer serve' prints them, or a profile that sets them",
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
  return {
    address,
    publicKey,
    nodeId: derived,
    psk: psk.bytes,
    identity: values.identity ?? profile.identity,
    connectTimeoutMs: values.connectTimeout ?? ATTACH_BUDGET_MS,
    requestTimeoutMs: globals.timeout ?? profile.defaultTimeoutMs ??
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
