/**
 * The one step that reads files for settings, beside the pure `settings.ts`.
 */

import { UsageError } from "../../errors.ts";
import {
  type AttachRelay,
  type CongestionAlgorithm,
  type DirectMode,
  type Identity,
  loadIdentity,
  nodeIdOf,
  type Ticket,
} from "../../mesh/mod.ts";
import type { ObjectsLocation } from "../../objects/mod.ts";
import type { Context } from "../command.ts";
import { inStage } from "../stage.ts";
import { readConfigFile } from "./config_file.ts";
import type { NamedNode, NodeSource, TicketSource } from "./named_node.ts";
import type { AttachValues } from "./node_options.ts";
import { type Profile, profileOfFile } from "./profile.ts";
import { readNodeSource, readPsk, readTicket } from "./read_given.ts";
import type { Setting, Sources } from "./setting.ts";
import { shownNode } from "./shown_node.ts";
import type { SourcePlace } from "./source_place.ts";
import { isObjects } from "./upstream.ts";
import {
  type AttachSettings,
  chooseSources,
  chooseTicket,
  namesNode,
  resolveAttach,
  resolveKeys,
  resolveSource,
  resolveTimes,
} from "./settings.ts";

/** What is needed of the surroundings. */
type Surroundings = Pick<Context, "fromEnvironment" | "globals" | "log">;

/** Everything needed to attach. */
export interface AttachTarget {
  readonly options: {
    /** Where it may be reached, each as `host:port`. */
    readonly addresses: readonly string[];
    /** Its X25519 public key, 32 bytes. */
    readonly publicKey: Uint8Array;
    readonly nodeId: bigint;
    /** By way of whom it may be reached as well. */
    readonly relay?: AttachTargetRelay;
    /** 32 bytes. */
    readonly psk: Uint8Array;
    readonly identity?: Identity;
    readonly connectTimeoutMs: number;
    readonly congestion?: CongestionAlgorithm;
    /** Whether a session by way of a relay may go past it. */
    readonly direct?: DirectMode;
    /** Content to receive at most, in bytes per second. */
    readonly limitRate?: number;
    /** Connections at most; without it as many as the path profits from. */
    readonly connections?: number;
  };
  /** The source: the node itself, or one behind it. */
  readonly source: NamedNode;
  /** The ticket that names the node, if one does. */
  readonly ticket?: Ticket;
  readonly requestTimeoutMs: AttachSettings["requestTimeoutMs"];
}

/** How the relay of a node is attached to. */
export interface AttachTargetRelay extends AttachRelay {
  readonly address: readonly string[];
}

/** A node as people are told of it. */
export function shownTarget(
  { addresses, publicKey, relay }: AttachTarget["options"],
): string {
  return shownNode({
    addresses,
    publicKey,
    relay: relay && { ...relay, addresses: relay.address },
  });
}

/** The node that passes packets on, where they do not come from the source itself. */
export function relayIdOf({ options }: AttachTarget): bigint {
  const { nodeId, relay } = options;
  return relay === undefined ? nodeId : nodeIdOf(relay.publicKey);
}

function readProfile(
  insecurePermissions: boolean,
  { globals: { config, profile: name }, log }: Surroundings,
): Promise<Profile> {
  return inStage("config_load", async () => {
    const file = await readConfigFile(config);
    if (file.exists) log.debug("configuration file", { path: file.path });
    const warn = (message: string) => log.warn(message);
    return profileOfFile(file, { name, insecurePermissions, warn });
  });
}

/** Collects what settings are resolved from. */
export async function readSources(
  values:
    & Sources["values"]
    & Pick<AttachValues, "insecurePermissions">,
  context: Surroundings,
): Promise<Sources> {
  const { fromEnvironment, globals: { timeout } } = context;
  const profile = await readProfile(values.insecurePermissions, context);
  return { values: { ...values, timeout }, fromEnvironment, profile };
}

async function readChosenTicket(
  { value, origin }: Setting<TicketSource>,
  insecure: boolean,
): Promise<Setting<Ticket>> {
  try {
    return { value: await readTicket(value, insecure), origin };
  } catch (error) {
    if (origin.kind !== "profile" || !(error instanceof UsageError)) {
      throw error;
    }
    throw new UsageError(`${origin.name}: ${error.message}`, { cause: error });
  }
}

/** The limit, unless it is none. */
function limitOf(setting: Setting<number> | undefined): number | undefined {
  return setting?.value === Infinity ? undefined : setting?.value;
}

/** What says how a node is attached to, and which one, beside a ticket. */
type NodeValues = AttachValues & {
  readonly from?: NodeSource;
  readonly congestion?: CongestionAlgorithm;
  readonly direct?: DirectMode;
  readonly limitRate?: number;
  readonly connections?: number;
};

/** Finds out which node to attach to, and reads the keys to do so. */
export async function readAttachTarget(
  values: NodeValues,
  verb: string,
  context: Surroundings,
): Promise<AttachTarget> {
  const { from: _, ...rest } = values;
  const sources = await readSources(rest, context);
  return await inStage("setup", () => readNode(sources, values, verb));
}

/** Where a fetch gets its chunks. */
export interface FetchTargets {
  /** The node that the usual options name, if they do. */
  readonly node?: AttachTarget;
  /** Further sources. */
  readonly others: readonly SourceTarget[];
  readonly requestTimeoutMs: AttachSettings["requestTimeoutMs"];
  /** Content to receive at most, in bytes per second. */
  readonly limitRate?: number;
  /** What the profile says of what fetches find on this machine. */
  readonly found: Pick<Profile["lists"], "reuse"> & Profile["flags"];
}

/** A source: a node to attach to, or where chunks lie behind HTTP. */
export type SourceTarget = AttachTarget | ObjectsLocation;

/** Finds out where to fetch from; without a node there must be another source. */
export async function readFetchTargets(
  values: NodeValues & { readonly source: readonly SourcePlace[] },
  verb: string,
  context: Surroundings,
): Promise<FetchTargets> {
  const { from, source: given, ...rest } = values;
  const sources = await readSources(rest, context);
  const { lists, flags } = sources.profile;
  return await inStage("setup", async () => {
    const places = chooseSources(sources, given);
    const hasNode = places.length === 0 || namesNode(sources);
    if (!hasNode && from !== undefined) {
      throw new UsageError("--from needs a node to attach to first", {
        hint: "give the relay with --ticket or --node-addr and --node-pubkey",
      });
    }
    return {
      ...(hasNode && { node: await readNode(sources, values, verb) }),
      others: await Promise.all(
        places.map((place) => readSource(sources, place, values)),
      ),
      requestTimeoutMs: resolveTimes(sources).requestTimeoutMs,
      limitRate: limitOf(resolveKeys(sources).limitRate),
      found: { reuse: lists.reuse, resume: flags.resume },
    };
  });
}

async function readNode(
  sources: Sources,
  { from, insecurePermissions, connections }: NodeValues,
  verb: string,
): Promise<AttachTarget> {
  const chosen = chooseTicket(sources);
  const ticket = chosen && await readChosenTicket(chosen, insecurePermissions);
  const settings = resolveAttach(sources, ticket, verb);
  const target = await readTarget(settings, insecurePermissions, connections);
  const { options } = target;
  return {
    ...target,
    // Of the further sources none is known to its relay: two may have the same.
    options: {
      ...options,
      relay: options.relay && { ...options.relay, identity: options.identity },
    },
    source: from === undefined
      ? { nodeId: settings.nodeId }
      : await readNodeSource(from, insecurePermissions),
    ticket: ticket?.value,
  };
}

async function readSource(
  sources: Sources,
  place: Setting<SourcePlace>,
  { insecurePermissions, connections }: NodeValues,
): Promise<SourceTarget> {
  const { value, origin } = place;
  if (isObjects(value)) return value;
  const named = { value, origin };
  const ticket = await readChosenTicket(named, insecurePermissions);
  const settings = resolveSource(sources, ticket);
  const target = await readTarget(settings, insecurePermissions, connections);
  return { ...target, ticket: ticket.value };
}

/** Reads the keys that settings name. */
async function readTarget(
  settings: AttachSettings,
  insecurePermissions: boolean,
  connections: number | undefined,
): Promise<AttachTarget> {
  const { nodeId, identity, relay, requestTimeoutMs } = settings;
  const psk = await readPsk(settings.psk.value, insecurePermissions);
  return {
    options: {
      addresses: settings.addresses.value,
      publicKey: settings.publicKey.value,
      nodeId,
      psk: psk.bytes,
      relay: relay && {
        address: relay.addresses,
        publicKey: relay.publicKey,
        psk: (await readPsk(relay.psk.value, insecurePermissions)).bytes,
      },
      identity: identity &&
        await loadIdentity(identity.value, { insecurePermissions }),
      connectTimeoutMs: settings.connectTimeoutMs.value,
      congestion: settings.congestion?.value,
      direct: settings.direct?.value,
      limitRate: limitOf(settings.limitRate),
      connections,
    },
    source: { nodeId },
    requestTimeoutMs,
  };
}
