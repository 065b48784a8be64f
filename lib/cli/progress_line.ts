/**
 * Draws the progress of a download on a terminal, or nothing where nobody
 * would see it.
 *
 * @module
 */

import type { ProgressEvent } from "../transfer/mod.ts";
import type { Context } from "./command.ts";
import { ProgressMeter, renderProgress } from "./progress.ts";

/** Milliseconds between two drawings. */
const TICK_MS = 120;

/** A running drawing; disposing it leaves nothing on the screen. */
export interface ProgressLine extends Disposable {
  /** Takes an event in; `undefined` when nothing is drawn. */
  readonly onProgress?: (event: ProgressEvent) => void;
}

function terminalWidth(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    // A terminal that does not tell its size.
    return 80;
  }
}

/**
 * Starts drawing, if stderr is a terminal, the result is for people, and
 * `--quiet` is not set.
 *
 * @param label What is fetched, until sizes are known.
 */
export function startProgressLine(
  label: string,
  { format, globals, screen }: Context,
): ProgressLine {
  const forPeople = format === "table" || format === "text";
  if (!forPeople || globals.quiet || !Deno.stderr.isTerminal()) {
    return { [Symbol.dispose]: () => {} };
  }
  const meter = new ProgressMeter(label);
  const draw = () =>
    screen.status(
      renderProgress(meter.state(performance.now()), terminalWidth()),
    );
  draw();
  const timer = setInterval(draw, TICK_MS);
  return {
    onProgress: (event) => meter.add(event),
    [Symbol.dispose]() {
      clearInterval(timer);
      screen.status("");
    },
  };
}
