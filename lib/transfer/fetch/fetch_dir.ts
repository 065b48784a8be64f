import { blake3, type BlobRef } from "../../content/mod.ts";
import { ManifestError } from "../../errors.ts";
import { INFLIGHT_BYTES } from "../../limits.ts";
import {
  identityAt,
  type InstallPlan,
  leftAt,
  leftBehind,
  namesRefusedAt,
  planInstall,
  requireSafeTarget,
  resolveTarget,
  siteOf,
  TreeLanding,
} from "../../landing/mod.ts";
import { syncExistingTree } from "../../store/mod.ts";
import type { FetchFrom } from "../sources/fetch_source.ts";
import {
  inflightBytes,
  type OpenedSources,
  openSources,
} from "../sources/open_sources.ts";
import { dirBounds } from "./dir_bounds.ts";
import { DirFetch } from "./dir_fetch.ts";
import { explainLost, explainMissing } from "./explain_missing.ts";
import { fetchFiles, type FetchingFiles } from "./fetch_files.ts";
import type { FetchDirOptions, FetchDirResult } from "./fetch_dir_options.ts";
import { leaveOutNames } from "./leave_out_names.ts";
import { type FailedFile, LostFiles } from "./lost_files.ts";
import { FetchProgress } from "./progress.ts";
import { readManifest } from "./read_manifest.ts";
import { Reuse } from "./reuse.ts";
import { requireReusable } from "./reused_files.ts";

/**
 * Fetches a directory. The manifest is validated whole before anything is
 * made, every chunk is verified before it is written, and the target changes
 * only at the end; after a failure it is as it was, and the next call goes on
 * with what is there, from whichever holder.
 *
 * @param from The session with the holder, or several sources, from which it is
 * fetched at once.
 * @param ref The reference of the directory's manifest.
 * @param out Path of the directory.
 * @throws {ExistsError} When something is there that may not be replaced, or
 * cannot be; nothing was fetched then.
 * @throws {NotFoundError} When the holder lacks a chunk; `fields.path` names
 * the file.
 * @throws {HashMismatchError} When it sent other bytes.
 * @throws {ManifestError} When the manifest breaks the format or its limits,
 * or declares other sizes than the holder has.
 * @throws {UnsafePathError} When the manifest would leave the tree.
 * @throws {TimeoutError} When the holder made no progress.
 * @throws {IoError} When the tree cannot be written.
 *
 * @example
 * ```ts
 * import type { BlobRef } from "../../content/mod.ts";
 * import type { Session } from "../../mesh/session.ts";
 * import { fetchDir } from "./fetch_dir.ts";
 *
 * async function fetchTo(session: Session, ref: BlobRef, out: string) {
 *   const { files, bytes } = await fetchDir(session, ref, out, {
 *     onProgress: (event) => {
 *       if (event.type === "file") console.log(event.path);
 *     },
 *   });
 *   console.log(`${files} files, ${bytes} bytes`);
 * }
 * ```
 */
export async function fetchDir(
  from: FetchFrom,
  ref: BlobRef,
  out: string,
  options: FetchDirOptions = {},
): Promise<FetchDirResult> {
  options.signal?.throwIfAborted();
  await using sources = openSources(from, options);
  try {
    return await fetchTree(sources, ref, out, options);
  } catch (error) {
    throw await explainMissing(sources.sessions, ref, error, options);
  }
}

/** The tree that is wanted, and where it is to be. */
interface WantedTree {
  /** The target as typed. */
  readonly out: string;
  readonly target: ReturnType<typeof resolveTarget>;
  readonly plan: InstallPlan;
  readonly manifest: Uint8Array;
  readonly manifestHash: Uint8Array;
  /** What of it cannot be there, with `keepGoing`. */
  readonly refused: readonly FailedFile[];
}

async function fetchTree(
  sources: OpenedSources,
  ref: BlobRef,
  out: string,
  options: FetchDirOptions,
): Promise<FetchDirResult> {
  const bounds = dirBounds({
    ...options,
    inflightBytes: options.inflightBytes ??
      inflightBytes(INFLIGHT_BYTES, sources),
  });
  const { store, jobs, hashCache, signal } = options;
  const reused = requireReusable(options.reuse);
  const target = resolveTarget(out);
  requireSafeTarget(out, target.parent, options);
  const plan = await planInstall(target, { inPlace: options.inPlace });
  if (plan.install === "in_place") {
    requireSafeTarget(out, target.out, options);
  }
  const progress = new FetchProgress(options.onProgress);
  const { chunks } = sources;
  const { filter, manifest: known } = options;
  const whole = await readManifest(chunks, ref, bounds, filter, known);
  const { manifest, refused } = options.keepGoing
    ? leaveOutNames(whole, namesRefusedAt(whole, siteOf(target, plan)))
    : { manifest: whole, refused: [] };
  const manifestHash = blake3(manifest);
  const wanted = { out, target, plan, manifest, manifestHash, refused };
  await finishStopped(wanted, options, progress);
  const rule = replaceRule(options);
  const reuse = await Reuse.look(out, rule, manifest, options, progress);
  if (reuse?.isWhole) {
    return await leaveInPlace(wanted, reuse, options, progress, sources);
  }
  const landing = await openLanding(wanted, options, progress);
  try {
    return await fillTree(sources, ref, options, {
      ...wanted,
      fetcher: chunks,
      landing,
      progress,
      reuse,
      bounds,
      sparse: options.sparse,
      look: { reuse: reused, store, jobs, hashCache, signal },
    });
  } catch (error) {
    await giveUp(landing, error, progress);
    throw error;
  }
}

/**
 * Has a run that was stopped while it put a tree in place finished: what it had
 * is in no place where it would be looked for.
 */
async function finishStopped(
  wanted: WantedTree,
  options: FetchDirOptions,
  progress: FetchProgress,
): Promise<void> {
  const aside = leftBehind(wanted.out).filter((path) =>
    path.includes(".replaced_")
  );
  if (aside.length === 0) return;
  const landing = await openLanding(wanted, options, progress);
  await landing.close();
}

/** Fetches what the tree lacks, and puts it in place. */
async function fillTree(
  sources: OpenedSources,
  ref: BlobRef,
  options: FetchDirOptions,
  filling: FetchingFiles & Pick<WantedTree, "manifestHash" | "refused">,
): Promise<FetchDirResult> {
  const { fetcher, landing, progress, reuse, manifestHash, refused } = filling;
  const lost = new LostFiles();
  const fetch = new DirFetch(
    fetcher,
    landing,
    progress,
    options.keepGoing ? { lost } : {},
  );
  const notes = await fetchFiles(fetch, filling);
  const lostFiles = lost.list();
  // To put nothing in the place of something is nobody's wish.
  if (lostFiles.length > 0 && landing.counts.files === 0) {
    throw lostFiles[0].error;
  }
  const { failed, hint } = await explainLost(
    sources.sessions,
    ref,
    lostFiles,
    options,
  );
  const { bytes, warnings, ...rest } = await landing.commit();
  return {
    ...rest,
    warnings: [...notes, ...warnings],
    ...progress.done(bytes, sources),
    landingMs: landing.busyMs,
    manifestHash,
    filesUnchanged: reuse?.filesUnchanged ?? 0,
    isLeftInPlace: false,
    failed: [...refused, ...failed],
    ...(hint !== undefined && { failedHint: hint }),
  };
}

/**
 * Closes a landing that has failed. What there is stays for the next run, unless
 * the manifest itself turned out to be impossible.
 */
async function giveUp(
  landing: TreeLanding,
  error: unknown,
  progress: FetchProgress,
): Promise<void> {
  if (error instanceof ManifestError) {
    // The error that led here matters more than what stays behind.
    await landing.abort().catch(() => {});
    return;
  }
  const kept = await landing.close();
  if (kept !== undefined) progress.stopped(kept);
}

function openLanding(
  { out, target, plan, manifest, manifestHash }: WantedTree,
  options: FetchDirOptions,
  progress: FetchProgress,
): Promise<TreeLanding> {
  const { fsync, preserveSetid, links, perms, sparse, signal } = options;
  const { onInstalling, onInstalled, resume, clean } = options;
  const path = target.out;
  return TreeLanding.open({
    out,
    manifest,
    fsync,
    preserveSetid,
    ...replaceRule(options),
    links,
    perms,
    sparse,
    resume,
    clean,
    plan,
    trustParent: options.trustParent,
    onRemoval: (stage, files) => progress.stage(stage, { files }),
    onInstalling: onInstalling &&
      ((identity) => onInstalling({ path, identity, manifestHash })),
    onInstalled: onInstalled &&
      ((identity) => onInstalled({ path, identity, manifestHash }, manifest)),
    signal,
  });
}

/** The result of a fetch that changes nothing. */
async function leaveInPlace(
  wanted: WantedTree,
  { summary: { counts, warnings } }: Pick<Reuse, "summary">,
  options: FetchDirOptions,
  progress: FetchProgress,
  sources: OpenedSources,
): Promise<FetchDirResult> {
  const { out, target: { out: path }, manifest, manifestHash, refused } =
    wanted;
  const { fsync = false } = options;
  const said = new Set(warnings);
  if (leftAt(out).length > 0) {
    // What runs that were stopped have left goes when a landing opens.
    await using landing = await openLanding(wanted, options, progress);
    await landing.leave();
    for (const text of landing.warnings) said.add(text);
  }
  const { bytes, files } = counts;
  if (fsync) syncExistingTree(path);
  const identity = await identityAt(path);
  const installed = { path, identity, manifestHash };
  await options.onInstalled?.(installed, manifest);
  progress.linked(files, bytes);
  progress.start({ totalBytes: 0n, totalFiles: files, files });
  return {
    ...counts,
    ...progress.done(bytes, sources),
    ...installed,
    landingMs: 0,
    filesUnchanged: files,
    isLeftInPlace: true,
    atomic: true,
    failed: refused,
    warnings: [...said],
  };
}

/** A part of a tree replaces nothing, as that would drop what is left out. */
export function replaceRule(
  { filter, replace, former }: FetchDirOptions,
): Pick<FetchDirOptions, "replace" | "former"> {
  return filter === undefined ? { replace, former } : {};
}
