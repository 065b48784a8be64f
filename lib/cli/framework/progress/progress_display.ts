/**
 * The ways progress reaches stderr: a line that is redrawn in place, lines now
 * and then where nothing can be redrawn, or events for programs.
 */

import { readEnv } from "../environment.ts";
import { formatJson } from "../output/json.ts";
import { type Fields, Float, type OutputFormat } from "../output/report.ts";
import { escapeText } from "../../../text/escape.ts";
import type { Screen } from "../terminal/screen.ts";
import { terminalWidth } from "../terminal/terminal_width.ts";
import {
  type ProgressNote,
  type ProgressStage,
  type ProgressState,
  secondsLeft,
} from "./progress_meter.ts";
import { plainProgress } from "./plain_progress.ts";
import { renderProgress } from "./render_progress.ts";

export const PROGRESS_MODES = ["auto", "bar", "plain", "json", "none"] as const;

export type ProgressMode = typeof PROGRESS_MODES[number];

export interface ProgressContext {
  readonly format: OutputFormat;
  readonly globals: { readonly quiet: boolean };
  readonly screen: Screen;
}

/** Milliseconds between two drawings of the bar. */
const BAR_MS = 120;

/** Milliseconds between two `progress` events. */
const EVENT_MS = 200;

/** Milliseconds between two lines where nothing can be redrawn. */
const LINE_MS = 5000;

/** Milliseconds between two sentences, which take a while to be read aloud. */
const PLAIN_MS = 10_000;

/** Columns of such a line, whose reader may be of any width. */
const LINE_WIDTH = 120;

/** `start` comes first, `done` or `failed` last, `progress` between them. */
export type ProgressEventName = "start" | "progress" | "done" | "failed";

/** Shows the progress of one piece of work. */
export interface ProgressDisplay {
  readonly intervalMs: number;
  /** Whether `start` waits until the sizes are known. */
  readonly waitsForSizes: boolean;
  show(name: ProgressEventName, state: ProgressState, seconds: number): void;
  /** Tells what happened; left out where {@linkcode show} does. */
  note?(note: ProgressNote): void;
  /** Tells what is done from now on; left out where {@linkcode show} does. */
  stage?(stage: ProgressStage): void;
}

/** One line that is redrawn in place and removed in the end. */
export function barDisplay(
  screen: Screen,
  width: () => number = terminalWidth,
): ProgressDisplay {
  return {
    intervalMs: BAR_MS,
    waitsForSizes: false,
    show(name, state) {
      const ended = name === "done" || name === "failed";
      screen.status(ended ? "" : renderProgress(state, width()));
    },
  };
}

export function linesDisplay(screen: Screen): ProgressDisplay {
  return {
    intervalMs: LINE_MS,
    waitsForSizes: true,
    show: (_name, state) => screen.line(renderProgress(state, LINE_WIDTH)),
    note: ({ text }) => screen.line(escapeText(text)),
    stage: ({ text }) => screen.line(escapeText(text)),
  };
}

/** Sentences now and then, and nothing that is drawn. */
export function plainDisplay(screen: Screen): ProgressDisplay {
  return {
    intervalMs: PLAIN_MS,
    waitsForSizes: true,
    show: (_name, state) => screen.line(escapeText(plainProgress(state))),
    note: ({ text }) => screen.line(escapeText(text)),
    stage: ({ text }) => screen.line(escapeText(text)),
  };
}

/** The fields of one event; what is not known is `undefined`. */
function progressEvent(
  name: ProgressEventName,
  state: ProgressState,
  seconds: number,
): Fields {
  const { bytes, totalBytes, files, totalFiles, rate, path, stage } = state;
  const sizes = { total_bytes: totalBytes, total_files: totalFiles };
  if (name === "start") return { event: name, ...sizes };
  const counts = { event: name, bytes, files, ...sizes };
  if (name !== "progress") {
    return { ...counts, duration_secs: new Float(seconds) };
  }
  const left = secondsLeft(stage === undefined ? state : { ...stage, rate });
  return {
    ...counts,
    ...(stage && {
      stage: stage.name,
      stage_bytes: stage.bytes,
      stage_total_bytes: stage.totalBytes,
      stage_files: stage.files,
      stage_total_files: stage.totalFiles,
    }),
    rate_bytes_s: rate === undefined ? undefined : BigInt(Math.round(rate)),
    eta_secs: left === undefined ? undefined : new Float(left),
    path: stage?.path ?? path,
  };
}

export function eventsDisplay(screen: Screen): ProgressDisplay {
  return {
    intervalMs: EVENT_MS,
    waitsForSizes: true,
    show: (name, state, seconds) =>
      screen.line(formatJson(progressEvent(name, state, seconds))),
    note: ({ event, fields }) => screen.line(formatJson({ event, ...fields })),
    stage: ({ name }) =>
      screen.line(formatJson({ event: "stage", stage: name })),
  };
}

/**
 * Whether stderr is a terminal on which a line can be drawn again. What a
 * continuous run records is read later, terminal or not.
 */
export function canRedraw(): boolean {
  const isRecorded = !["", "false", "0"].includes(readEnv("CI") ?? "");
  return Deno.stderr.isTerminal() && readEnv("TERM") !== "dumb" && !isRecorded;
}

/**
 * `auto` shows only what can be redrawn, to people, without --quiet; other
 * modes beat --quiet.
 */
export function chooseProgressDisplay(
  mode: ProgressMode,
  { format, globals, screen }: ProgressContext,
): ProgressDisplay | undefined {
  switch (mode) {
    case "none":
      return undefined;
    case "json":
      return eventsDisplay(screen);
    case "plain":
      return plainDisplay(screen);
    case "bar":
      return canRedraw() ? barDisplay(screen) : linesDisplay(screen);
    case "auto": {
      const forPeople = format === "table" || format === "text";
      if (!forPeople || globals.quiet || !canRedraw()) return undefined;
      return barDisplay(screen);
    }
  }
}
