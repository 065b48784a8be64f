/** The main side of a removal: asks for a little at a time, and tells how far it is. */

import { TransferError } from "../errors.ts";
import { quoteText } from "../text/escape.ts";
import type { LandingWorker } from "./landing_worker.ts";
import { mountPoints } from "../os/mounts.ts";
import type { RemovalProgress } from "./worker/removal_queue.ts";

/** Milliseconds of one request: as long as nobody waits for the next. */
const STEP_MS = 200;

/**
 * Has a worker remove what is to be removed.
 *
 * @param worker The worker.
 * @param prefix How the paths of what it removes begin.
 * @param onStep Told after each step how many files are gone, unless the first
 * one was enough.
 * @param signal Ends it after the step that is under way.
 * @returns What was removed; not `done` when the signal came.
 */
export async function removeBySteps(
  worker: LandingWorker,
  prefix: string,
  onStep: ((files: number) => void) | undefined,
  signal?: AbortSignal,
): Promise<RemovalProgress> {
  const points = await mountPoints();
  const mountless = points?.every((at) => !at.startsWith(prefix)) ?? false;
  for (;;) {
    const request = { ms: signal?.aborted ? 0 : STEP_MS, mountless };
    const progress = await worker.call("remove_some", request);
    if (progress.done || signal?.aborted === true) return progress;
    onStep?.(progress.files);
  }
}

/**
 * The error of a landing that is ended while the old tree is removed.
 *
 * @param worker The worker.
 * @param out The target, where the new tree is.
 * @param reason Why it is ended.
 */
export async function interruptedRemoval(
  worker: LandingWorker,
  out: string,
  reason: unknown,
): Promise<TransferError> {
  const rest = await worker.call("count_rest", {});
  const why = reason instanceof TransferError ? reason.message : "interrupted";
  const done = `the new tree is in place at ${quoteText(out)}`;
  if (rest === undefined) {
    return new TransferError("interrupted", `${why}: ${done}`, {
      cause: reason,
      fields: { path: out, target_state: "replaced" },
    });
  }
  const { path, files, counted } = rest;
  return new TransferError(
    "interrupted",
    `${why}: ${done}; of the old one ${counted ? "" : "at least "}${files} ` +
      `files are left in ${quoteText(path)}`,
    {
      cause: reason,
      hint:
        "the next fetch to this target removes them, or remove them by hand",
      fields: {
        path: out,
        target_state: "replaced",
        left_behind: path,
        files_left: files,
      },
    },
  );
}

/** Says what earlier runs had left. */
export function collectedSentence(
  out: string,
  { files, bytes }: RemovalProgress,
): string {
  const [what, are] = files === 1 ? ["file", "is"] : ["files", "are"];
  return `earlier runs that were stopped had left ${files} ${what} ` +
    `(${bytes} bytes) at ${quoteText(out)}, which ${are} removed now`;
}
