/** A manifest held against the tree that is there. */

import {
  type BlobRef,
  blobRefSize,
  checkManifestPath,
  compareUtf8,
  decodeBlobRef,
  type DirEntry,
  readDirEntries,
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
  samePlace: Map<number, number>;
  pairs: Map<number, number>;
  others: ExistingEntry[];
  sameEntries: boolean;
  sameModes: boolean;
}

/**
 * Walks both at once: they have one order. A manifest in another order has no
 * file at the same place.
 *
 * @param entries The tree, in order.
 * @param manifest The encoded manifest, which was checked.
 * @param options How a tree would be made of it.
 * @param onSamePlace Told of each file at the same place, by its number, the
 * index of its entry and what is wanted there, so that nothing is decoded twice.
 */
export function compareTrees(
  entries: Iterable<ExistingEntry>,
  manifest: Uint8Array,
  options: TreeOptions,
  onSamePlace: (number: number, entry: number, wanted: BlobRef) => void =
    () => {},
): TreeComparison {
  const found: Found = {
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
    // Manifests may leave out directories that have contents.
    const isImplied = entry.type === "dir" &&
      comingPath.startsWith(`${entry.path}/`);
    if (!isImplied) found.sameEntries = false;
    if (entry.type === "file") found.others.push(entry);
    next = old.next();
  };
  let index = -1;
  for (const entry of readDirEntries(manifest)) {
    index++;
    if (entry.kind.type === "symlink" && options.links === "skip") continue;
    const path = checkManifestPath(entry.path).join("/");
    while (!next.done && compareUtf8(next.value.path, path) < 0) {
      passOld(next.value, path);
    }
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
  const { samePlace, pairs, sameEntries, sameModes } = found;
  const others = found.others
    .filter(({ size }) => size > 0 && (wanted.has(size) || size > CHUNK_SIZE))
    .map(({ number }) => number);
  return { samePlace, pairs, others, sameEntries, sameModes };
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
