/** What the verbs that fetch have in common. */

import type { BlobRef } from "../../content/mod.ts";
import { UsageError } from "../../errors.ts";
import type { Loss } from "../../landing/mod.ts";
import type {
  KeepEvent,
  Session,
  Ticket,
  TicketContent,
} from "../../mesh/mod.ts";
import {
  type FetchBlobResult,
  type FetchOptions,
  type FetchPreview,
  type ProgressEvent,
  resolveTicketRef,
} from "../../transfer/mod.ts";
import type { Context } from "../command.ts";
import {
  displayOption,
  flag,
  grouped,
  type Option,
  optional,
  type OptionTable,
  type ValuesOf,
} from "../framework/options/option.ts";
import { type Fields, Float, Id } from "../framework/output/report.ts";
import type { ProgressMode } from "../framework/progress/progress_display.ts";
import {
  type ReportProgress,
  withProgress,
} from "../framework/progress/with_progress.ts";
import { formatBytes, formatRate, formatSeconds } from "../../text/human.ts";
import type { Log } from "../framework/terminal/log.ts";
import { attach } from "../node/attach.ts";
import { NODE_SOURCE } from "../node/named_node.ts";
import { ATTACH_OPTIONS, CONGESTION } from "../node/node_options.ts";
import { LIMIT_RATE } from "../options/rate.ts";
import { readReference } from "../node/read_given.ts";
import { readAttachTarget } from "../node/read_settings.ts";
import { givenTimeout } from "../node/settings.ts";
import {
  contentOf,
  isTicket,
  REFERENCE,
  type ReferenceSource,
} from "../node/reference.ts";
import { keepNote, logKeepEvent } from "../progress/keep_updates.ts";
import { fetchUpdate } from "../progress/progress_updates.ts";
import { inStage } from "../stage.ts";
import { lossFields, type TargetDecision } from "./decide_target.ts";
import {
  type FOUND_OPTIONS,
  type FoundOptions,
  readFound,
} from "./found_options.ts";
import { reportPath } from "./path_report.ts";
import { takeTurns, WAIT_OPTION } from "./take_turns.ts";
import { KeptForNext, tellingLeft } from "./telling_left.ts";

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

/** The options that say from where, and how it is to send. */
export const FETCH_OPTIONS = grouped("Network options", {
  from: optional("from", NODE_SOURCE, {
    help:
      "Fetch from this node behind the attached one, which must be a relay: an id, a public key, a ticket, or @FILE with a ticket",
    shownDefault: "the attached node",
  }),
  congestion: CONGESTION,
});

/** The options that say where from, and whether at all. */
export const RECEIVE_OPTIONS = {
  ...FETCH_OPTIONS,
  limitRate: LIMIT_RATE,
  dryRun: flag("dry-run", {
    help:
      "Tell what would be fetched and replaced, and whether the node has it; write nothing",
  }),
  ...WAIT_OPTION,
  ...ATTACH_OPTIONS,
} satisfies OptionTable;

export function fsyncOptions(
  byDefault: boolean,
): Record<"fsync" | "noFsync", Option<boolean>> {
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

interface ReceiveValues
  extends ValuesOf<typeof RECEIVE_OPTIONS & typeof FOUND_OPTIONS> {
  readonly out: string;
  readonly progress: ProgressMode;
}

type Preview = FetchPreview & { readonly warnings?: readonly string[] };

/** Fetches a reference, or does all of it but the writing. */
type Fetch<R> = (
  session: Session,
  ref: BlobRef,
  options: FetchOptions & FoundOptions,
  decision: TargetDecision | undefined,
) => Promise<R>;

interface Receiving<R extends FetchBlobResult, P extends Preview> {
  readonly kind: TicketContent["kind"];
  readonly given: ReferenceSource | undefined;
  readonly option: Option<ReferenceSource | undefined>;
  /** What is being done, for the progress: `fetching blob`. */
  readonly label: string;
  /** Judges the target before the network is touched. */
  readonly decide?: () => Promise<TargetDecision>;
  readonly fetch: Fetch<R>;
  readonly preview: Fetch<P>;
  /** The result fields that tell how much it is. */
  readonly sizes: (result: R | P) => Fields;
  /** What is received, for people: `photo.raw`. */
  readonly describe: (result: R | P) => string;
  /** Result fields after the pace of a fetch. */
  readonly made?: (result: R) => Fields;
  readonly last?: (result: R | P) => Fields;
  /** Fails when the result is there, but not all of it. */
  readonly finish?: (result: R | P) => void;
  readonly to?: "stdout" | "stderr";
}

/** Attaches, fetches or previews what the reference names, and prints the result. */
export async function receive<R extends FetchBlobResult, P extends Preview>(
  receiving: Receiving<R, P>,
  values: ReceiveValues,
  context: Context,
): Promise<void> {
  const { kind, given, option, sizes, describe, made, last, to } = receiving;
  const { out, dryRun, insecurePermissions } = values;
  const read = given &&
    referenceOf(await readReference(given, insecurePermissions), kind);
  const target = await readAttachTarget(values, `recv-${kind}`, context);
  const wanted = read ??
    await inStage(
      "setup",
      () => referenceOfTicket(target.ticket, kind, option),
    );
  const stage = `recv_${kind}` as const;
  const found = await inStage(stage, () => readFound(values, target));
  await using _store = found.store;
  const decide = () => inStage(stage, () => receiving.decide?.());
  const judged = await decide();
  const keeping = new Keeping(context.log);
  const kept = new KeptForNext();
  await using attachment = await attach(
    target,
    context,
    keeping.onEvent,
    values.progress,
  );
  const { session, peer } = attachment;
  const about = { label: `${receiving.label} from peer ${peer}` };
  const options = {
    ...found,
    signal: context.signal,
    timeoutMs: givenTimeout(target.requestTimeoutMs),
  };
  const work = async (decision?: TargetDecision): Promise<R | P> => {
    const ref = "form" in wanted
      ? await resolveTicketRef(wanted, session, options)
      : wanted;
    if (dryRun) return await receiving.preview(session, ref, options, decision);
    return await withProgress(
      values.progress,
      about,
      context,
      (report) => {
        keeping.report = report;
        const onProgress = (event: ProgressEvent) => {
          kept.note(event);
          report?.(fetchUpdate(event));
        };
        const how = { ...options, onProgress };
        return receiving.fetch(session, ref, how, decision);
      },
    );
  };
  const lands = !dryRun && to !== "stderr";
  const turn = {
    out,
    decide,
    decision: judged,
    run: (decision?: TargetDecision) => attachment.use(() => work(decision)),
  };
  const { result, decision } = await inStage(
    stage,
    () =>
      tellingLeft(
        lands ? out : undefined,
        context,
        kept,
        () => takeTurns(turn, values, context),
      ),
  );
  for (const warning of result.warnings ?? []) context.log.warn(warning);
  const path = "durationMs" in result
    ? await reportPath(session, result, target.options.nodeId, context)
    : undefined;
  const fields = "durationMs" in result
    ? fetchFields(
      result,
      session.remote.address,
      keeping.attached,
      made?.(result),
    )
    : previewFields(result, context.log, decision?.loss);
  const isReplaced = "durationMs" in result && decision?.loss !== undefined &&
    !("isLeftInPlace" in result && result.isLeftInPlace === true);
  await context.emit({
    fields: {
      peer: new Id(peer),
      out,
      ...sizes(result),
      ...fields,
      limit_rate: target.options.limitRate,
      ...(isReplaced && lossFields(decision?.loss)),
      ...last?.(result),
      path,
    },
    text: () =>
      "durationMs" in result
        ? `received ${describe(result)}${describePace(result, peer)}`
        : `would receive ${describe(result)}${describePreview(result, peer)}`,
  }, to);
  receiving.finish?.(result);
}

/** Tells people and programs what becomes of the session, and counts. */
class Keeping {
  /** How often it was attached to again. */
  attached = 0;
  report: ReportProgress | undefined;
  #isLost = false;

  constructor(private readonly log: Log) {}

  readonly onEvent = (event: KeepEvent): void => {
    if (event.type === "attached") this.attached++;
    logKeepEvent(this.log, event);
    const note = keepNote(event);
    // A holder that is silent at first is lost but once.
    if (note === undefined || note.isStop && this.#isLost) return;
    this.#isLost = note.isStop;
    this.report?.({ note });
  };
}

/** The reference that was given, itself or in a ticket. */
function referenceOf(
  given: BlobRef | Ticket,
  kind: TicketContent["kind"],
): BlobRef | TicketContent {
  const found = isTicket(given) ? contentOf(given, kind) : given;
  if (found !== undefined) return found;
  throw new UsageError("the ticket carries no reference", {
    hint:
      "take the ticket that 'net-transfer serve' printed beside the path, or give the hex",
  });
}

/** The reference that the ticket carries which names the node. */
function referenceOfTicket(
  ticket: Ticket | undefined,
  kind: TicketContent["kind"],
  option: Option<ReferenceSource | undefined>,
): TicketContent {
  const content = ticket && contentOf(ticket, kind);
  if (content !== undefined) return content;
  throw new UsageError(
    `the following required argument was not provided: ${
      displayOption(option)
    }`,
    {
      hint: ticket === undefined
        ? "or attach with a ticket that carries a reference"
        : "the ticket carries no reference",
    },
  );
}

type Fetched =
  & Pick<
    FetchBlobResult,
    "bytes" | "bytesFetched" | "bytesReused" | "resumed" | "durationMs"
  >
  & { readonly filesUnchanged?: number };

function secondsOf({ durationMs }: Fetched): number {
  return durationMs / 1000;
}

/** Bytes per second, 0 when no time was measured. */
function rateOf(fetched: Fetched): number {
  const seconds = secondsOf(fetched);
  return seconds > 0 ? Number(fetched.bytes) / seconds : 0;
}

/**
 * The result fields of a fetch: how fast it was, what it `made`, where the
 * bytes came from.
 */
function fetchFields(
  fetched: Fetched,
  address: string,
  reattached: number,
  made: Fields = {},
): Fields {
  const { bytesFetched } = fetched;
  return {
    duration_secs: new Float(secondsOf(fetched)),
    throughput_mib_s: new Float(rateOf(fetched) / 2 ** 20),
    ...made,
    bytes_fetched: bytesFetched,
    bytes_reused: fetched.bytesReused,
    resumed: fetched.resumed,
    sources: [{ source: address, bytes: bytesFetched }],
    files_unchanged: fetched.filesUnchanged,
    reattached,
  };
}

/** Says the same to people: `1.5 GiB in 12.0 s (128.0 MiB/s) from node 7`. */
function describePace(fetched: Fetched, peer: bigint): string {
  const time = formatSeconds(secondsOf(fetched));
  const rate = formatRate(rateOf(fetched));
  return `${formatBytes(fetched.bytes)} in ${time} (${rate}) from node ${peer}`;
}

/** The result fields of a dry run, and a warning where the fetch would fail. */
function previewFields(
  preview: FetchPreview,
  log: Log,
  loss: Loss | undefined,
): Fields {
  const { chunks, chunksMissing, bytesToFetch, bytesMissing } = preview;
  if (chunksMissing > 0) {
    log.warn("the node lacks a part of it: the fetch would fail", {
      chunks: chunksMissing,
      bytes: bytesMissing,
    });
  }
  return {
    dry_run: true,
    bytes_to_fetch: bytesToFetch,
    bytes_reused: preview.bytesReused,
    chunks,
    bytes_missing: bytesMissing,
    chunks_missing: chunksMissing,
    replaces: preview.replaces,
    ...lossFields(loss),
  };
}

/** Says the same to people, after what would be received. */
function describePreview(
  { bytesToFetch, chunksMissing, replaces }: FetchPreview,
  peer: bigint,
): string {
  const size = bytesToFetch === undefined
    ? "one chunk of unknown size"
    : formatBytes(bytesToFetch);
  const parts = [`${size} to fetch from node ${peer}`];
  if (chunksMissing > 0) {
    const are = chunksMissing === 1 ? "chunk is" : "chunks are";
    parts.push(`${chunksMissing} ${are} not there`);
  }
  if (replaces) parts.push("replaces what is there");
  return parts.join("; ");
}
