/**
 * Runs work whose progress is shown.
 *
 * @module
 */

import {
  chooseProgressDisplay,
  type ProgressContext,
  type ProgressDisplay,
  type ProgressMode,
} from "./progress_display.ts";
import type { ProgressEventName } from "./progress_event.ts";
import { ProgressMeter, type ProgressUpdate } from "./progress_meter.ts";

/** Takes in how far work has come. */
export type ReportProgress = (update: ProgressUpdate) => void;

/** What is known of work before it begins. */
export interface ProgressOf {
  /** What is done, in words. */
  readonly label: string;
  /**
   * The sizes, or nothing in it when they will never be known. When left out,
   * they come with the first update.
   */
  readonly start?: ProgressUpdate;
}

/** The showing of one piece of work. */
class Showing {
  readonly #display: ProgressDisplay;
  readonly #meter: ProgressMeter;
  #startedAt: number | undefined;
  #shownAt = 0;

  constructor(display: ProgressDisplay, { label, start }: ProgressOf) {
    this.#display = display;
    this.#meter = new ProgressMeter(label);
    if (start ?? !display.waitsForSizes) this.update(start ?? {});
  }

  update(update: ProgressUpdate): void {
    this.#meter.update(update);
    // Hashing may keep timers waiting, so every update is an occasion.
    const now = performance.now();
    if (this.#startedAt === undefined) this.#show("start");
    else if (now - this.#shownAt >= this.#display.intervalMs) this.tick();
  }

  tick(): void {
    if (this.#startedAt !== undefined) this.#show("progress");
  }

  end(name: "done" | "failed"): void {
    if (this.#startedAt === undefined) this.#show("start");
    this.#show(name);
  }

  #show(name: ProgressEventName): void {
    const now = performance.now();
    this.#startedAt ??= now;
    this.#shownAt = now;
    const seconds = (now - this.#startedAt) / 1000;
    this.#display.show(name, this.#meter.state(now), seconds);
  }
}

/**
 * Runs work and shows how far it has come, as the command line asks for;
 * nothing of a bar is left on the screen afterwards.
 *
 * @param mode `--progress`.
 * @param about What is known of the work beforehand.
 * @param work Does it; gets where to report to, or `undefined` when nobody
 * listens.
 * @returns What `work` returns.
 * @throws What `work` throws.
 */
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
 * Runs work and shows on one display how far it has come.
 *
 * @param display Shows it, from the beginning to the end, also when the
 * process ends before the work does.
 * @param about What is known of the work beforehand.
 * @param work Does it; gets where to report to.
 * @returns What `work` returns.
 * @throws What `work` throws.
 */
export async function showWhile<T>(
  display: ProgressDisplay,
  about: ProgressOf,
  work: (report: ReportProgress) => Promise<T>,
): Promise<T> {
  const showing = new Showing(display, about);
  const timer = setInterval(() => showing.tick(), display.intervalMs);
  // A second SIGINT ends the process right here.
  const onExit = () => showing.end("failed");
  globalThis.addEventListener("unload", onExit);
  try {
    const result = await work((update) => showing.update(update));
    showing.end("done");
    return result;
  } catch (error) {
    showing.end("failed");
    throw error;
  } finally {
    clearInterval(timer);
    globalThis.removeEventListener("unload", onExit);
  }
}
