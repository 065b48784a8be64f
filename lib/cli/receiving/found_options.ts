/** What a fetch takes from this machine, and how it looks for it. */

import { DiskStore } from "../../store/mod.ts";
import {
  optional,
  type OptionTable,
  repeatable,
  type ValuesOf,
} from "../framework/options/option.ts";
import { DIR, PATH } from "../framework/options/value_kind.ts";
import type { FetchTargets } from "../node/read_settings.ts";
import { JOBS_OPTION, jobsOf } from "../options/work_options.ts";
import { RESUME_OPTIONS } from "./resume_options.ts";

export const FOUND_OPTIONS = {
  reuse: repeatable("reuse", PATH, {
    help:
      "Copy what is wanted and in this file or directory, instead of fetching it; may be repeated",
    shownDefault: "what the profile says, or nothing",
  }),
  store: optional("store", DIR, {
    help: "Take chunks from this store, too; nothing is put there",
  }),
  ...JOBS_OPTION,
  ...RESUME_OPTIONS,
} satisfies OptionTable;

/** What fetches are told of it. */
export interface FoundOptions {
  readonly reuse: readonly string[];
  readonly store?: DiskStore;
  readonly jobs: number;
  readonly resume: boolean;
}

/** Puts together what the command line and the profile say. */
export async function readFound(
  values: ValuesOf<typeof FOUND_OPTIONS>,
  { found }: Pick<FetchTargets, "found">,
): Promise<FoundOptions> {
  const { reuse, store: dir, jobs, resume, noResume } = values;
  return {
    reuse: reuse.length > 0 ? reuse : found.reuse ?? [],
    jobs: jobsOf(jobs),
    resume: resume || !noResume && (found.resume ?? true),
    ...(dir !== undefined && {
      store: await DiskStore.open(dir, { mustExist: true }),
    }),
  };
}
