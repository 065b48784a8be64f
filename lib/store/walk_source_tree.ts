/**
 * Listing a directory tree for publishing: what a directory manifest will say
 * of it, but for the contents.
 *
 * @module
 */

import { compareUtf8, decodeUtf8Lossy, quoteText } from "../content/mod.ts";
import { LandingError, UsageError } from "../errors.ts";
import { DIR_DEPTH_MAX, DIR_ENTRIES_MAX, DIR_PATH_MAX } from "../limits.ts";
import { Pacer } from "./_pacer.ts";
import type { PathFilter } from "./path_filter.ts";
import {
  joinPath,
  joinRaw,
  lstatAt,
  rawPaths,
  showPath,
  type SourcePath,
} from "./_raw_paths.ts";
import { describeIoError, unreadable } from "./_io_errors.ts";

/** One file, directory or symbolic link of a {@linkcode SourceTree}. */
export interface SourceEntry {
  /** Names below the root joined with `/`; what is not UTF-8 became U+FFFD. */
  path: string;
  /** Where it lies: the bytes of the path if they are not UTF-8. */
  source: SourcePath;
  /** What it is. */
  type: "file" | "dir" | "symlink";
  /** Full `st_mode`, type bits included; 0 where the system has none. */
  mode: number;
  /** Length of a file in bytes when it was listed, else 0. */
  size: number;
  /** The text of a symbolic link. */
  target?: string;
}

/** A directory tree as it was when it was listed. */
export interface SourceTree {
  /** By the UTF-8 bytes of their paths; the root has no entry. */
  entries: SourceEntry[];
  /** Paths of sockets, FIFOs and devices, which cannot be published. */
  skipped: string[];
  /** Paths that stand for more than one entry, because names that are not UTF-8 became equal. */
  collisions: string[];
}

/** Options of {@linkcode walkSourceTree}. */
export interface WalkOptions {
  /** Ends the walk; its reason is thrown. */
  signal?: AbortSignal;
  /** Which entries are listed; all, if not given. */
  filter?: PathFilter;
}

/** A directory still to be listed. */
interface Pending {
  source: SourcePath;
  /** Path below the root, with a slash at its end unless empty. */
  prefix: string;
  depth: number;
}

interface ListedName {
  name: string;
  source: SourcePath;
}

/**
 * Lists a tree without following links, hidden files included.
 *
 * Names that are not UTF-8 are listed as they are where the process may call
 * native code (`--allow-ffi`, on Linux); else they are an error, except that Deno
 * before 2.5 leaves them out without a trace.
 *
 * @param root A directory, or a link to one.
 * @throws {UsageError} When `root` is not a directory.
 * @throws {LandingError} When something cannot be read, or passes what a
 * manifest can hold; the message names its path.
 *
 * @example
 * ```ts
 * import { walkSourceTree } from "./walk_source_tree.ts";
 *
 * const { entries } = await walkSourceTree("./photos");
 * const files = entries.filter((entry) => entry.type === "file");
 * ```
 */
export async function walkSourceTree(
  root: string,
  options: WalkOptions = {},
): Promise<SourceTree> {
  const { signal, filter } = options;
  checkRoot(root);
  signal?.throwIfAborted();
  const tree: SourceTree = { entries: [], skipped: [], collisions: [] };
  const ifNeeded = new Set<string>();
  const pending: Pending[] = [{ source: root, prefix: "", depth: 1 }];
  const pacer = new Pacer();
  let directory: Pending | undefined;
  while ((directory = pending.pop()) !== undefined) {
    for (const { name, source } of listNames(directory.source)) {
      const path = directory.prefix + name;
      const entry = examine(path, source);
      const kept = filter?.(path, entry?.type ?? "file") ?? true;
      if (kept === false) continue;
      if (entry === undefined) {
        tree.skipped.push(path);
        continue;
      }
      if (kept === "if_needed") ifNeeded.add(path);
      checkBounds(entry, directory.depth, tree.entries.length);
      tree.entries.push(entry);
      if (entry.type === "dir") {
        pending.push({
          source,
          prefix: `${path}/`,
          depth: directory.depth + 1,
        });
      }
      if (pacer.due) await pacer.rest(signal);
    }
  }
  if (ifNeeded.size > 0) {
    tree.entries = withoutNeedless(tree.entries, ifNeeded);
  }
  tree.entries.sort((a, b) => compareUtf8(a.path, b.path));
  tree.skipped.sort(compareUtf8);
  tree.collisions.push(...findRepeats(tree.entries));
  return tree;
}

/**
 * Leaves out directories in which nothing is kept. Every entry comes after its
 * parent.
 */
function withoutNeedless(
  entries: readonly SourceEntry[],
  ifNeeded: ReadonlySet<string>,
): SourceEntry[] {
  const needed = new Set<string>();
  return entries.toReversed().filter(({ path }) => {
    if (ifNeeded.has(path) && !needed.has(path)) return false;
    const end = path.lastIndexOf("/");
    if (end >= 0) needed.add(path.slice(0, end));
    return true;
  });
}

function checkRoot(root: string): void {
  try {
    if (Deno.statSync(root).isDirectory) return;
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such directory"
      : describeIoError(error);
    throw new UsageError(`Cannot publish ${quoteText(root)}: ${reason}`, {
      cause: error,
      fields: { path: root },
    });
  }
  throw new UsageError(
    `Cannot publish ${quoteText(root)} as a directory: it is not one`,
    { fields: { path: root } },
  );
}

/** Lists a directory, by the C library where that can be called. */
function listNames(directory: SourcePath): ListedName[] {
  const raw = rawPaths?.list(directory);
  if (raw !== undefined) {
    return raw.map((name) => ({
      name: decodeUtf8Lossy(name),
      source: joinRaw(directory, name),
    }));
  }
  if (typeof directory !== "string") {
    throw unreadable(directory, "the directory cannot be listed");
  }
  const names: ListedName[] = [];
  try {
    for (const { name } of Deno.readDirSync(directory)) {
      names.push({ name, source: joinPath(directory, name) });
    }
  } catch (error) {
    throw unreadable(directory, describeIoError(error), error);
  }
  refuseReplacedNames(names);
  return names;
}

/**
 * Refuses names that only look alike because the runtime replaced what is not
 * UTF-8: opening them would give one file twice. Others fail when they are
 * examined.
 */
function refuseReplacedNames(names: readonly ListedName[]): void {
  const seen = new Set<string>();
  for (const { name, source } of names) {
    if (!name.includes("\ufffd")) continue;
    if (seen.has(name)) throw notUtf8(showPath(source), "its name");
    seen.add(name);
  }
}

/** Makes the entry of one path; `undefined` for what cannot be published. */
function examine(path: string, source: SourcePath): SourceEntry | undefined {
  let info: Deno.FileInfo;
  try {
    info = lstatAt(source);
  } catch (error) {
    if (path.includes("\ufffd") && typeof source === "string") {
      throw notUtf8(source, "its name", error);
    }
    throw unreadable(source, describeIoError(error), error);
  }
  const mode = info.mode ?? 0;
  if (info.isDirectory) return { path, source, type: "dir", mode, size: 0 };
  if (info.isFile) {
    return { path, source, type: "file", mode, size: info.size };
  }
  if (info.isSymlink) {
    const target = readTarget(source);
    return { path, source, type: "symlink", mode, size: 0, target };
  }
  return undefined;
}

function readTarget(source: SourcePath): string {
  if (typeof source === "string") {
    try {
      return Deno.readLinkSync(source);
    } catch (error) {
      if (!(error instanceof Deno.errors.InvalidData)) {
        throw unreadable(source, describeIoError(error), error);
      }
    }
  }
  const target = rawPaths?.readLink(source);
  if (target === undefined) {
    throw notUtf8(showPath(source), "the target of this link");
  }
  return decodeUtf8Lossy(target);
}

function checkBounds(
  { path, source }: SourceEntry,
  depth: number,
  entries: number,
): void {
  if (entries >= DIR_ENTRIES_MAX) {
    throw unreadable(
      source,
      `the tree has more than ${DIR_ENTRIES_MAX} entries; publish its parts one by one`,
    );
  }
  if (depth > DIR_DEPTH_MAX) {
    throw unreadable(
      source,
      `it is more than ${DIR_DEPTH_MAX} directories deep, and no receiver accepts that`,
    );
  }
  // A code unit is at most three bytes: most paths need no counting.
  if (path.length * 3 > DIR_PATH_MAX && utf8Length(path) > DIR_PATH_MAX) {
    throw unreadable(
      source,
      `its path in the tree is longer than ${DIR_PATH_MAX} bytes, and no receiver accepts that`,
    );
  }
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

function findRepeats(entries: readonly SourceEntry[]): string[] {
  const repeats = new Set<string>();
  for (let i = 1; i < entries.length; i++) {
    if (entries[i].path === entries[i - 1].path) repeats.add(entries[i].path);
  }
  return [...repeats];
}

function notUtf8(path: string, what: string, cause?: unknown): LandingError {
  return new LandingError(
    `Cannot publish ${quoteText(path)}: ${what} is not valid UTF-8`,
    {
      cause,
      hint: Deno.build.os === "linux"
        ? "Rename it, or allow native calls with --allow-ffi."
        : "Rename it.",
      fields: { path },
    },
  );
}
