/**
 * The progress line, as text: every part has a place and a width of its own, so
 * that nothing jumps while it counts.
 */

import { cutToWidth, displayWidth } from "../terminal/display_width.ts";
import { escapeText } from "../../../text/escape.ts";
import {
  formatBytes,
  formatClock,
  formatCounter,
} from "../../../text/human.ts";
import { type ProgressState, secondsLeft } from "./progress_meter.ts";

/** `100%` */
const PERCENT_WIDTH = 4;
/** `10.2 MiB`; a thousand and more bytes have one column less. */
const BYTES_WIDTH = 8;
/** `10.2 MiB/s` */
const RATE_WIDTH = BYTES_WIDTH + 2;
/** `1:02:03`, `99 days`; `10:02:03` takes one of the gap. */
const CLOCK_WIDTH = 7;

const BAR_MAX_WIDTH = 30;
/** A shorter bar shows less than the percent beside it. */
const BAR_MIN_WIDTH = 10;

/** Fewer columns of a path than this would be of no use. */
const PATH_MIN_WIDTH = 8;

const GAP = "  ";

/** What one line shows: the whole, or the stage it is at. */
type Shown =
  & Pick<
    ProgressState,
    "totalBytes" | "files" | "totalFiles" | "path" | "rate"
  >
  & { readonly bytes: bigint };

function bar(done: bigint, total: bigint, width: number): string {
  const filled = Number(done * BigInt(width) / total);
  if (filled >= width) return `[${"=".repeat(width)}]`;
  return `[${"=".repeat(filled)}>${" ".repeat(width - filled - 1)}]`;
}

/** The share that is done; all of it only when nothing is left. */
function percent(done: bigint, total: bigint): string {
  return `${done * 100n / total}%`.padStart(PERCENT_WIDTH);
}

function filesText({ files, totalFiles }: Shown): string {
  if (files === undefined) return "";
  if (totalFiles === undefined) return `${files} files`;
  const total = String(totalFiles);
  return `${String(files).padStart(total.length)} / ${total} files`;
}

function rateText({ rate }: Shown): string {
  const text = rate === undefined ? "" : `${formatCounter(Math.round(rate))}/s`;
  return text.padStart(RATE_WIDTH);
}

function clockText(shown: Shown): string {
  const left = secondsLeft(shown);
  return (left === undefined ? "" : formatClock(left)).padStart(CLOCK_WIDTH);
}

/** Parts that are left out from the last to the first as room gets short. */
function fit(parts: readonly string[], room: number): string {
  const shown = parts.filter((part) => part !== "");
  while (shown.length > 1 && displayWidth(shown.join(GAP)) > room) shown.pop();
  return shown.join(GAP);
}

/** Puts the end of a path behind a line, if there is room. */
function withPath(
  line: string,
  path: string | undefined,
  room: number,
): string {
  const left = room - displayWidth(line) - GAP.length;
  if (path === undefined || left < PATH_MIN_WIDTH) return line;
  return `${line}${GAP}${cutToWidth(escapeText(path), left, "left")}`;
}

/** Words, then what is known behind them; the words are cut first. */
function worded(words: string, known: string, room: number): string {
  const text = escapeText(words);
  if (known === "") return cutToWidth(text, room, "right");
  const left = room - displayWidth(known) - 1;
  return `${cutToWidth(text, left, "right")} ${known}`.trimStart();
}

/** What is waited for, and how long already or still. */
function waiting(state: ProgressState, room: number): string | undefined {
  const { bytes, totalBytes = 0n, stop, stage, lastedMs = 0 } = state;
  if (stop !== undefined) {
    const seconds = Math.floor(lastedMs / 1000);
    const share = totalBytes > 0n ? percent(bytes, totalBytes) + GAP : "";
    const known = seconds > 0 ? `(${seconds} s)` : "";
    return share + worded(stop, known, room - share.length);
  }
  if (stage?.limitMs === undefined) return undefined;
  const left = Math.max(0, Math.ceil((stage.limitMs - lastedMs) / 1000));
  return worded(stage.text, `(${left} s)`, room);
}

/** Work of known size: percent, rate and time stay as long as there is room. */
function sized(shown: Shown, totalBytes: bigint, room: number): string {
  const { bytes } = shown;
  const share = percent(bytes, totalBytes);
  const done = formatCounter(bytes).padStart(BYTES_WIDTH);
  const pace = [rateText(shown), clockText(shown)];
  const both = [share, `${done} / ${formatBytes(totalBytes)}`, ...pace];
  const fits = (parts: readonly string[]) =>
    displayWidth(parts.join(GAP)) <= room;
  if (fits(both)) return fit([...both, filesText(shown)], room);
  const one = [share, done, ...pace];
  return fit(fits(one) ? one : [share, ...pace], room);
}

/** A stage of known size: its words take the place of the amounts. */
function sizedStage(
  shown: Shown,
  text: string,
  totalBytes: bigint,
  room: number,
): string {
  const share = percent(shown.bytes, totalBytes) + GAP;
  const pace = `${rateText(shown)}${GAP}${clockText(shown)}`;
  return share + worded(text, pace, room - share.length);
}

/** Work of which nobody knows how much it is. */
function unsized(shown: Shown, text: string, room: number): string {
  const moved = shown.bytes > 0n;
  const counts = [
    moved ? formatCounter(shown.bytes).padStart(BYTES_WIDTH) : "",
    filesText(shown),
    moved && shown.rate !== undefined ? rateText(shown) : "",
  ];
  return worded(text, fit(counts, room), room);
}

/** The line but for what fills the rest of the width. */
function essential(state: ProgressState, shown: Shown, room: number): string {
  const { stage, label } = state;
  const { totalBytes = 0n } = shown;
  if (totalBytes === 0n) return unsized(shown, stage?.text ?? label, room);
  return stage === undefined
    ? sized(shown, totalBytes, room)
    : sizedStage(shown, stage.text, totalBytes, room);
}

/**
 * Draws what is known, as far as there is room: bar and path go first, then
 * files, sizes, time and rate.
 */
export function renderProgress(state: ProgressState, width: number): string {
  const room = Math.max(0, width - 1);
  const { stage, rate } = state;
  const shown: Shown = stage === undefined
    ? state
    : { ...stage, bytes: stage.bytes ?? 0n, rate };
  const { bytes, totalBytes = 0n, path } = shown;
  const line = waiting(state, room) ??
    withPath(essential(state, shown, room), path, room);
  const free = room - displayWidth(line) - GAP.length - "[]".length;
  const hasBar = totalBytes > 0n && path === undefined &&
    state.stop === undefined && free >= BAR_MIN_WIDTH;
  const whole = hasBar
    ? line + GAP + bar(bytes, totalBytes, Math.min(free, BAR_MAX_WIDTH))
    : line;
  return cutToWidth(whole, room, "right").trimEnd();
}
