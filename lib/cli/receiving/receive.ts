/** What the verbs that fetch have in common. */

import type { BlobRef } from "../../content/mod.ts";
import { UsageError } from "../../errors.ts";
import type { Ticket, TicketContent } from "../../mesh/mod.ts";
import {
  type FetchBlobResult,
  type FetchFrom,
  type FetchOptions,
  type FetchPreview,
  type ProgressEvent,
  resolveTicketRef,
} from "../../transfer/mod.ts";
import { FETCH_CONNECTIONS_MAX } from "../../limits.ts";
import type { Context } from "../command.ts";
import {
  displayOption,
  flag,
  grouped,
  type Option,
  optional,
  type OptionTable,
  repeatable,
  type ValuesOf,
} from "../framework/options/option.ts";
import { type Fields, Id } from "../framework/output/report.ts";
import type { ProgressMode } from "../framework/progress/progress_display.ts";
import { withProgress } from "../framework/progress/with_progress.ts";
import { NODE_SOURCE } from "../node/named_node.ts";
import { ATTACH_OPTIONS, CONGESTION, DIRECT } from "../node/node_options.ts";
import { SOURCE } from "../node/source_place.ts";
import { count } from "../framework/options/value_kind.ts";
import { LIMIT_RATE } from "../options/rate.ts";
import { readReference } from "../node/read_given.ts";
import { readFetchTargets } from "../node/read_settings.ts";
import { givenTimeout } from "../node/settings.ts";
import {
  contentOf,
  isTicket,
  REFERENCE,
  type ReferenceSource,
} from "../node/reference.ts";
import { fetchUpdate } from "../progress/progress_updates.ts";
import { inStage } from "../stage.ts";
import type { Getting, Looked } from "./asking.ts";
import { lossFields, type TargetDecision } from "./decide_target.ts";
import {
  type FOUND_OPTIONS,
  type FoundOptions,
  readFound,
} from "./found_options.ts";
import {
  describePace,
  describePreview,
  fetchFields,
  previewFields,
} from "./fetch_report.ts";
import { Keeping } from "./keeping.ts";
import { type OpenedFetch, openFetch, ticketsOf } from "./open_fetch.ts";
import { reportPath } from "./path_report.ts";
import { routeWatch, shownRoute } from "./shown_route.ts";
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
  direct: DIRECT,
  congestion: CONGESTION,
});

/** The options that have several sources or connections share the work. */
const SHARING_OPTIONS = grouped("Network options", {
  source: repeatable("source", SOURCE, {
    help:
      "Fetch from this place, too, at the same time: a ticket or @FILE, ADDR:PORT#KEY, http(s)://BASE or s3://BUCKET/PREFIX; what is slow brings less, what is bad is done without",
  }),
  connections: optional("connections", count(1, FETCH_CONNECTIONS_MAX), {
    help: "Connections to each node, at most",
    shownDefault: "3 on short paths, else 1",
  }),
});

/** The options that say where from besides the node, and whether at all. */
export const PLACE_OPTIONS = {
  ...FETCH_OPTIONS,
  ...SHARING_OPTIONS,
  limitRate: LIMIT_RATE,
  dryRun: flag("dry-run", {
    help:
      "Tell what would be fetched and replaced, and whether the node has it; write nothing",
  }),
  ...WAIT_OPTION,
} satisfies OptionTable;

/** The same, and which node. */
export const RECEIVE_OPTIONS = {
  ...PLACE_OPTIONS,
  ...ATTACH_OPTIONS,
} satisfies OptionTable;

/** @param notes What is said behind each, such as that it is the default. */
export function fsyncOptions(
  notes: { readonly fsync?: string; readonly noFsync?: string },
): Record<"fsync" | "noFsync", Option<boolean>> {
  const note = (text: string | undefined) => text ? ` [${text}]` : "";
  return {
    fsync: flag("fsync", {
      conflicts: ["no-fsync"],
      help: `Flush everything to the disk before reporting success${
        note(notes.fsync)
      }`,
    }),
    noFsync: flag("no-fsync", {
      conflicts: ["fsync"],
      help: `Leave flushing to the system${note(notes.noFsync)}`,
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
  from: FetchFrom,
  ref: BlobRef,
  options: FetchOptions & FoundOptions,
  decision: TargetDecision | undefined,
) => Promise<R>;

interface Receiving<R extends FetchBlobResult, P extends Preview> {
  /** Who decides, when it is known what it is, whether it is fetched. */
  readonly getting?: Getting;
  /** Finds out how much it is, before anything is written. */
  readonly look: (
    from: FetchFrom,
    ref: BlobRef,
    options: FetchOptions,
  ) => Promise<Looked>;
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
  /** Whether all that the reference names has arrived; true, if not given. */
  readonly isWhole?: (result: R | P) => boolean;
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
  const { getting, isWhole } = receiving;
  const { out, dryRun, insecurePermissions } = values;
  const read = given &&
    referenceOf(await readReference(given, insecurePermissions), kind);
  const targets = await readFetchTargets(values, `recv-${kind}`, context);
  const wanted = read ??
    await inStage(
      "setup",
      () => referenceOfTicket(ticketsOf(targets), kind, option),
    );
  const stage = `recv_${kind}` as const;
  const found = await inStage(stage, () => readFound(values, targets));
  await using _store = found.store;
  const decide = () => inStage(stage, () => receiving.decide?.());
  const judged = await decide();
  const keeping = new Keeping(context.log);
  const kept = new KeptForNext();
  await using opened = await openFetch(
    targets,
    context,
    keeping,
    values.progress,
  );
  const { from, shown, onSource, path: way } = opened;
  const label = `${receiving.label} from ${shown}`;
  const about = { label: label + shownRoute(way) };
  const lookAtRoute = routeWatch(label, way);
  const options = {
    ...found,
    signal: context.signal,
    timeoutMs: givenTimeout(targets.requestTimeoutMs),
    onSource,
  };
  const work = async (decision?: TargetDecision): Promise<R | P> => {
    const ref = "form" in wanted
      ? await resolveTicketRef(wanted, from, options)
      : wanted;
    if (dryRun) return await receiving.preview(from, ref, options, decision);
    if (getting !== undefined) {
      const looked = await receiving.look(from, ref, options);
      await getting.ask({ ...looked, shown: nameSource(opened) });
    }
    return await withProgress(
      values.progress,
      about,
      context,
      (report) => {
        keeping.report = report;
        const onProgress = (event: ProgressEvent) => {
          kept.note(event);
          lookAtRoute(report);
          report?.(fetchUpdate(event));
        };
        const how = { ...options, onProgress };
        return receiving.fetch(from, ref, how, decision);
      },
    );
  };
  const lands = !dryRun && to !== "stderr";
  const turn = {
    out,
    decide,
    decision: judged,
    run: (decision?: TargetDecision) => opened.use(() => work(decision)),
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
  const path = "durationMs" in result && opened.path !== undefined
    ? await reportPath(opened.path, result, context)
    : undefined;
  const fields = "durationMs" in result
    ? fetchFields(result, keeping.attached, made?.(result))
    : previewFields(result, context.log, decision?.loss);
  const isReplaced = "durationMs" in result && decision?.loss !== undefined &&
    !("isLeftInPlace" in result && result.isLeftInPlace === true);
  await context.emit({
    fields: {
      peer: opened.peer === undefined ? undefined : new Id(opened.peer),
      out,
      ...sizes(result),
      ...fields,
      route: dryRun ? undefined : way?.session.route,
      limit_rate: targets.limitRate,
      ...(isReplaced && lossFields(decision?.loss)),
      ...last?.(result),
      path,
    },
    text: () =>
      "durationMs" in result
        ? `received ${describe(result)}${describePace(result, shown)}${
          shownRoute(way)
        }`
        : `would receive ${describe(result)}${describePreview(result, shown)}`,
  }, to);
  receiving.finish?.(result);
  if (opened.path !== undefined && !dryRun && isWhole?.(result) !== false) {
    // The last thing: the holder may be waiting for nothing else.
    await getting?.onArrived(opened.path.session);
  }
}

/** From whom it is, with the address where there is but one. */
function nameSource({ shown, path }: OpenedFetch): string {
  return path === undefined
    ? shown
    : `${shown} at ${path.session.remote.address}`;
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
  tickets: readonly Ticket[],
  kind: TicketContent["kind"],
  option: Option<ReferenceSource | undefined>,
): TicketContent {
  for (const ticket of tickets) {
    const content = contentOf(ticket, kind);
    if (content !== undefined) return content;
  }
  throw new UsageError(
    `the following required argument was not provided: ${
      displayOption(option)
    }`,
    {
      hint: tickets.length === 0
        ? "or attach with a ticket that carries a reference"
        : "the ticket carries no reference",
    },
  );
}
