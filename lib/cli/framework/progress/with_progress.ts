/** Runs work whose progress is shown. */

import {
  chooseProgressDisplay,
  type ProgressContext,
  type ProgressDisplay,
  type ProgressEventName,
  type ProgressMode,
} from "./progress_display.ts";
import {
  ProgressMeter,
  type ProgressStage,
  type ProgressUpdate,
} from "./progress_meter.ts";

export type ReportProgress = (update: ProgressUpdate) => void;

/** What is known of work before it begins. */
export interface ProgressOf {
  readonly label: string;
  /**
   * The sizes, empty when they will never be known; left out, they come with
   * the first update.
   */
  readonly start?: ProgressUpdate;
}

/** Runs work and shows how far it has come; nothing of a bar is left on the screen. */
export async function withProgress<T>(
  mode: ProgressMode,
  about: ProgressOf,
  context: ProgressContext,
  work: (report: ReportProgress | undefined) => Promise<T>,
): Promise<T> {
  const display = chooseProgressDisplay(mode, context);
  if (display === undefined) return await work(undefined);
  return await showWhile(display, about, work);
}

/**
 * Runs what only takes a while, such as waiting for an answer: shown where a line
 * can be redrawn, told to nobody else.
 */
export async function withWaiting<T>(
  mode: ProgressMode,
  stage: ProgressStage,
  context: ProgressContext,
  work: () => Promise<T>,
): Promise<T> {
  const display = chooseProgressDisplay(mode, context);
  if (display === undefined || display.waitsForSizes) return await work();
  const about = { label: stage.text, start: { stage } };
  return await showWhile(display, about, work);
}

/** The same on one display, also when the process ends before the work does. */
export async function showWhile<T>(
  display: ProgressDisplay,
  { label, start }: ProgressOf,
  work: (report: ReportProgress) => Promise<T>,
): Promise<T> {
  const meter = new ProgressMeter(label);
  let startedAt: number | undefined;
  let shownAt = 0;
  let stageName: string | undefined;
  const show = (name: ProgressEventName) => {
    const now = performance.now();
    startedAt ??= now;
    shownAt = now;
    display.show(name, meter.state(now), (now - startedAt) / 1000);
  };
  const tick = () => {
    if (startedAt !== undefined) show("progress");
  };
  const update = (update: ProgressUpdate) => {
    meter.update(update);
    const { note, stage } = update;
    const isNews = note !== undefined ||
      stage !== undefined && stage?.name !== stageName;
    // The first event is `start`, with the sizes.
    if (startedAt === undefined) {
      if (!isNews || !display.waitsForSizes) show("start");
      return;
    }
    if (isNews && note !== undefined) display.note?.(note);
    if (isNews && stage) display.stage?.(stage);
    if (stage !== undefined) stageName = stage?.name;
    // Hashing may keep timers waiting, so every update is an occasion.
    if (isNews || performance.now() - shownAt >= display.intervalMs) tick();
  };
  const end = (name: "done" | "failed") => {
    if (startedAt === undefined) show("start");
    show(name);
  };

  if (start ?? !display.waitsForSizes) update(start ?? {});
  const timer = setInterval(tick, display.intervalMs);
  // A second SIGINT ends the process right here.
  const onExit = () => end("failed");
  globalThis.addEventListener("unload", onExit);
  try {
    const result = await work(update);
    end("done");
    return result;
  } catch (error) {
    end("failed");
    throw error;
  } finally {
    clearInterval(timer);
    globalThis.removeEventListener("unload", onExit);
  }
}
