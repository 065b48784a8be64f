/**
 * Trees that earlier runs were filling when they were stopped.
 *
 * Their names say of which manifest they are, by the first digits of its hash.
 * Whoever wants the same tree takes over what is right of them
 * (`take_over.ts`). Others are left alone for a week, as somebody may want them
 * still, unless the caller says otherwise. Who asks has the target's lock, so
 * nobody is at them.
 */

import { UNFINISHED_KEPT_MS } from "../../limits.ts";
import { attempt, isOsError, lookAt } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import { toHex } from "../../text/hex.ts";
import { findLeftovers, leftoverPath } from "./leftovers.ts";
import { markForRemoval, type SwapOperations } from "./swap.ts";
import type { Target } from "./target.ts";

/** What becomes of the trees. */
export interface UnfinishedRules {
  /** 16 hex digits of the hash of the manifest that is wanted. */
  readonly token: string;
  /** Whether those of the same manifest are taken over, else removed. */
  readonly resume: boolean;
  /** Whether those of other manifests are removed, however young. */
  readonly clean: boolean;
}

/** What was found. */
export interface Unfinished {
  /** Trees of the same manifest, moved aside. */
  sources: { path: string; place: Target }[];
  /** What is to be removed, under names that say so. */
  garbage: string[];
  /** Sentences for the user about what stays. */
  warnings: string[];
}

/** Digits of a manifest's hash in the name of a tree that is filled. */
const TOKEN_DIGITS = 16;
/** The same of one that was moved aside. */
const DIGITS = 8;

/**
 * What the name of a tree says of its manifest.
 *
 * @param hash BLAKE3 of the manifest.
 */
export function treeToken(hash: Uint8Array): string {
  return toHex(hash).slice(0, TOKEN_DIGITS);
}

/**
 * Tells whether a tree that was being filled, or moved aside, is of a manifest.
 *
 * @param path The tree.
 * @param token The manifest's.
 */
export function isOfTree(path: string, token: string): boolean {
  const end = path.slice(-TOKEN_DIGITS);
  return end === token ||
    path.slice(0, -TOKEN_DIGITS).endsWith(".moved_") &&
      end.startsWith(token.slice(0, DIGITS));
}

/**
 * Finds the trees beside a target and in it, and says what becomes of each. Those
 * of the same manifest are moved aside, so that their name is free: files go
 * over to the new tree one by one, and a run may be stopped in the middle of
 * that, too.
 *
 * @param ops How they are moved.
 * @param places Where trees are filled.
 * @param rules What becomes of them.
 */
export function settleUnfinished(
  ops: SwapOperations,
  places: readonly Target[],
  { token, resume, clean }: UnfinishedRules,
): Unfinished {
  const found: Unfinished = { sources: [], garbage: [], warnings: [] };
  const start = token.slice(0, DIGITS);
  for (const place of places) {
    const { fetch, moved } = findLeftovers(ops, place);
    const remove = (path: string) =>
      found.garbage.push(markForRemoval(ops, place, path));
    for (const path of moved) {
      if (!isOfTree(path, token)) {
        settleOther(path, place, clean, remove, found.warnings);
      } else if (resume) found.sources.push({ path, place });
      else remove(path);
    }
    for (const path of fetch) {
      if (!isOfTree(path, token)) {
        settleOther(path, place, clean, remove, found.warnings);
      } else if (resume) {
        const name = start + ops.token().slice(DIGITS);
        const aside = leftoverPath(place, "moved", name);
        attempt("move aside", path, () => ops.rename(path, aside));
        found.sources.push({ path: aside, place });
      } else remove(path);
    }
  }
  return found;
}

/** Nothing was ever put into it, or all that was is in its place. */
function isEmpty(path: string): boolean {
  try {
    return Deno.readDirSync(path)[Symbol.iterator]().next().done === true;
  } catch (error) {
    if (isOsError(error)) return false;
    throw error;
  }
}

/** Removes a tree of another manifest, or says that it is there. */
function settleOther(
  path: string,
  { out }: Target,
  clean: boolean,
  remove: (path: string) => void,
  warnings: string[],
): void {
  // Each run makes its tree anew: so old is the last one.
  const begun = lookAt(path)?.mtime?.getTime() ?? 0;
  const isOld = Date.now() - begun > UNFINISHED_KEPT_MS;
  if (clean || isOld || isEmpty(path)) return remove(path);
  warnings.push(
    `a fetch of another tree to ${quoteText(out)} was stopped: what it had ` +
      `is in ${quoteText(path)} for a week, or until --clean removes it`,
  );
}
