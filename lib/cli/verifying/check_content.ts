/** `verify REF PATH`: a file or a tree against its reference. */

import { type BlobRef, sameContent } from "../../content/mod.ts";
import { TransferError } from "../../errors.ts";
import { checkTree } from "../../landing/mod.ts";
import {
  type BlobVerdict,
  type CheckedSource,
  type DirVerdict,
  type DiskStore,
  storeTree,
  verifyBlob,
  verifyDir,
  type VerifyOptions,
} from "../../store/mod.ts";
import type { Context } from "../command.ts";
import type { LineReport } from "../framework/output/report.ts";
import type { ProgressUpdate } from "../framework/progress/progress_meter.ts";
import { withProgress } from "../framework/progress/with_progress.ts";
import { openHashCache } from "../options/hash_cache_option.ts";
import { jobsOf } from "../options/work_options.ts";
import { publishUpdate } from "../progress/progress_updates.ts";
import { inStage, StageFailure } from "../stage.ts";
import { plural } from "../stores/named_store.ts";
import { expectedModes } from "./expected_modes.ts";
import { findManifest, type FoundManifest } from "./find_manifest.ts";
import {
  blobReport,
  describeBlob,
  dirReport,
  unknownDirReport,
} from "./verdict_report.ts";
import type { VerifyValues } from "./verify_options.ts";

/** What is held against what. */
export interface Checking {
  readonly source: CheckedSource;
  readonly ref: BlobRef;
  /** Where manifests and nodes of references are. */
  readonly store: DiskStore | undefined;
}

/** What was found, and what is wrong with it. */
interface Found {
  readonly report: LineReport;
  readonly failure?: TransferError;
}

/** Compares, prints what differs, and fails if anything does. */
export async function checkContent(
  checking: Checking,
  values: VerifyValues,
  context: Context,
): Promise<void> {
  const { log } = context;
  const noHashCache = !values.hashCache;
  const hashCache = openHashCache({ noHashCache }, log);
  const check = checking.source.kind === "blob" ? checkFile : checkTreeAt;
  const { report, failure } = await inStage("publish", async () => {
    try {
      return await check(checking, values, context, {
        signal: context.signal,
        jobs: jobsOf(values.jobs),
        hashCache,
        nodes: checking.store,
      });
    } finally {
      hashCache?.save();
    }
  });
  await context.emit(report);
  if (failure !== undefined) throw new StageFailure("publish", failure);
}

/** Runs a comparison and shows how far it has come. */
function showing<T>(
  { path, kind }: CheckedSource,
  start: ProgressUpdate,
  { progress }: VerifyValues,
  context: Context,
  work: (onProgress: VerifyOptions["onProgress"]) => Promise<T>,
): Promise<T> {
  const about = { label: `checking ${path}`, start };
  return withProgress(
    progress,
    about,
    context,
    (report) =>
      work(
        report && ((at) => {
          const { bytes, ...update } = publishUpdate(at);
          report(kind === "blob" ? { bytes } : { ...update, ...start, bytes });
        }),
      ),
  );
}

async function checkFile(
  { source, ref }: Checking,
  values: VerifyValues,
  context: Context,
  options: VerifyOptions,
): Promise<Found> {
  const { path, size } = source;
  const verdict: BlobVerdict = await showing(
    source,
    { totalBytes: BigInt(size) },
    values,
    context,
    (onProgress) => verifyBlob(source.real, ref, { ...options, onProgress }),
  );
  const report = blobReport(path, verdict);
  if (verdict.isRight) return { report };
  const message = `'${path}' is not what the reference names: ${
    describeBlob(verdict)
  }`;
  const failure = new TransferError("hash_mismatch", message, {
    hint: verdict.isChanging
      ? "it was written to while it was read; check it again when nobody does"
      : verdict.ranges === undefined
      ? "which parts differ is told with --store and the store that has the reference's tree"
      : "fetch it again: what is right of it is not fetched",
    fields: { path },
  });
  return { report, failure };
}

async function checkTreeAt(
  checking: Checking,
  values: VerifyValues,
  context: Context,
  options: VerifyOptions,
): Promise<Found> {
  const { source, ref, store } = checking;
  const { signal } = context;
  const manifest = await findManifest(ref, values.manifest, store, signal);
  return manifest === undefined
    ? await checkWithoutManifest(source, ref, values, context, options)
    : await checkWithManifest(source, manifest, values, context, options);
}

async function checkWithManifest(
  source: CheckedSource,
  { bytes: manifest, origin }: FoundManifest,
  values: VerifyValues,
  context: Context,
  options: VerifyOptions,
): Promise<Found> {
  const { path, real } = source;
  // Where a link leads does not matter to who only compares its text.
  const { counts } = checkTree({ manifest, links: "keep" });
  const modes = expectedModes(
    typeof real === "string" ? real : path,
    values,
  );
  const start = { totalBytes: counts.bytes, totalFiles: counts.files };
  const verdict: DirVerdict = await showing(
    source,
    start,
    values,
    context,
    (onProgress) =>
      verifyDir(real, manifest, {
        ...options,
        onProgress,
        modesOf: modes ?? (() => []),
        skipsLinks: values.links === "skip",
      }),
  );
  const facts = { manifest: origin, comparesModes: modes !== undefined };
  const report = dirReport(path, verdict, facts);
  if (verdict.isRight) return { report };
  return { report, failure: failureOf(path, verdict) };
}

function failureOf(
  path: string,
  { differences, unchecked }: DirVerdict,
): TransferError {
  const isUnread = differences.every(({ differs }) => differs === "unreadable");
  const { length } = differences;
  return isUnread
    ? new TransferError(
      "io",
      `${
        length === 1 ? "1 entry" : `${length} entries`
      } of '${path}' cannot be read`,
      {
        hint: "check their owners and modes, and check again",
        fields: { path, differences: length, unchecked },
      },
    )
    : new TransferError(
      "hash_mismatch",
      `'${path}' is not what the reference names: ${
        plural(length, "difference")
      }`,
      {
        hint: "fetch it again: what is right of it is not fetched",
        fields: { path, differences: length, unchecked },
      },
    );
}

/** The reference that a tree has tells whether it is the one, but not where not. */
async function checkWithoutManifest(
  source: CheckedSource,
  ref: BlobRef,
  values: VerifyValues,
  context: Context,
  options: VerifyOptions,
): Promise<Found> {
  const { path, real } = source;
  const { signal, jobs, hashCache } = options;
  const { ref: found, stats } = await showing(
    source,
    {},
    values,
    context,
    (onProgress) =>
      storeTree(undefined, real, { signal, jobs, hashCache, onProgress }),
  );
  const { files, dirs, symlinks, totalBytes } = stats;
  if (sameContent(found, ref)) {
    const verdict = {
      isRight: true,
      files,
      dirs,
      symlinks,
      bytes: Number(totalBytes),
      differences: [],
      unchecked: 0,
    };
    return { report: dirReport(path, verdict, { comparesModes: true }) };
  }
  const message =
    `'${path}' is not what the reference names; what differs is told by its manifest, which is not here`;
  const failure = new TransferError("hash_mismatch", message, {
    hint:
      "name a store that has it with --store, or fetch it: net-transfer recv-blob --blob-ref REF --out FILE, and give --manifest FILE",
    fields: { path },
  });
  return { report: unknownDirReport(path), failure };
}
