/** Whether an honest client got its due beside a crowd. */

import { SERVE_NODE_BYTES, SERVE_SENT_BYTES } from "../../../lib/limits.ts";
import { type Crowded, WANTED } from "./crowd.ts";

/**
 * What a chunk takes at 100 MB/s, in milliseconds: who waits no longer than that
 * for each has half of this rate.
 */
const CHUNK_MS = 42;
/** Chunks that may have to be read for it again. */
const AGAIN_MAX = 4;

/** Whether it waited no longer than it fetched, and memory kept to its bounds. */
export function isServed({ honest, waitedMs, bytes }: Crowded): boolean {
  return waitedMs <= WANTED * CHUNK_MS && honest <= WANTED + AGAIN_MAX &&
    bytes <= SERVE_NODE_BYTES + SERVE_SENT_BYTES;
}

/** Figures for a verdict's line. */
export function describeCrowd(
  { honest, waitedMs, before, others, bytes }: Crowded,
): string {
  return `an honest client waited ${Math.round(waitedMs)} ms for ${WANTED} ` +
    `chunks (${honest} reads; ${before} and ${others} for the others), at ` +
    `most ${(bytes / 1e6).toFixed(0)} MB`;
}
