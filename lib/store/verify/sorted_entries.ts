/** The entries of a manifest in the order in which trees are listed. */

import {
  checkManifestPath,
  compareUtf8,
  type DirEntry,
  readDirEntries,
  sortByUtf8,
} from "../../content/mod.ts";

/** Entries with clean paths, sorted; and what else has to be there. */
export interface SortedEntries {
  /** Can be gone through once. */
  readonly entries: Iterable<DirEntry>;
  /**
   * Directories that have no entry of their own, since manifests may leave out
   * those that have contents.
   */
  readonly impliedDirs: ReadonlySet<string>;
}

/**
 * Reads a manifest that was checked. One that is sorted, as ours are, is not
 * taken into memory.
 */
export function sortedEntries(manifest: Uint8Array): SortedEntries {
  const impliedDirs = new Set<string>();
  const explicitDirs = new Set<string>();
  let last: string | undefined;
  let lastParent = "";
  let isSorted = true;
  for (const { path, kind } of cleanEntries(manifest)) {
    if (last !== undefined && compareUtf8(last, path) >= 0) isSorted = false;
    last = path;
    if (kind.type === "dir") explicitDirs.add(path);
    const parent = parentOf(path);
    if (parent === lastParent) continue;
    lastParent = parent;
    for (
      let at = parent;
      at !== "" && !impliedDirs.has(at);
      at = parentOf(at)
    ) impliedDirs.add(at);
  }
  for (const path of explicitDirs) impliedDirs.delete(path);
  const entries = cleanEntries(manifest);
  return {
    entries: isSorted ? entries : sortByUtf8([...entries], ({ path }) => path),
    impliedDirs,
  };
}

function* cleanEntries(
  manifest: Uint8Array,
): Generator<DirEntry, void, undefined> {
  for (const { path, kind } of readDirEntries(manifest)) {
    yield { path: checkManifestPath(path).join("/"), kind };
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
