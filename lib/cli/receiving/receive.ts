/**
 * What the verbs that fetch have in common.
 *
 * @module
 */

import type { BlobRef } from "../../content/mod.ts";
import type { Session, TicketContent } from "../../mesh/mod.ts";
import type { Context } from "../command.ts";
import { attachTo } from "../node/attach.ts";
import {
  ATTACH_OPTIONS,
  type AttachValues,
  resolveAttachTarget,
} from "../node/attach_target.ts";
import { NODE_SOURCE, type NodeSource } from "../node/node_source.ts";
import {
  readReference,
  REFERENCE,
  referenceOfTicket,
  type ReferenceSource,
  resolveReference,
} from "../node/reference.ts";
import {
  displayOption,
  flag,
  type Option,
  optional,
} from "../framework/options/option.ts";
import { type Fields, Float } from "../framework/output/report.ts";
import {
  formatBytes,
  formatRate,
  formatSeconds,
} from "../framework/terminal/human.ts";
import { inStage } from "../stage.ts";

/**
 * Makes the option that says what is fetched.
 *
 * @param name Without dashes.
 * @param publisher The verb that printed it.
 */
export function referenceOption(
  name: string,
  publisher: string,
): Option<ReferenceSource | undefined> {
  return optional(name, REFERENCE, {
    help:
      `What to fetch: the hex that ${publisher} printed, a ticket, @FILE, or - for stdin`,
    shownDefault: "what the ticket names",
  });
}

/** `--from`. */
const FROM: Option<NodeSource | undefined> = optional("from", NODE_SOURCE, {
  help:
    "Fetch from this node behind the attached one, which must be a relay: an id, a public key, a ticket, or @FILE with a ticket",
  shownDefault: "the attached node",
});

/** `--dry-run`. */
const DRY_RUN: Option<boolean> = flag("dry-run", {
  help:
    "Tell what would be fetched and replaced, and whether the node has it; write nothing",
});

/** The options that say where from, and whether at all. */
export type ReceiveOptions = {
  /** `--from`. */
  readonly from: Option<NodeSource | undefined>;
  /** `--dry-run`. */
  readonly dryRun: Option<boolean>;
} & typeof ATTACH_OPTIONS;

/** The options that say where from, and whether at all. */
export const RECEIVE_OPTIONS: ReceiveOptions = {
  from: FROM,
  dryRun: DRY_RUN,
  ...ATTACH_OPTIONS,
};

/** The parsed values of {@linkcode RECEIVE_OPTIONS} that say where from. */
export type SourceValues = AttachValues & {
  /** `--from`. */
  readonly from?: NodeSource;
};

/** What a verb fetches. */
export interface Wanted {
  /** What it is. */
  readonly kind: TicketContent["kind"];
  /** The reference, if it was given. */
  readonly given: ReferenceSource | undefined;
  /** The option that gives it, for messages. */
  readonly option: Option<ReferenceSource | undefined>;
}

/** Where something is fetched from. */
export interface Source {
  /** The session with the node that has it. */
  readonly session: Session;
  /** Id of that node. */
  readonly peer: bigint;
  /** What is fetched. */
  readonly ref: BlobRef;
  /** What every request is told. */
  readonly options: {
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
  };
}

/** What came of it. */
export interface Received<T> extends Pick<Source, "peer"> {
  /** Address of the node that had it. */
  readonly address: string;
  /** What `fetch` returned. */
  readonly result: T;
}

/**
 * Attaches, finds out what the reference is, and fetches.
 *
 * @param values The parsed values of {@linkcode RECEIVE_OPTIONS}.
 * @param fetch Does it, while the session is open.
 * @throws {UsageError} When no node or no reference is given.
 */
export async function receive<T>(
  { kind, given, option }: Wanted,
  values: SourceValues,
  context: Context,
  fetch: (source: Source) => Promise<T>,
): Promise<Received<T>> {
  const { insecurePermissions } = values;
  const read = given &&
    await readReference(given, { kind, insecurePermissions });
  const target = await resolveAttachTarget(values, `recv-${kind}`, context);
  const wanted = read ??
    await inStage(
      "setup",
      () => referenceOfTicket(target.ticket, kind, displayOption(option)),
    );
  await using attachment = await attachTo(target, values, context);
  const { session, peer } = attachment;
  const { signal } = context;
  const options = { signal, timeoutMs: target.requestTimeoutMs };
  const result = await inStage(
    `recv_${kind}`,
    () =>
      attachment.use(async () => {
        const ref = await resolveReference(wanted, session, options);
        return await fetch({ session, peer, ref, options });
      }),
  );
  return { peer, address: session.remote.address, result };
}

/** The options that say whether what was fetched is flushed to the disk. */
export interface FsyncOptions {
  /** `--fsync`. */
  readonly fsync: Option<boolean>;
  /** `--no-fsync`. */
  readonly noFsync: Option<boolean>;
}

/**
 * Makes the options that say whether what was fetched is flushed to the disk.
 *
 * @param byDefault What a verb does when neither is given.
 */
export function fsyncOptions(byDefault: boolean): FsyncOptions {
  const note = " [default]";
  return {
    fsync: flag("fsync", {
      conflicts: ["no-fsync"],
      help: `Flush everything to the disk before reporting success${
        byDefault ? note : ""
      }`,
    }),
    noFsync: flag("no-fsync", {
      conflicts: ["fsync"],
      help: `Leave flushing to the system${byDefault ? "" : note}`,
    }),
  };
}

/** The result fields that tell how fast it went. */
export interface Pace {
  /** Seconds. */
  readonly duration_secs: Float;
  /** Mebibytes per second, 0 when no time was measured. */
  readonly throughput_mib_s: Float;
}

/**
 * Tells how fast a transfer went.
 *
 * @param bytes Bytes of content.
 * @param milliseconds How long it took.
 */
export function paceOf(bytes: bigint, milliseconds: number): Pace {
  const seconds = milliseconds / 1000;
  const rate = seconds > 0 ? Number(bytes) / 2 ** 20 / seconds : 0;
  return {
    duration_secs: new Float(seconds),
    throughput_mib_s: new Float(rate),
  };
}

/** Says the same to people: `1.5 GiB in 12.0 s (128.0 MiB/s) from node 7`. */
export function describePace(
  bytes: bigint,
  { duration_secs: seconds, throughput_mib_s: rate }: Pace,
  peer: bigint,
): string {
  const speed = formatRate(rate.value * 2 ** 20);
  return `${formatBytes(bytes)} in ${
    formatSeconds(seconds.value)
  } (${speed}) from node ${peer}`;
}

/** The result fields that tell where the bytes came from. */
export function originFields(bytesFetched: bigint, address: string): Fields {
  return {
    bytes_fetched: bytesFetched,
    bytes_reused: 0,
    resumed: false,
    sources: [{ source: address, bytes: bytesFetched }],
  };
}
