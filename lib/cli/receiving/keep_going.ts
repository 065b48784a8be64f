/** `--keep-going`: the rest of a tree, when some files cannot be had. */

import { NotFoundError, UnsafePathError } from "../../errors.ts";
import type { FetchDirResult } from "../../transfer/mod.ts";
import {
  flag,
  type OptionTable,
  type ValuesOf,
} from "../framework/options/option.ts";
import type { Fields, OutputFormat } from "../framework/output/report.ts";
import { StageFailure } from "../stage.ts";

export const KEEP_GOING_OPTION = {
  keepGoing: flag("keep-going", {
    help:
      "Put the rest in place when files cannot be had or their names not be used; list them and exit with 3",
  }),
} satisfies OptionTable;

type KeepGoingValues = ValuesOf<typeof KEEP_GOING_OPTION>;
type Landed = Pick<FetchDirResult, "failed" | "failedHint">;

/** So many are shown to people; programs get all. */
const SHOWN_MAX = 20;

/** The result fields that list what could not be had. */
export function failedFields(
  { keepGoing }: KeepGoingValues,
  result: Landed | object,
  format: OutputFormat,
): Fields {
  if (!keepGoing || !("failed" in result)) return {};
  const failed = result.failed.map((file) => ({ ...file }));
  const hidden = failed.length - SHOWN_MAX;
  return format === "table" && hidden > 0
    ? { failed: failed.slice(0, SHOWN_MAX), failed_more: hidden }
    : { failed };
}

/** Fails, after the result, when something could not be had. */
export function requireAllLanded(out: string, result: Landed | object): void {
  if (!("failed" in result) || result.failed.length === 0) return;
  const { failed, failedHint } = result;
  const [{ path, reason }] = failed;
  const isOfNames = failed.every(({ reason }) => reason === "name");
  const one = failed.length === 1;
  const files = isOfNames
    ? one ? "1 entry" : `${failed.length} entries`
    : one
    ? "1 file"
    : `${failed.length} files`;
  const are = one ? "is" : "are";
  const what = isOfNames
    ? `${one ? "has a name" : "have names"} that cannot be used there`
    : "could not be had";
  const why = reason === undefined || isOfNames ? "" : ` (${reason})`;
  const message =
    `${files} of ${out} ${what} and ${are} absent, the first is ` +
    `'${path}'${why}`;
  const fields = { path: out, failed: failed.length };
  throw new StageFailure(
    "recv_dir",
    isOfNames
      ? new UnsafePathError(message, {
        hint: "fetch them to another file system, or have them renamed",
        fields,
      })
      : new NotFoundError(message, {
        hint: failedHint ?? "have it published again, and fetch that",
        fields,
      }),
  );
}
