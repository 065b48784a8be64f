/** What `store export` and `store import` have in common. */

import type { BlobRef } from "../../content/mod.ts";
import { StoreError } from "../../errors.ts";
import { JOBS_MAX } from "../../limits.ts";
import {
  type ChunkStore,
  type CopiedChunks,
  copyChunks,
  type CopyTarget,
  markChunks,
} from "../../store/mod.ts";
import { fromHex } from "../../text/hex.ts";
import { formatBytes } from "../../text/human.ts";
import type { Context } from "../command.ts";
import {
  optional,
  type OptionTable,
  repeatable,
  type ValuesOf,
} from "../framework/options/option.ts";
import { count } from "../framework/options/value_kind.ts";
import type { Fields } from "../framework/output/report.ts";
import {
  type ReportProgress,
  withProgress,
} from "../framework/progress/with_progress.ts";
import { REFERENCE } from "../node/reference.ts";
import { TRUST_PARENT_OPTION } from "../options/trust_parent_option.ts";
import { PROGRESS_OPTIONS } from "../options/work_options.ts";
import { inStage, StageFailure } from "../stage.ts";
import { describeChunks, plural, readNamed } from "./named_store.ts";

/** Local disks do not get faster by more. */
const LOCAL_AT_ONCE = 4;
/** What is far away answers late, and many requests at once. */
const REMOTE_AT_ONCE = 16;

export const COPY_OPTIONS = {
  ref: repeatable("ref", REFERENCE, {
    help:
      "Copy only what this reference needs: hex, a ticket, @FILE, or - for stdin; of a directory with all its files",
  }),
  jobs: optional("jobs", count(1, JOBS_MAX), {
    help: "Chunks that are copied at once",
    shownDefault:
      `${LOCAL_AT_ONCE}, of a mirror and to a bucket ${REMOTE_AT_ONCE}`,
  }),
  ...TRUST_PARENT_OPTION,
  ...PROGRESS_OPTIONS,
} satisfies OptionTable;

/** Where chunks are taken from. */
export interface CopySource extends ChunkStore {
  /** What it has; a mirror cannot tell. */
  hashes?(): AsyncIterable<Uint8Array>;
  /** Whether anything is there under a name, though it may be damaged. */
  hasTrace?(hash: Uint8Array): Promise<boolean>;
}

interface Copying {
  readonly from: CopySource;
  readonly to: CopyTarget;
  /** Waits until all that was put is there, where putting does not. */
  readonly finish?: () => Promise<void>;
  /** What is done, for the progress. */
  readonly label: string;
  /** The first fields of the result. */
  readonly fields: Fields;
  /** The result for people begins with it. */
  readonly shown: string;
  /** Which of the two paths is named when chunks are missing. */
  readonly source: string;
}

/** Copies what was asked for and prints the result; fails when chunks are missing. */
export async function runCopy(
  { from, to, finish, label, fields, shown, source }: Copying,
  { ref: refs, jobs, progress }: ValuesOf<typeof COPY_OPTIONS>,
  context: Context,
): Promise<void> {
  const { signal } = context;
  const isLocal = from.hashes !== undefined && to.isThere === undefined;
  const atOnce = jobs ?? (isLocal ? LOCAL_AT_ONCE : REMOTE_AT_ONCE);
  const work = async (report?: ReportProgress): Promise<CopiedChunks> => {
    const marked = new Set<string>();
    for (const given of refs) {
      signal.throwIfAborted();
      const ref: BlobRef = await readNamed(given, from);
      await markChunks(from, ref, marked, signal);
    }
    const isNeeded = refs.length > 0;
    const hashes = isNeeded || from.hashes === undefined
      ? Array.from(marked, fromHex)
      : from.hashes();
    if (isNeeded) report?.({ totalFiles: marked.size });
    const done = await copyChunks(from, to, hashes, {
      atOnce,
      isMissing: (hash) =>
        isNeeded || from.hasTrace === undefined || from.hasTrace(hash),
      signal,
      onProgress: report &&
        (({ files, bytes }) => report({ files, bytes: BigInt(bytes) })),
    });
    await finish?.();
    return done;
  };
  const about = { label, start: {} };
  const { copied, present, missing } = await inStage(
    "publish",
    () => withProgress(progress, about, context, work),
  );
  await context.emit({
    fields: {
      ...fields,
      chunks_copied: copied.chunks,
      bytes_copied: copied.bytes,
      chunks_present: present.chunks,
      bytes_present: present.bytes,
      chunks_missing: missing.length,
      missing: missing.length > 0 ? missing : undefined,
    },
    text: () =>
      `${shown}: ${describeChunks(copied)} copied` +
      (present.chunks === 0
        ? ""
        : `, ${formatBytes(present.bytes)} were there`),
  });
  if (missing.length === 0) return;
  const { length } = missing;
  const what = `${plural(length, "chunk")} of ${source} ${
    length === 1 ? "is" : "are"
  } missing or damaged`;
  const error = new StoreError(what, {
    hint: "store their content again, and run this again",
    fields: { path: source, chunks: length, hash: missing[0] },
  });
  throw new StageFailure("publish", error);
}
