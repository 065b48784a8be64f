/** Follows what a holder serves, and shows it on a terminal. */

import type { ServedDownload } from "../../transfer/mod.ts";
import type { Context } from "../command.ts";
import {
  canRedraw,
  type ProgressMode,
} from "../framework/progress/progress_display.ts";
import { terminalWidth } from "../framework/terminal/terminal_width.ts";
import {
  type ChunkFinder,
  FetchWatch,
  type FetchWatchOptions,
} from "./fetch_watch.ts";

/** Milliseconds between two drawings. */
const DRAWN_MS = 250;

export interface WatchedFetches extends Disposable {
  readonly onEvent: FetchWatch["onEvent"];
  readonly downloads: () => ServedDownload[];
  /** Takes in what is published from now on. */
  readonly publish: FetchWatch["publish"];
}

/** Whether somebody looks at stderr who wants to know. */
function isWatched(
  mode: ProgressMode,
  { format, globals: { quiet } }: Context,
): boolean {
  const forPeople = format === "table" || format === "text";
  const wanted = mode === "bar" || mode === "plain" ||
    mode === "auto" && forPeople;
  return wanted && !quiet && Deno.stderr.isTerminal();
}

/**
 * Follows the fetches, and shows them where people look: on a terminal, unless
 * the result or the progress is for programs, or nothing is to be said.
 */
export function watchFetches(
  chunks: ChunkFinder,
  mode: ProgressMode,
  context: Context,
  isWhole?: FetchWatchOptions["isWhole"],
): WatchedFetches {
  const { screen } = context;
  const shown = isWatched(mode, context);
  const watch = new FetchWatch({
    chunks,
    isWhole,
    line: (text) => shown && screen.line(text),
    now: () => performance.now(),
    clock: () => new Date().toTimeString().slice(0, 8),
  });
  const draw = () => screen.status(watch.rows(terminalWidth()));
  const isDrawn = shown && mode !== "plain" && canRedraw();
  const timer = isDrawn ? setInterval(draw, DRAWN_MS) : undefined;
  return {
    downloads: () => watch.downloads(),
    publish: (chunks) => watch.publish(chunks),
    onEvent(event, peer) {
      watch.onEvent(event, peer);
      // A row of somebody who is gone must not stay.
      if (event.type === "detached" && timer !== undefined) draw();
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      const summary = watch.summary();
      if (!shown || summary === undefined) return;
      screen.status("");
      screen.line(summary);
    },
  };
}
