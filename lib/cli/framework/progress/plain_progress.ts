/** Progress as sentences, for those who have them read aloud. */

import { formatBytes, formatRate } from "../../../text/human.ts";
import { type ProgressState, secondsLeft } from "./progress_meter.ts";

/** `1 file`, `2 files`. */
function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A time in words, as exact as anybody wants to hear. */
function inWords(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 90) return counted(whole, "second");
  const minutes = Math.round(whole / 60);
  return minutes < 90
    ? counted(minutes, "minute")
    : counted(Math.round(minutes / 60), "hour");
}

/** One sentence of words and numbers, without signs that draw something. */
export function plainProgress(state: ProgressState): string {
  const { label, stage, stop, files, totalFiles, rate } = state;
  if (stop !== undefined) return stop;
  const { bytes = 0n, totalBytes } = stage ?? state;
  const parts: string[] = [];
  if (totalBytes !== undefined && totalBytes > 0n) {
    parts.push(
      `${bytes * 100n / totalBytes} percent`,
      `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    );
  } else if (bytes > 0n) parts.push(formatBytes(bytes));
  if (stage === undefined && files !== undefined) {
    parts.push(
      totalFiles === undefined
        ? counted(files, "file")
        : `${files} of ${counted(totalFiles, "file")}`,
    );
  }
  if (rate !== undefined && rate > 0) {
    parts.push(formatRate(rate).replace("/s", " per second"));
  }
  const left = secondsLeft({ bytes, totalBytes, rate });
  if (left !== undefined && left > 0) parts.push(`${inWords(left)} left`);
  const what = stage?.text ?? label;
  return parts.length === 0 ? what : `${what}: ${parts.join(", ")}`;
}
