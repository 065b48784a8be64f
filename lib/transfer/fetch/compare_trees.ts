/** A manifest held against the tree that is there. */

import {
  type BlobRef,
  blobRefSize,
  checkManifestPath,
  compareUtf8,
  decodeBlobRef,
  type DirEntry,
  indexDirEntries,
  readDirEntries,
  readDirEntry,
  sortByUtf8,
} from "../../content/mod.ts";
import { plannedMode, type TreeOptions } from "../../landing/mod.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import type { ExistingEntry } from "../../store/mod.ts";

/** What a tree and a manifest have in common, as far as names and sizes tell. */
export interface TreeComparison {
  /**
   * Files of the tree, by their numbers, that have the path and the length of an
   * entry of the manifest, whose index it gives.
   */
  readonly samePlace: Map<number, number>;
  /** The same of files of any length. */
  readonly pairs: Map<number, number>;
  /** Other files of the tree in which chunks of the manifest may be. */
  readonly others: number[];
  /** Whether both have the same entries, but for modes and the content of files. */
  readonly sameEntries: boolean;
  /** Whether these have the same modes. */
  readonly sameModes: boolean;
}

interface Found {
  /**
   * Directories without an entry of which nothing has come yet: manifests may
   * leave out those that have contents, and `d-e` comes between `d` and `d/e`.
   */
  unlisted: string[];
  samePlace: Map<number, number>;
  pairs: Map<number, number>;
  others: ExistingEntry[];
  sameEntries: boolean;
  sameModes: boolean;
}

/**
 * Walks both at once, in one order.
 *
 * @param entries The tree, in order.
 * @param manifest The encoded manifest, which was checked.
 * @param isSorted Whether its entries have that order, too; else they are
 * sorted, for which their paths are taken into memory.
 * @param options How a tree would be made of it.
 * @param onSamePlace Told of each file at the same place, by its number, the
 * index of its entry and what is wanted there, so that nothing is decoded twice.
 */
export function compareTrees(
  entries: Iterable<ExistingEntry>,
  manifest: Uint8Array,
  isSorted: boolean,
  options: TreeOptions,
  onSamePlace: (number: number, entry: number, wanted: BlobRef) => void =
    () => {},
): TreeComparison {
  const found: Found = {
    unlisted: [],
    samePlace: new Map(),
    pairs: new Map(),
    others: [],
    sameEntries: true,
    sameModes: true,
  };
  /** Lengths of files of the manifest that are not where they were. */
  const wanted = new Set<number>();
  const old = entries[Symbol.iterator]();
  let next = old.next();
  const passOld = (entry: ExistingEntry, comingPath: string) => {
    if (entry.type !== "dir") found.sameEntries = false;
    else if (!comingPath.startsWith(`${entry.path}/`)) {
      judgeUnlisted(found, entry.path);
      if (found.sameEntries) found.unlisted.push(entry.path);
    }
    if (entry.type === "file") found.others.push(entry);
    next = old.next();
  };
  const inOrder = isSorted ? entriesOf(manifest) : sortedEntriesOf(manifest);
  for (const { index, path, entry } of inOrder) {
    judgeUnlisted(found, path);
    while (!next.done && compareUtf8(next.value.path, path) < 0) {
      passOld(next.value, path);
    }
    if (entry.kind.type === "symlink" && options.links === "skip") continue;
    if (next.done || next.value.path !== path) {
      found.sameEntries = false;
      addSize(wanted, entry);
      continue;
    }
    comparePair(found, next.value, entry, index, { options, onSamePlace });
    if (!found.samePlace.has(next.value.number)) addSize(wanted, entry);
    next = old.next();
  }
  while (!next.done) passOld(next.value, "");
  if (found.unlisted.length > 0) found.sameEntries = false;
  const { samePlace, pairs, sameEntries, sameModes } = found;
  const others = found.others
    .filter(({ size }) => size > 0 && (wanted.has(size) || size > CHUNK_SIZE))
    .map(({ number }) => number);
  return { samePlace, pairs, others, sameEntries, sameModes };
}

/** An entry of a manifest with its clean path, and which one it is. */
interface Listed {
  readonly index: number;
  readonly path: string;
  readonly entry: DirEntry;
}

function* entriesOf(manifest: Uint8Array): Generator<Listed, void, void> {
  let index = 0;
  for (const entry of readDirEntries(manifest)) {
    const path = checkManifestPath(entry.path).join("/");
    yield { index: index++, path, entry };
  }
}

/** Only the paths are kept, as the whole entries may take much more. */
function* sortedEntriesOf(
  manifest: Uint8Array,
): Generator<Listed, void, void> {
  const starts = indexDirEntries(manifest);
  const paths = Array.from(
    entriesOf(manifest),
    ({ index, path }) => ({ index, path }),
  );
  for (const { index, path } of sortByUtf8(paths, ({ path }) => path)) {
    yield { index, path, entry: readDirEntry(manifest, starts[index]) };
  }
}

/**
 * Whether directories without an entry have contents, as far as what comes next
 * tells: all they can have comes before anything that is behind them.
 */
function judgeUnlisted(found: Found, path: string): void {
  if (found.unlisted.length === 0) return;
  found.unlisted = found.unlisted.filter((dir) => {
    const inside = `${dir}/`;
    if (path.startsWith(inside)) return false;
    const isPast = compareUtf8(path, inside) > 0;
    if (isPast) found.sameEntries = false;
    return !isPast;
  });
}

function addSize(sizes: Set<number>, { kind }: DirEntry): void {
  if (kind.type === "file") sizes.add(sizeOf(kind.blob));
}

function sizeOf(blob: Uint8Array): number {
  const ref = decodeBlobRef(blob);
  return ref === undefined ? -1 : Number(blobRefSize(ref));
}

/** Compares two entries of one path. */
function comparePair(
  found: Found,
  old: ExistingEntry,
  { kind }: DirEntry,
  index: number,
  { options, onSamePlace }: {
    options: TreeOptions;
    onSamePlace: (number: number, entry: number, wanted: BlobRef) => void;
  },
): void {
  if (old.type !== kind.type) {
    found.sameEntries = false;
    if (old.type === "file") found.others.push(old);
    return;
  }
  if (kind.type === "symlink") {
    if (old.target !== kind.target) found.sameEntries = false;
    return;
  }
  const mode = plannedMode(kind, options);
  if (mode !== undefined && mode !== (old.mode & 0o7777)) {
    found.sameModes = false;
  }
  if (kind.type === "dir") return;
  found.pairs.set(old.number, index);
  const wanted = decodeBlobRef(kind.blob);
  if (wanted !== undefined && Number(blobRefSize(wanted)) === old.size) {
    found.samePlace.set(old.number, index);
    onSamePlace(old.number, index, wanted);
    return;
  }
  found.sameEntries = false;
  found.others.push(old);
}
