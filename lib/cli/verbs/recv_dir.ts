/** `recv-dir`: fetches a directory tree and puts it in place in one step. */

import type { BlobRef } from "../../content/mod.ts";
import { UsageError } from "../../errors.ts";
import { inspectTarget, lossAt } from "../../landing/mod.ts";
import { FETCH_CONCURRENCY, FETCH_CONCURRENCY_MAX } from "../../limits.ts";
import type { PathFilter } from "../../store/mod.ts";
import {
  type DirPreview,
  fetchDir,
  type FetchDirResult,
  type FetchFrom,
  type FetchOptions,
  type InstalledDir,
  lookAtDir,
  previewDir,
} from "../../transfer/mod.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import {
  type OptionTable,
  required,
  type ValuesOf,
  withDefault,
} from "../framework/options/option.ts";
import { countUpTo, DIR } from "../framework/options/value_kind.ts";
import {
  PATH_FILTER_OPTIONS,
  readPathFilter,
} from "../options/path_filter_options.ts";
import {
  HASH_CACHE_OPTION,
  withHashCache,
} from "../options/hash_cache_option.ts";
import { PROGRESS_OPTIONS } from "../options/work_options.ts";
import { METADATA_OPTIONS, metadataOf } from "../receiving/metadata_options.ts";
import {
  failedFields,
  KEEP_GOING_OPTION,
  requireAllLanded,
} from "../receiving/keep_going.ts";
import { IN_PLACE_OPTION } from "../receiving/in_place_option.ts";
import { TRUST_PARENT_OPTION } from "../options/trust_parent_option.ts";
import type { ReferenceSource } from "../node/reference.ts";
import type { Getting } from "../receiving/asking.ts";
import {
  FOUND_OPTIONS,
  type FoundOptions,
} from "../receiving/found_options.ts";
import { CLEAN_OPTION } from "../receiving/resume_options.ts";
import {
  fsyncOptions,
  receive,
  RECEIVE_OPTIONS,
  referenceOption,
} from "../receiving/receive.ts";
import {
  decideNew,
  decideTree,
  replaceOption,
  type TargetDecision,
} from "../receiving/decide_target.ts";
import {
  type FormerTarget,
  rememberComing,
  rememberTarget,
} from "../receiving/former_targets.ts";
import {
  keepManifest,
  keptManifest,
  renewManifest,
} from "../receiving/kept_manifests.ts";
import { inStage } from "../stage.ts";
import { toHex } from "../../text/hex.ts";

const REMOTE_REF = referenceOption("remote-ref", "send-dir");

/** Refuses to replace a tree by a part of one, before anything is fetched. */
function requireNewTarget(out: string): void {
  if (!inspectTarget(out, "tree")) return;
  throw new UsageError(
    `'${out}' exists, and a part of a tree would replace all of it`,
    { hint: "choose a new directory, or fetch without patterns" },
  );
}

function noteOf({ path, identity, manifestHash }: InstalledDir): FormerTarget {
  return { path, ...identity, manifest: toHex(manifestHash) };
}

/** At once: the removal of the old tree may be interrupted, or killed. */
async function rememberInstalled(
  installed: InstalledDir,
  ref: BlobRef,
  manifest: Uint8Array | undefined,
  isKept: boolean,
): Promise<void> {
  await rememberTarget(noteOf(installed));
  if (isKept) renewManifest(ref);
  else if (manifest !== undefined) await keepManifest(ref, manifest);
}

/** What may be said of a fetch of a tree. */
export const TREE_OPTIONS = {
  concurrency: withDefault(
    "concurrency",
    countUpTo(FETCH_CONCURRENCY_MAX),
    "0",
    {
      help: "Files in flight at once",
      shownDefault: String(FETCH_CONCURRENCY),
    },
  ),
  ...PATH_FILTER_OPTIONS,
  ...HASH_CACHE_OPTION,
  ...PROGRESS_OPTIONS,
  ...fsyncOptions({ noFsync: "default" }),
  ...FOUND_OPTIONS,
  ...CLEAN_OPTION,
  ...IN_PLACE_OPTION,
  ...KEEP_GOING_OPTION,
  ...METADATA_OPTIONS,
  ...TRUST_PARENT_OPTION,
} satisfies OptionTable;

/** The same, with what is fetched, and where it goes. */
export interface RecvDirValues
  extends ValuesOf<typeof TREE_OPTIONS & typeof RECEIVE_OPTIONS> {
  readonly remoteRef: ReferenceSource | undefined;
  readonly out: string;
  readonly replace: boolean;
}

/** How trees are fetched by one command line. */
interface TreeWish {
  readonly values: RecvDirValues;
  readonly filter: PathFilter | undefined;
  readonly context: Context;
}

/** The manifest of an earlier fetch, if it may be used. */
async function keptFor(
  { noHashCache }: RecvDirValues,
  ref: BlobRef,
): Promise<Uint8Array | undefined> {
  return noHashCache ? undefined : await keptManifest(ref);
}

/** @param looked The manifest, where it was looked at already. */
async function fetchTree(
  { values, filter, context }: TreeWish,
  from: FetchFrom,
  ref: BlobRef,
  options: FetchOptions & FoundOptions,
  decision: TargetDecision | undefined,
  looked: Uint8Array | undefined,
): Promise<FetchDirResult> {
  const { out, fsync } = values;
  const kept = await keptFor(values, ref);
  const how = {
    ...options,
    manifest: kept ?? looked,
    ...metadataOf(values),
    concurrency: values.concurrency || FETCH_CONCURRENCY,
    fsync,
    filter,
    keepGoing: values.keepGoing,
    replace: decision?.replace,
    former: decision?.former,
    inPlace: values.inPlace,
    clean: values.clean,
    trustParent: values.trustParent,
    onInstalling: async (coming: InstalledDir) => {
      if (decision !== undefined) {
        decision.loss ??= await lossAt(coming.path);
      }
      await rememberComing(noteOf(coming));
    },
    onInstalled: (dir: InstalledDir, manifest: Uint8Array) =>
      rememberInstalled(
        dir,
        ref,
        values.noHashCache ? undefined : manifest,
        kept !== undefined,
      ),
  };
  return await withHashCache(
    values,
    context,
    (hashCache) => fetchDir(from, ref, out, { ...how, hashCache }),
  );
}

function previewTree(
  { values, filter, context }: TreeWish,
  from: FetchFrom,
  ref: BlobRef,
  options: FetchOptions & FoundOptions,
  decision: TargetDecision | undefined,
): Promise<DirPreview> {
  return withHashCache(
    values,
    context,
    (hashCache) =>
      previewDir(from, ref, values.out, {
        ...options,
        ...metadataOf(values),
        filter,
        inPlace: values.inPlace,
        replace: true,
        former: decision?.former,
        hashCache,
      }),
  );
}

/**
 * Fetches a directory.
 *
 * @param getting Who decides, when it is known what it is, whether it is fetched;
 * then nothing is replaced unless that was said.
 */
export async function recvDir(
  values: RecvDirValues,
  context: Context,
  getting?: Getting,
): Promise<void> {
  const { out } = values;
  if (values.remoteRef === "stdin" && values.excludeFrom.includes("-")) {
    throw new UsageError("stdin can be read once", {
      hint: "give the reference or the patterns in a file",
    });
  }
  const filter = await readPathFilter(values, context.log);
  if (filter !== undefined) {
    await inStage("recv_dir", () => requireNewTarget(out));
  }
  const wish = { values, filter, context };
  let looked: Uint8Array | undefined;
  await receive(
    {
      kind: "dir",
      given: values.remoteRef,
      option: REMOTE_REF,
      label: "reconstructing directory",
      getting,
      look: async (from, ref, options) => {
        const { links, keepGoing } = values;
        const manifest = await keptFor(values, ref);
        const how = { ...options, filter, links, manifest, keepGoing };
        const found = await lookAtDir(from, ref, how);
        looked = found.manifest;
        return found.counts ?? {};
      },
      decide: () =>
        getting
          ? decideNew(values, "tree", context)
          : decideTree(values, context),
      fetch: (from, ref, options, decision) =>
        fetchTree(wish, from, ref, options, decision, looked),
      preview: (from, ref, options, decision) =>
        previewTree(wish, from, ref, options, decision),
      sizes: ({ files, dirs, symlinks, bytes }) => ({
        files,
        dirs,
        symlinks,
        bytes,
      }),
      describe: ({ files }) =>
        `${out}: ${files} ${files === 1 ? "file" : "files"}, `,
      made: ({ atomic }) => ({ atomic }),
      last: (result) => ({
        filtered: filter && true,
        ...failedFields(values, result, context.format),
      }),
      isWhole: (result) =>
        filter === undefined && "failed" in result &&
        result.failed.length === 0,
      finish: (result) => requireAllLanded(out, result),
    },
    values,
    context,
  );
}

export const verb: Verb = defineVerb({
  arguments: {},
  options: {
    remoteRef: REMOTE_REF,
    out: required("out", DIR, {
      help:
        "Directory to make; one that an earlier fetch made is replaced as a whole",
    }),
    ...replaceOption(
      "Replace a directory that is not empty and that no earlier fetch made",
    ),
    ...TREE_OPTIONS,
    ...RECEIVE_OPTIONS,
  },
  scope: "remote",
  description:
    "The tree grows in a hidden directory beside the target and takes its place by a rename when it is complete. A run that is stopped, by whatever, leaves that, and the next one of the same reference goes on with what is right of it. Paths that would leave the target are refused before anything is written. With patterns, which are those of gitignore(5), only a part is fetched, and only into a new directory: replacing one would drop what the patterns leave out.",
  examples: [
    {
      line: "recv-dir --ticket @photos.ticket --out ./photos",
      does: "Fetch what a ticket names, from where it says",
    },
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
  run: (values, context) => recvDir(values, context),
});
