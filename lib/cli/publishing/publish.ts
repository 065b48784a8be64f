/** What the verbs that publish have in common. */

import { attemptAsync } from "../../os/os_error.ts";
import { DiskStore } from "../../store/mod.ts";
import type { Context } from "../command.ts";
import {
  optional,
  type OptionTable,
  type ValuesOf,
} from "../framework/options/option.ts";
import { DIR } from "../framework/options/value_kind.ts";
import {
  type ProgressOf,
  type ReportProgress,
  withProgress,
} from "../framework/progress/with_progress.ts";
import { type HASHING_OPTIONS, jobsOf } from "../options/work_options.ts";
import { inStage } from "../stage.ts";

export const STORE_OPTIONS = {
  store: optional("store", DIR, {
    help: "Stage the content in this store directory, made if it is missing",
  }),
} satisfies OptionTable;

export async function openStore(
  dir: string | undefined,
): Promise<DiskStore | undefined> {
  if (dir === undefined) return undefined;
  const make = () => Deno.mkdir(dir, { recursive: true });
  await attemptAsync("make the store", dir, make);
  return await DiskStore.open(dir);
}

/** Hashes what lies at a path, and shows how far that has come. */
export function publish<T>(
  path: string,
  { jobs, progress }: ValuesOf<typeof HASHING_OPTIONS>,
  about: ProgressOf,
  context: Context,
  hash: (
    options: { signal: AbortSignal; jobs: number },
    report: ReportProgress | undefined,
  ) => Promise<T>,
): Promise<T> {
  const options = { signal: context.signal, jobs: jobsOf(jobs) };
  const work = () =>
    withProgress(progress, about, context, (report) => hash(options, report));
  return inStage("publish", () => attemptAsync("publish", path, work));
}
