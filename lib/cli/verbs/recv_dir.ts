/**
 * `recv-dir`: fetches a directory tree and puts it in place in one step.
 *
 * @module
 */

import { UsageError } from "../../errors.ts";
import { inspectTarget } from "../../landing/mod.ts";
import { FETCH_CONCURRENCY, FETCH_CONCURRENCY_MAX } from "../../limits.ts";
import type { PathFilter } from "../../store/mod.ts";
import {
  fetchDir,
  type FetchDirResult,
  previewDir,
} from "../../transfer/mod.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import {
  type OptionTable,
  required,
  type ValuesOf,
  withDefault,
} from "../framework/options/option.ts";
import {
  EXCLUDE_FROM,
  PATH_FILTER_OPTIONS,
  readPathFilter,
} from "../options/path_filter_options.ts";
import { PROGRESS_OPTIONS } from "../options/progress_options.ts";
import { count, DIR } from "../framework/options/value_kind.ts";
import { fetchUpdate } from "../progress/progress_updates.ts";
import { withProgress } from "../framework/progress/with_progress.ts";
import { describePreview, reportPreview } from "../receiving/dry_run.ts";
import {
  describePace,
  fsyncOptions,
  originFields,
  paceOf,
  receive,
  RECEIVE_OPTIONS,
  referenceOption,
  type Source,
  type Wanted,
} from "../receiving/receive.ts";
import { inStage } from "../stage.ts";

const OPTIONS = {
  remoteRef: referenceOption("remote-ref", "send-dir"),
  out: required("out", DIR, {
    help: "Directory to make; one that exists is replaced as a whole",
  }),
  concurrency: withDefault(
    "concurrency",
    count(0, FETCH_CONCURRENCY_MAX),
    "0",
    {
      help: "Files in flight at once",
      shownDefault: String(FETCH_CONCURRENCY),
    },
  ),
  ...PATH_FILTER_OPTIONS,
  excludeFrom: EXCLUDE_FROM,
  ...PROGRESS_OPTIONS,
  ...fsyncOptions(false),
  ...RECEIVE_OPTIONS,
} satisfies OptionTable;

type Values = ValuesOf<typeof OPTIONS>;

/** Refuses to replace a tree by a part of one, before anything is fetched. */
function requireNewTarget(out: string): void {
  if (!inspectTarget(out, "tree")) return;
  throw new UsageError(
    `'${out}' exists, and a part of a tree would replace all of it`,
    { hint: "choose a new directory, or fetch without patterns" },
  );
}

function fetchWithProgress(
  { session, ref, peer, options }: Source,
  values: Values,
  filter: PathFilter | undefined,
  context: Context,
): Promise<FetchDirResult> {
  const label = `reconstructing directory from peer ${peer}`;
  return withProgress(
    values.progress,
    { label },
    context,
    (report) =>
      fetchDir(session, ref, values.out, {
        ...options,
        onProgress: report && ((event) => report(fetchUpdate(event))),
        concurrency: values.concurrency || FETCH_CONCURRENCY,
        fsync: values.fsync,
        filter,
      }),
  );
}

async function recvDir(values: Values, context: Context): Promise<void> {
  const { remoteRef: given, out } = values;
  const wanted: Wanted = { kind: "dir", given, option: OPTIONS.remoteRef };
  const filter = await readPathFilter(values, context.log);
  if (filter !== undefined) {
    await inStage("recv_dir", () => requireNewTarget(out));
  }
  if (values.dryRun) return await dryRun(wanted, values, filter, context);
  const { peer, address, result } = await receive(
    wanted,
    values,
    context,
    (source) => fetchWithProgress(source, values, filter, context),
  );
  for (const warning of result.warnings) context.log.warn(warning);
  const { files, dirs, symlinks, bytes } = result;
  const pace = paceOf(bytes, result.durationMs);
  await context.emit({
    fields: {
      ...{ peer, out, files, dirs, symlinks, bytes, ...pace },
      atomic: true,
      ...originFields(result.bytesFetched, address),
      filtered: filter && true,
    },
    text: () =>
      `received ${out}: ${countFiles(files)}, ${
        describePace(bytes, pace, peer)
      }`,
  });
}

async function dryRun(
  wanted: Wanted,
  values: Values,
  filter: PathFilter | undefined,
  context: Context,
): Promise<void> {
  const { out } = values;
  const { peer, result } = await receive(
    wanted,
    values,
    context,
    ({ session, ref, options }) =>
      previewDir(session, ref, out, { ...options, filter }),
  );
  for (const warning of result.warnings) context.log.warn(warning);
  const { files, dirs, symlinks, bytes } = result;
  await context.emit({
    fields: {
      ...{ peer, out, files, dirs, symlinks, bytes },
      ...reportPreview(result, context.log),
      filtered: filter && true,
    },
    text: () =>
      `would receive ${out}: ${countFiles(files)}, ${
        describePreview(result, peer)
      }`,
  });
}

function countFiles(files: number): string {
  return `${files} ${files === 1 ? "file" : "files"}`;
}

/** The verb. */
export const verb: Verb = defineVerb({
  arguments: {},
  options: OPTIONS,
  scope: "remote",
  description:
    "The tree grows in a hidden directory beside the target and takes its place by a rename when it is complete. Paths that would leave the target are refused before anything is written. With patterns, which are those of gitignore(5), only a part is fetched, and only into a new directory: replacing one would drop what the patterns leave out.",
  examples: [
    {
      line:
        "recv-dir --remote-ref @photos.ref --out ./photos --node-addr 192.0.2.1:7700 --node-pubkey KEY --psk-file node.psk",
      does: "Fetch with the flags that 'net-transfer serve' printed",
    },
    {
      line:
        "recv-dir --ticket @photos.ticket --out ./raw --include '*.raw' --exclude /drafts/",
      does: "Fetch a part into a new directory",
    },
    {
      line: "recv-dir --dry-run --ticket @photos.ticket --out ./photos",
      does: "Tell what would be fetched and replaced, and write nothing",
    },
  ],
  run: recvDir,
});
