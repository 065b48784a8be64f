/** What the verbs that publish have in common. */

import { IoError } from "../../errors.ts";
import { attempt, attemptAsync } from "../../os/os_error.ts";
import { makeSafeDirectory } from "../../os/safe_ancestors.ts";
import { isObjectsUrl, ObjectUploads } from "../../objects/mod.ts";
import {
  DiskStore,
  type HeldPath,
  type PublishCounts,
  type PublishOptions,
  type WritableChunkStore,
} from "../../store/mod.ts";
import type { Context } from "../command.ts";
import {
  flag,
  optional,
  type OptionTable,
  type ValuesOf,
} from "../framework/options/option.ts";
import {
  type ProgressOf,
  type ReportProgress,
  withProgress,
} from "../framework/progress/with_progress.ts";
import { openBucket } from "../node/open_objects.ts";
import { openHashCache } from "../options/hash_cache_option.ts";
import { type HASHING_OPTIONS, jobsOf } from "../options/work_options.ts";
import { STORE_PLACE } from "../options/store_place.ts";
import { TRUST_PARENT_OPTION } from "../options/trust_parent_option.ts";
import { inStage, StageFailure } from "../stage.ts";
import { notCarriedLog } from "./not_carried.ts";
import { WarningLog } from "./warning_log.ts";

export const STORE_OPTIONS = {
  store: optional("store", STORE_PLACE, {
    help:
      "Stage the content in this store directory, made if it is missing, or publish it to s3://BUCKET/PREFIX",
  }),
  ...TRUST_PARENT_OPTION,
} satisfies OptionTable;

export const STRICT_OPTION = {
  strict: flag("strict", {
    help:
      "Fail when anything changes, vanishes or cannot be read, instead of publishing the rest",
  }),
} satisfies OptionTable;

/** What the verbs that publish take, whatever they read. */
export type PublishValues = ValuesOf<
  typeof HASHING_OPTIONS & typeof STRICT_OPTION
>;

/** Where what is published goes. */
export interface PublishStore extends AsyncDisposable {
  /** Without one the reference alone is wanted. */
  readonly chunks: WritableChunkStore | undefined;
  /** Waits until all that was put is there. */
  finish(): Promise<void>;
}

/** Opens where `--store` says that what is published goes. */
export async function openStore(
  values: ValuesOf<typeof STORE_OPTIONS>,
  context: Context,
): Promise<PublishStore> {
  const { store: place } = values;
  if (place !== undefined && isObjectsUrl(place)) {
    const { signal } = context;
    const bucket = await openBucket(place, context.log);
    const uploads = new ObjectUploads(bucket, { signal });
    return {
      chunks: uploads,
      finish: () => uploads.finish(),
      [Symbol.asyncDispose]: () => uploads[Symbol.asyncDispose](),
    };
  }
  const chunks = await openDirectory(values);
  return {
    chunks,
    finish: () => Promise.resolve(),
    async [Symbol.asyncDispose]() {
      await chunks?.[Symbol.asyncDispose]();
    },
  };
}

/** Publishes, and waits until it is in the store. */
export async function publishInto<T>(
  store: PublishStore,
  publish: (chunks: WritableChunkStore | undefined) => Promise<T>,
): Promise<T> {
  const published = await publish(store.chunks);
  await store.finish();
  return published;
}

async function openDirectory(
  { store: dir, trustParent }: ValuesOf<typeof STORE_OPTIONS>,
): Promise<DiskStore | undefined> {
  return dir === undefined ? undefined : await makeStore(dir, trustParent);
}

/** Opens a store, which is made if it is missing. */
export async function makeStore(
  dir: string,
  trustParent: boolean,
): Promise<DiskStore> {
  attempt("make the store", dir, () => {
    makeSafeDirectory(dir, 0o700, { trustParent });
  });
  return await DiskStore.open(dir, { trustParent });
}

/**
 * Hashes, shows how far that has come, and tells of what is not published as it
 * lies.
 */
export async function hashing<T>(
  values: PublishValues,
  about: ProgressOf,
  context: Context,
  hash: (
    options: PublishOptions,
    report: ReportProgress | undefined,
  ) => Promise<T>,
): Promise<T> {
  const { jobs, progress, strict } = values;
  const warnings = new WarningLog(context.log);
  const hashCache = openHashCache(values, context.log);
  const options: PublishOptions = {
    signal: context.signal,
    jobs: jobsOf(jobs),
    hashCache,
    strict,
    onWarning: (warning) => warnings.add(warning),
    onNotCarried: notCarriedLog(context.log),
  };
  try {
    return await withProgress(
      progress,
      about,
      context,
      (report) => hash(options, report),
    );
  } finally {
    hashCache?.save();
    warnings.finish();
  }
}

/** The same options that tell of a held path as people read it. */
export function shownAs(
  { path, shown }: HeldPath,
  options: PublishOptions,
): PublishOptions {
  const { onWarning, onNotCarried } = options;
  const show = <T extends { path: string }>(told: T): T => ({
    ...told,
    path: told.path.replace(path, () => shown),
  });
  return {
    ...options,
    onWarning: onWarning && ((warning) => onWarning(show(warning))),
    onNotCarried: onNotCarried && ((note) => onNotCarried(show(note))),
  };
}

/** {@linkcode hashing} of what lies at a path. */
export function publish<T>(
  path: string,
  ...work: Parameters<typeof hashing<T>>
): Promise<T> {
  return inStage(
    "publish",
    () => attemptAsync("publish", path, () => hashing(...work)),
  );
}

/** Fails, after the result, when something could not be read. */
export function requireAllRead(
  path: string,
  { unreadable }: PublishCounts,
): void {
  if (unreadable === 0) return;
  const what = unreadable === 1 ? "1 entry" : `${unreadable} entries`;
  const error = new IoError(`${what} could not be published, the rest is`, {
    hint:
      "leave them out on purpose with --exclude; --strict publishes nothing",
    fields: { path, unreadable },
  });
  throw new StageFailure("publish", error);
}
