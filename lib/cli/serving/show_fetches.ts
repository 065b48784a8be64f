/** Shows on a terminal what a holder serves, while it does. */

import type { Context } from "../command.ts";
import {
  canRedraw,
  type ProgressMode,
} from "../framework/progress/progress_display.ts";
import { terminalWidth } from "../framework/terminal/terminal_width.ts";
import { FetchWatch, type PublishedChunks } from "./fetch_watch.ts";

/** Milliseconds between two drawings. */
const DRAWN_MS = 250;

export interface ShownFetches extends Disposable {
  readonly onEvent: FetchWatch["onEvent"];
}

/**
 * Follows the fetches where people look: on a terminal, unless the result or
 * the progress is for programs, or nothing is to be said.
 *
 * @returns Nothing where nobody looks.
 */
export function showFetches(
  chunks: () => PublishedChunks,
  mode: ProgressMode,
  { format, globals, screen }: Context,
): ShownFetches | undefined {
  const forPeople = format === "table" || format === "text";
  const shown = mode === "bar" || mode === "auto" && forPeople;
  if (!shown || globals.quiet || !Deno.stderr.isTerminal()) return undefined;
  const watch = new FetchWatch({
    chunks: chunks(),
    line: (text) => screen.line(text),
    now: () => performance.now(),
    clock: () => new Date().toTimeString().slice(0, 8),
  });
  const draw = () => screen.status(watch.rows(terminalWidth()));
  const timer = canRedraw() ? setInterval(draw, DRAWN_MS) : undefined;
  return {
    onEvent(event, peer) {
      watch.onEvent(event, peer);
      // A row of somebody who is gone must not stay.
      if (event.type === "detached" && timer !== undefined) draw();
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      screen.status("");
      const summary = watch.summary();
      if (summary !== undefined) screen.line(summary);
    },
  };
}
