import type { BlobRef } from "../../content/mod.ts";
import { UsageError } from "../../errors.ts";
import type { Session, Ticket, TicketContent } from "../../mesh/mod.ts";
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
  type Option,
  type ValuesOf,
} from "../framework/options/option.ts";
import type { ProgressMode } from "../framework/progress/progress_display.ts";
import { withProgress } from "../framework/progress/with_progress.ts";
import type { Fields } from "../framework/output/report.ts";
import { attach } from "../node/attach.ts";
import { readReference } from "../node/read_given.ts";
import { readAttachTarget } from "../node/read_settings.ts";
import {
  contentOf,
  isTicket,
  type ReferenceSource,
} from "../node/reference.ts";
import { fetchUpdate } from "../progress/progress_updates.ts";
import { inStage } from "../stage.ts";
import type { RECEIVE_OPTIONS } from "./receive_options.ts";
import {
  describePace,
  describePreview,
  fetchFields,
  previewFields,
} from "./result_fields.ts";

/** The values of the options that all verbs have that fetch. */
export interface ReceiveValues extends ValuesOf<typeof RECEIVE_OPTIONS> {
  readonly out: string;
  readonly progress: ProgressMode;
}

/** Where something is fetched from. */
export interface Source {
  /** The session with the node that has it. */
  readonly session: Session;
  readonly ref: BlobRef;
  /** What every request is told. */
  readonly options: FetchOptions;
}

/** What a verb fetches, and how. */
export interface Receiving<
  R extends FetchBlobResult,
  P extends FetchPreview & { readonly warnings?: readonly string[] },
> {
  readonly kind: TicketContent["kind"];
  readonly given: ReferenceSource | undefined;
  /** The option that gives it. */
  readonly option: Option<ReferenceSource | undefined>;
  /** What is being done, for the progress: `fetching blob`. */
  readonly label: string;
  readonly fetch: (source: Source) => Promise<R>;
  /** Does all of it but the writing. */
  readonly preview: (source: Source) => Promise<P>;
  /** The result fields that tell how much it is. */
  readonly sizes: (result: R | P) => Fields;
  /** What is received, for people: `photo.raw`. */
  readonly describe: (result: R | P) => string;
  /** Result fields after the pace of a fetch. */
  readonly made?: Fields;
  readonly last?: Fields;
  readonly to?: "stdout" | "stderr";
}

/** Attaches, fetches or previews what the reference names, and prints the result. */
export async function receive<
  R extends FetchBlobResult,
  P extends FetchPreview & { readonly warnings?: readonly string[] },
>(
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
  await using attachment = await attach(target, context);
  const { session, peer } = attachment;
  const about = { label: `${receiving.label} from peer ${peer}` };
  const options: FetchOptions = {
    signal: context.signal,
    timeoutMs: target.requestTimeoutMs.value,
  };
  const work = async (): Promise<R | P> => {
    const ref = "form" in wanted
      ? await resolveTicketRef(wanted, session, options)
      : wanted;
    const source = { session, ref, options };
    if (dryRun) return await receiving.preview(source);
    return await withProgress(values.progress, about, context, (report) => {
      if (report === undefined) return receiving.fetch(source);
      const onProgress = (event: ProgressEvent) => report(fetchUpdate(event));
      return receiving.fetch({
        ...source,
        options: { ...options, onProgress },
      });
    });
  };
  const result = await inStage(`recv_${kind}`, () => attachment.use(work));
  for (const warning of result.warnings ?? []) context.log.warn(warning);
  const fields = "durationMs" in result
    ? fetchFields(result, session.remote.address, made)
    : previewFields(result, context.log);
  await context.emit({
    fields: { peer, out, ...sizes(result), ...fields, ...last },
    text: () =>
      "durationMs" in result
        ? `received ${describe(result)}${describePace(result, peer)}`
        : `would receive ${describe(result)}${describePreview(result, peer)}`,
  }, to);
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
