/**
 * Progress for programs: the events of `--progress json`.
 *
 * @module
 */

import { type Fields, Float } from "../output/report.ts";
import { type ProgressState, secondsLeft } from "./progress_meter.ts";

/** `start` comes first, `done` or `failed` last, `progress` between them. */
export type ProgressEventName = "start" | "progress" | "done" | "failed";

/**
 * Makes one event.
 *
 * @param name Which one.
 * @param state What is known.
 * @param seconds Seconds since `start`; only of the last event.
 * @returns Its fields; what is not known is `undefined`.
 */
export function progressEvent(
  name: ProgressEventName,
  state: ProgressState,
  seconds?: number,
): Fields {
  const { bytes, totalBytes, files, totalFiles, rate, path } = state;
  const sizes = { total_bytes: totalBytes, total_files: totalFiles };
  if (name === "start") return { event: name, ...sizes };
  const counts = { event: name, bytes, files, ...sizes };
  if (name !== "progress") {
    return {
      ...counts,
      duration_secs: seconds === undefined ? undefined : new Float(seconds),
    };
  }
  const left = secondsLeft(state);
  return {
    ...counts,
    rate_bytes_s: rate === undefined ? undefined : BigInt(Math.round(rate)),
    eta_secs: left === undefined ? undefined : new Float(left),
    path,
  };
}
