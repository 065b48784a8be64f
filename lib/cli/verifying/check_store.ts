/** `verify --store`: every chunk of a store. */

import { StoreError } from "../../errors.ts";
import { verifyStore } from "../../store/mod.ts";
import type { Context } from "../command.ts";
import { withProgress } from "../framework/progress/with_progress.ts";
import { jobsOf } from "../options/work_options.ts";
import { inStage, StageFailure } from "../stage.ts";
import { openNamedStore, plural } from "../stores/named_store.ts";
import { storeReport } from "./verdict_report.ts";
import type { VerifyValues } from "./verify_options.ts";

/** Reads a store, prints what is wrong with it, and fails if anything is. */
export async function checkStore(
  path: string,
  { jobs, progress }: VerifyValues,
  context: Context,
): Promise<void> {
  const { signal } = context;
  // That it is one is told like everywhere else.
  await using _store = await openNamedStore(path);
  const about = { label: `checking ${path}`, start: {} };
  const verdict = await inStage("publish", () =>
    withProgress(
      progress,
      about,
      context,
      (report) =>
        verifyStore(path, {
          signal,
          jobs: jobsOf(jobs),
          onProgress: report &&
            (({ files, bytes }) => report({ files, bytes: BigInt(bytes) })),
        }),
    ));
  await context.emit(storeReport(path, verdict));
  const { problems } = verdict;
  if (problems.length === 0) return;
  const error = new StoreError(
    `the store '${path}' has ${plural(problems.length, "problem")}`,
    {
      hint:
        "store the content of damaged chunks again: that repairs them; remove what is foreign",
      fields: { path, problems: problems.length },
    },
  );
  throw new StageFailure("publish", error);
}
