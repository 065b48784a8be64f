/**
 * The names beside a target under which a landing works, and what earlier runs
 * have left there.
 *
 * - `.<base>.fetch_<16 hex>`: a tree that grows; the digits are those of its
 *   manifest's hash.
 * - `.<base>.moved_<16 hex>`: one that grew, while files are taken over from it;
 *   the first half of the digits is the same.
 * - `.<base>.probe_<16 hex>`: where the file system was tried.
 * - `.<base>.replaced_<16 hex>`: the old tree, whole, moved aside while the new
 *   one is not known to be in its place. Where the target is absent it is put
 *   back.
 * - `.<base>.removing_<16 hex>`: a tree of which something may be gone. It is
 *   never put back.
 *
 * The holder of the target's lock alone makes them, so what it finds when it
 * has the lock is of runs that have ended.
 */

import { INSIDE_BASE } from "./own_entries.ts";
import { joinPath, type Target } from "./target.ts";
import { besideName } from "./temp_names.ts";

/** What a tree beside a target is. */
export type LeftoverKind =
  | "fetch"
  | "moved"
  | "probe"
  | "replaced"
  | "removing";

/** Trees beside a target, by their paths. */
export type Leftovers = Record<LeftoverKind, string[]>;

/** What is needed to find them. */
export interface LeftoverOperations {
  /** The names in a directory. */
  list(dir: string): string[];
  /** Whether it is there and belongs to us. */
  isOurs(path: string): boolean;
}

const TOKEN = /^[0-9a-f]{16}$/;

/**
 * The path of a tree beside a target.
 *
 * @param target The target.
 * @param kind What it is.
 * @param token 16 hex digits.
 */
export function leftoverPath(
  { parent, base }: Target,
  kind: LeftoverKind,
  token: string,
): string {
  return joinPath(parent, besideName(base, `.${kind}_${token}`));
}

/**
 * Finds what earlier runs have left beside a target; the caller has its lock.
 *
 * @param ops How the directory is read.
 * @param target The target.
 */
export function findLeftovers(
  ops: LeftoverOperations,
  { parent, base }: Target,
): Leftovers {
  const found: Leftovers = {
    fetch: [],
    moved: [],
    probe: [],
    replaced: [],
    removing: [],
  };
  const prefix = besideName(base, ".");
  for (const name of ops.list(parent)) {
    if (!name.startsWith(prefix)) continue;
    const [kind, token, ...more] = name.slice(prefix.length).split("_");
    if (!isKind(kind) || more.length > 0 || !TOKEN.test(token)) continue;
    const path = joinPath(parent, name);
    if (ops.isOurs(path)) found[kind].push(path);
  }
  return found;
}

function isKind(word: string): word is LeftoverKind {
  return ["fetch", "moved", "probe", "replaced", "removing"].includes(word);
}

/**
 * The place inside a directory where a landing works that leaves the directory
 * itself alone, as if it were beside a target.
 *
 * @param directory The directory.
 */
export function insideTarget(directory: string): Target {
  return { out: directory, parent: directory, base: INSIDE_BASE };
}
