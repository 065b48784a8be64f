/**
 * The progress line: what is known of a download, drawn into one line of a
 * given width.
 *
 * @module
 */

import type { ProgressEvent } from "../transfer/mod.ts";
import { escapeText } from "./escape.ts";
import { formatBytes, formatRate, formatSeconds } from "./human.ts";

/** What is known of a running download. */
export interface ProgressState {
  /** What is fetched, until sizes are known: `fetching blob from peer 42`. */
  readonly label: string;
  /** Bytes received. */
  readonly bytes: number;
  /** Bytes in the end, if they are known. */
  readonly totalBytes?: number;
  /** Files finished. */
  readonly files?: number;
  /** Files in the end. */
  readonly totalFiles?: number;
  /** The file that was finished last, as its sender names it. */
  readonly path?: string;
  /** Bytes per second over the last seconds. */
  readonly rate: number;
}

const BAR_WIDTH = 30;
const NARROW_BAR_WIDTH = 10;

function bar(share: number, width: number): string {
  const done = Math.floor(Math.min(1, share) * width);
  if (done >= width) return `[${"=".repeat(width)}]`;
  return `[${"=".repeat(done)}>${"-".repeat(width - done - 1)}]`;
}

/** Cuts from the left, where paths are least telling. */
function cutLeft(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  return width < 4 ? "" : `…${characters.slice(1 - width).join("")}`;
}

/**
 * Draws a progress line.
 *
 * @param state What is known.
 * @param width Columns of the terminal; the line stays below it, so that
 * nothing wraps.
 * @returns One line without controls, whatever a peer put into `path`.
 *
 * @example
 * ```ts
 * import { renderProgress } from "./progress.ts";
 *
 * const state = { label: "", bytes: 512, totalBytes: 1024, rate: 256 };
 * console.log(renderProgress(state, 80));
 * // [===============>--------------] 512 B / 1 KiB (256 B/s) 2.0 s left
 * ```
 */
export function renderProgress(state: ProgressState, width: number): string {
  const { bytes, totalBytes, files, totalFiles, rate } = state;
  const parts: string[] = [];
  if (totalBytes === undefined || totalBytes === 0) {
    parts.push(escapeText(state.label));
    if (bytes > 0) parts.push(formatBytes(bytes));
  } else {
    const barWidth = width >= 90 ? BAR_WIDTH : NARROW_BAR_WIDTH;
    if (width >= 50) parts.push(bar(bytes / totalBytes, barWidth));
    parts.push(`${formatBytes(bytes)} / ${formatBytes(totalBytes)}`);
  }
  if (files !== undefined && totalFiles !== undefined) {
    parts.push(`${files} / ${totalFiles} files`);
  }
  if (rate > 0) parts.push(`(${formatRate(rate)})`);
  if (rate > 0 && totalBytes !== undefined && totalBytes > bytes) {
    parts.push(`${formatSeconds((totalBytes - bytes) / rate)} left`);
  }
  const line = parts.join(" ");
  if (line.length >= width) return [...line].slice(0, width - 1).join("");
  if (state.path === undefined) return line;
  const path = cutLeft(escapeText(state.path), width - line.length - 2);
  return path === "" ? line : `${line} ${path}`;
}

/** Bytes received at a time, in milliseconds. */
interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** The rate is measured over this many milliseconds. */
const RATE_WINDOW_MS = 5000;

/** A rate over less than this is noise, and no rate is shown. */
const RATE_SETTLED_SECONDS = 1;

/** Collects the events of a download into a {@linkcode ProgressState}. */
export class ProgressMeter {
  #state: Omit<ProgressState, "rate">;
  readonly #samples: Sample[] = [];

  /** Makes a meter with nothing received. */
  constructor(label: string) {
    this.#state = { label, bytes: 0 };
  }

  /** Takes an event in. */
  add(event: ProgressEvent): void {
    if (event.type === "start") {
      const { totalBytes, totalFiles } = event;
      this.#state = {
        ...this.#state,
        ...(totalBytes === undefined ? {} : { totalBytes: Number(totalBytes) }),
        ...(totalFiles === undefined ? {} : { totalFiles, files: 0 }),
      };
    } else if (event.type === "bytes") {
      this.#state = { ...this.#state, bytes: Number(event.fetched) };
    } else if (event.type === "file") {
      const { files, path } = event;
      this.#state = { ...this.#state, files, path };
    }
  }

  /**
   * What is known now.
   *
   * @param now A clock in milliseconds that never goes back.
   */
  state(now: number): ProgressState {
    const { bytes } = this.#state;
    this.#samples.push({ at: now, bytes });
    while (
      this.#samples.length > 2 && this.#samples[1].at < now - RATE_WINDOW_MS
    ) this.#samples.shift();
    const [first] = this.#samples;
    const seconds = (now - first.at) / 1000;
    const rate = seconds >= RATE_SETTLED_SECONDS
      ? (bytes - first.bytes) / seconds
      : 0;
    return { ...this.#state, rate };
  }
}
