/** The progress line, as text. */

import { cutToWidth, displayWidth } from "../terminal/display_width.ts";
import { escapeText } from "../../../text/escape.ts";
import { formatBytes, formatRate, formatSeconds } from "../terminal/human.ts";
import { type ProgressState, secondsLeft } from "./progress_meter.ts";

const BAR_WIDTH = 30;
const NARROW_BAR_WIDTH = 10;

/** From this width on there is room for the long bar. */
const WIDE = 90;

/** Fewer columns of a path than this would be of no use. */
const PATH_MIN_WIDTH = 8;

function bar(done: bigint, total: bigint, width: number): string {
  const filled = Number(done * BigInt(width) / total);
  if (filled >= width) return `[${"=".repeat(width)}]`;
  return `[${"=".repeat(filled)}>${"-".repeat(width - filled - 1)}]`;
}

/**
 * Draws what is known, as far as there is room: the bar is left out first, then
 * rate, time, files.
 */
export function renderProgress(state: ProgressState, width: number): string {
  const { bytes, totalBytes, files, totalFiles, rate, stop } = state;
  const sized = totalBytes !== undefined && totalBytes > 0n;
  const barWidth = width >= WIDE ? BAR_WIDTH : NARROW_BAR_WIDTH;
  const left = secondsLeft(state);
  const parts: Record<"head" | "amount" | "files" | "rate" | "left", string> = {
    head: stop !== undefined
      ? escapeText(stop)
      : sized
      ? bar(bytes, totalBytes, barWidth)
      : escapeText(state.label),
    amount: sized
      ? `${formatBytes(bytes)} / ${formatBytes(totalBytes)}`
      : bytes > 0n
      ? formatBytes(bytes)
      : "",
    files: files === undefined
      ? ""
      : totalFiles === undefined
      ? `${files} files`
      : `${files} / ${totalFiles} files`,
    rate: rate === undefined || stop !== undefined
      ? ""
      : `(${formatRate(rate)})`,
    left: left === undefined || left <= 0 || stop !== undefined
      ? ""
      : `${formatSeconds(left)} left`,
  };
  const room = width - 1;
  const text = () => Object.values(parts).filter((part) => part).join(" ");
  for (const part of ["head", "rate", "left", "files"] as const) {
    if (displayWidth(text()) <= room) break;
    // Without sizes the words are all there is.
    if (parts.amount !== "") parts[part] = "";
  }
  const line = cutToWidth(text(), room, "right");
  if (state.path === undefined) return line;
  const pathRoom = room - displayWidth(line) - 1;
  if (pathRoom < PATH_MIN_WIDTH) return line;
  return `${line} ${cutToWidth(escapeText(state.path), pathRoom, "left")}`;
}
