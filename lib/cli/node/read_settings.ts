/**
 * The one step that reads files for settings, beside the pure `settings.ts`.
 */

import { UsageError } from "../../errors.ts";
import {
  type CongestionAlgorithm,
  type Identity,
  loadIdentity,
  type Ticket,
} from "../../mesh/mod.ts";
import type { Context } from "../command.ts";
import { inStage } from "../stage.ts";
import { readConfigFile } from "./config_file.ts";
import type { NamedNode, NodeSource, TicketSource } from "./named_node.ts";
import type { AttachValues } from "./node_options.ts";
import { type Profile, profileOfFile } from "./profile.ts";
import { readNodeSource, readPsk, readTicket } from "./read_given.ts";
import {
  type AttachSettings,
  chooseTicket,
  resolveAttach,
  type Setting,
  type Sources,
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
    /** 32 bytes. */
    readonly psk: Uint8Array;
    readonly identity?: Identity;
    readonly connectTimeoutMs: number;
    readonly congestion?: CongestionAlgorithm;
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
  /** What the profile says of what fetches find on this machine. */
  readonly found: Pick<Profile["lists"], "reuse"> & Profile["flags"];
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

/** Finds out which node to attach to, and reads the keys to do so. */
export async function readAttachTarget(
  { from, ...values }: AttachValues & {
    readonly from?: NodeSource;
    readonly congestion?: CongestionAlgorithm;
    readonly limitRate?: number;
  },
  verb: string,
  context: Surroundings,
): Promise<AttachTarget> {
  const { insecurePermissions } = values;
  const sources = await readSources(values, context);
  const { lists, flags } = sources.profile;
  return await inStage("setup", async () => {
    const chosen = chooseTicket(sources);
    const ticket = chosen &&
      await readChosenTicket(chosen, insecurePermissions);
    const settings = resolveAttach(sources, ticket, verb);
    const { nodeId, identity, requestTimeoutMs } = settings;
    const psk = await readPsk(settings.psk.value, insecurePermissions);
    return {
      options: {
        addresses: settings.addresses.value,
        publicKey: settings.publicKey.value,
        nodeId,
        psk: psk.bytes,
        identity: identity &&
          await loadIdentity(identity.value, { insecurePermissions }),
        connectTimeoutMs: settings.connectTimeoutMs.value,
        congestion: settings.congestion?.value,
        limitRate: limitOf(settings.limitRate),
      },
      source: from === undefined
        ? { nodeId }
        : await readNodeSource(from, insecurePermissions),
      ticket: ticket?.value,
      requestTimeoutMs,
      found: { reuse: lists.reuse, resume: flags.resume },
    };
  });
}
