/** The options of long work: how many jobs, which progress. */

import { JOBS_MAX } from "../../limits.ts";
import {
  flag,
  optional,
  type OptionTable,
  withDefault,
} from "../framework/options/option.ts";
import { choice, count } from "../framework/options/value_kind.ts";
import { HASH_CACHE_OPTION } from "./hash_cache_option.ts";
import { PROGRESS_MODES } from "../framework/progress/progress_display.ts";

export const PROGRESS_OPTIONS = {
  progress: withDefault(
    "progress",
    choice("HOW", PROGRESS_MODES),
    "auto",
    {
      help:
        "Tell on stderr how far it has come: as a bar, in plain sentences now and then, as json events, or not at all",
      shownDefault:
        "a bar on a terminal, unless --quiet or --output is for programs",
    },
  ),
} satisfies OptionTable;

/** Calls back whoever waits. */
export const NOTIFY_OPTION = {
  notify: flag("notify", {
    help: "Ring the bell of the terminal when all has been fetched, or not",
  }),
} satisfies OptionTable;

/** One thread reads for all that hash: more than this wait for it. */
const DEFAULT_MAX = 4;

export const JOBS_OPTION = {
  jobs: optional("jobs", count(1, JOBS_MAX), {
    help: "Threads that hash, once there is enough to do",
    shownDefault: `half as many as processors, 1 to ${DEFAULT_MAX}`,
  }),
} satisfies OptionTable;

export const HASHING_OPTIONS = {
  ...JOBS_OPTION,
  ...HASH_CACHE_OPTION,
  ...PROGRESS_OPTIONS,
} satisfies OptionTable;

/**
 * Handing bytes over costs a third more computing, which two processors do not
 * win back.
 */
export function jobsOf(jobs: number | undefined): number {
  const half = Math.floor(navigator.hardwareConcurrency / 2);
  return jobs ?? Math.max(1, Math.min(half, DEFAULT_MAX));
}
