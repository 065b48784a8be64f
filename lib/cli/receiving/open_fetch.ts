/** Opens what a fetch gets its chunks from. */

import { TransferError } from "../../errors.ts";
import type { Session, Ticket } from "../../mesh/mod.ts";
import { type ObjectsLocation, shownLocation } from "../../objects/mod.ts";
import type {
  ChunkReader,
  FetchFrom,
  FetchSource,
  SourceEvent,
} from "../../transfer/mod.ts";
import type { Context } from "../command.ts";
import { messageOf } from "../failure.ts";
import type { ProgressMode } from "../framework/progress/progress_display.ts";
import { withWaiting } from "../framework/progress/with_progress.ts";
import { attach } from "../node/attach.ts";
import { openReader } from "../node/open_objects.ts";
import {
  type AttachTarget,
  type FetchTargets,
  relayIdOf,
  shownTarget,
  type SourceTarget,
} from "../node/read_settings.ts";
import { givenTimeout } from "../node/settings.ts";
import { isObjects } from "../node/upstream.ts";
import { inStage, StageFailure, stageOf } from "../stage.ts";
import type { Keeping } from "./keeping.ts";
import { SharedRate } from "./shared_rate.ts";

/** What a fetch gets its chunks from, in use. */
export interface OpenedFetch extends AsyncDisposable {
  readonly from: FetchFrom;
  /** The node that the result names, if there is one. */
  readonly peer: bigint | undefined;
  /** What people are told that it is from. */
  readonly shown: string;
  /** The way that all bytes came, where there is but one. */
  readonly path?: {
    readonly session: Session;
    /** The node attached to, which is another one where that is a relay. */
    readonly relay: bigint;
  };
  readonly onSource?: (event: SourceEvent) => void;
  /** Does something with it; failures name the relay, if there is one. */
  use<T>(operation: () => Promise<T>): Promise<T>;
}

/** A source that can be fetched from. */
interface OpenedSource extends AsyncDisposable {
  readonly chunks: Session | ChunkReader;
}

/** A source that is being opened. */
interface Coming {
  readonly name: string;
  readonly opened: Promise<OpenedSource>;
}

/** The tickets of a fetch, the one that names the node first. */
export function ticketsOf({ node, others }: FetchTargets): Ticket[] {
  return nodesOf([...(node ? [node] : []), ...others])
    .flatMap(({ ticket }) => ticket ?? []);
}

/** Attaches to the node, or to all sources at once. */
export async function openFetch(
  targets: FetchTargets,
  context: Context,
  keeping: Keeping,
  progress: ProgressMode,
): Promise<OpenedFetch> {
  const { node, others } = targets;
  if (node !== undefined && others.length === 0) {
    return await openNode(node, context, keeping, progress);
  }
  return await openSources(targets, context, keeping, progress);
}

async function openNode(
  node: AttachTarget,
  context: Context,
  keeping: Keeping,
  progress: ProgressMode,
): Promise<OpenedFetch> {
  const attachment = await attach(node, context, keeping.onEvent, progress);
  const { session, peer, use } = attachment;
  return {
    from: session,
    peer,
    shown: `node ${peer}`,
    path: { session, relay: relayIdOf(node) },
    use,
    [Symbol.asyncDispose]: () => attachment[Symbol.asyncDispose](),
  };
}

function nodesOf(targets: readonly SourceTarget[]): AttachTarget[] {
  return targets.flatMap((target) => isObjects(target) ? [] : [target]);
}

/** Waits for the first source alone: the others join when they are there. */
async function openSources(
  targets: FetchTargets,
  context: Context,
  keeping: Keeping,
  progress: ProgressMode,
): Promise<OpenedFetch> {
  const { node, others, limitRate } = targets;
  const all = [...(node ? [node] : []), ...others];
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const rate = new SharedRate(limitRate, all.length);
  const about = { ...targets, context: { ...context, signal }, keeping, rate };
  const coming = all.map((target) => begin(target, about));
  const opened = coming.map(({ opened }) => opened);
  const close = async () => {
    stop.abort();
    await Promise.all(opened.map((each) =>
      // One that was not there needs no closing.
      each.then((source) => source[Symbol.asyncDispose](), () => {})
    ));
  };
  const nodes = nodesOf(all);
  const stage = {
    name: "attaching",
    text: `attaching to ${all.length} sources`,
    limitMs: nodes[0]?.options.connectTimeoutMs,
  };
  try {
    await withWaiting(progress, stage, context, () => firstOf(opened));
  } catch (error) {
    await close();
    throw error;
  }
  const [first] = nodes;
  return {
    from: coming.map(toFetchSource),
    peer: first?.source.nodeId,
    shown: all.length === 1 ? coming[0].name : `${all.length} sources`,
    onSource: sourceLog(context, rate),
    use: (operation) => operation(),
    [Symbol.asyncDispose]: close,
  };
}

/** What sources are opened with. */
interface Opening extends Pick<FetchTargets, "requestTimeoutMs"> {
  readonly context: Context;
  readonly keeping: Keeping;
  readonly rate: SharedRate;
}

function begin(target: SourceTarget, about: Opening): Coming {
  if (isObjects(target)) {
    return { name: shownLocation(target), opened: openObjects(target, about) };
  }
  const name = shownTarget(target.options);
  return { name, opened: openAttached(target, about) };
}

async function openAttached(
  target: AttachTarget,
  { context, keeping, rate }: Opening,
): Promise<OpenedSource> {
  const options = { ...target.options, limitRate: rate.part };
  const attachment = await attach(
    { ...target, options },
    context,
    keeping.onOthersEvent,
    "none",
  );
  const { session } = attachment;
  rate.add(session);
  return {
    chunks: session,
    [Symbol.asyncDispose]: () => attachment[Symbol.asyncDispose](),
  };
}

async function openObjects(
  location: ObjectsLocation,
  { context, requestTimeoutMs, rate }: Opening,
): Promise<OpenedSource> {
  const timeoutMs = givenTimeout(requestTimeoutMs);
  const reader = await inStage(
    "setup",
    () => openReader(location, context.log, timeoutMs),
  );
  return {
    chunks: rate.paced(reader),
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

function toFetchSource({ name, opened }: Coming): FetchSource {
  const chunks = opened.then(({ chunks }) => chunks, (error) => {
    throw stageOf(error).error;
  });
  // The fetch may end before anybody looks at it.
  chunks.catch(() => {});
  return { name, chunks };
}

/** Waits until one is there; fails when none is. */
async function firstOf(
  opened: readonly Promise<OpenedSource>[],
): Promise<void> {
  try {
    await Promise.any(opened);
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error;
    throw combined(error.errors);
  }
}

/** Why none of the sources is there. */
function combined(failures: readonly unknown[]): unknown {
  const [first, ...others] = failures.map(stageOf);
  const { stage, error } = first;
  if (!(error instanceof TransferError) || others.length === 0) {
    return new StageFailure(stage, error);
  }
  const { kind, message, hint, fields } = error;
  const more = others.map(({ error }) => messageOf(error)).join("; ");
  return new StageFailure(
    stage,
    new TransferError(kind, `${message}; and of the other sources: ${more}`, {
      cause: error,
      hint,
      fields,
    }),
  );
}

/** Tells what becomes of the sources, of each once. */
function sourceLog(
  { log, signal }: Context,
  rate: SharedRate,
): (event: SourceEvent) => void {
  const joined = new Set<string>();
  const dropped = new Set<string>();
  return (event) => {
    const { source } = event;
    if (event.type === "source_joined") {
      if (!joined.has(source)) log.info("source", { source });
      joined.add(source);
      return;
    }
    if (signal.aborted || dropped.has(source)) return;
    dropped.add(source);
    rate.setParts(dropped.size);
    const reason = event.error.message;
    log.warn("going on without a source", { source, reason });
  };
}
