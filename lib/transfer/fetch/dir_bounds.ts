/** How much of a tree is asked for at once. */

import type { TaskGroupOptions } from "../../async/task_group.ts";
import {
  FETCH_CONCURRENCY,
  FETCH_CONCURRENCY_MAX,
  INFLIGHT_BYTES,
} from "../../limits.ts";
import type { FetchOptions } from "./fetch_options.ts";

/** Largest batch of small files, in bytes. */
const BATCH_BYTES = 1024 * 1024;

/** How much that may be, of the options of a fetch. */
export interface DirBounds
  extends Pick<FetchOptions, "inflightBytes" | "signal"> {
  /** Requests in flight at once. */
  concurrency?: number;
}

export function dirBounds(
  { concurrency = FETCH_CONCURRENCY, inflightBytes, signal }: DirBounds,
): TaskGroupOptions & { maxBytes: number } {
  if (
    !Number.isInteger(concurrency) || concurrency < 1 ||
    concurrency > FETCH_CONCURRENCY_MAX
  ) {
    throw new RangeError(
      `Cannot run ${concurrency} requests at once: 1 to ${FETCH_CONCURRENCY_MAX} are possible`,
    );
  }
  const maxBytes = inflightBytes ?? INFLIGHT_BYTES;
  return { maxTasks: concurrency, maxBytes, signal };
}

/** Bytes of one batch: several fit into the budget, or nothing is ever pipelined. */
export function batchBytes(inflightBytes: number): number {
  return Math.max(1, Math.min(BATCH_BYTES, Math.floor(inflightBytes / 4)));
}
