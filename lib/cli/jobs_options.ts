/**
 * `--jobs`: on how many threads content is hashed.
 *
 * @module
 */

import { JOBS_MAX } from "../limits.ts";
import { type Option, optional } from "./option.ts";
import { count } from "./value_kind.ts";

/** More pays only where reading is much faster than hashing. */
const DEFAULT_MAX = 4;

/** The option of the verbs that hash files. */
export const JOBS_OPTIONS: { readonly jobs: Option<number | undefined> } = {
  jobs: optional("jobs", count(1, JOBS_MAX), {
    help: "Threads that hash, once there is enough to do",
    shownDefault: `one for each processor, at most ${DEFAULT_MAX}`,
  }),
};

/** The number of threads that was asked for, or the default. */
export function jobsOf(jobs: number | undefined): number {
  return jobs ?? Math.min(navigator.hardwareConcurrency, DEFAULT_MAX);
}
