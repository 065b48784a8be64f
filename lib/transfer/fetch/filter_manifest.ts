import {
  checkManifestPath,
  DirManifestEncoder,
  readDirEntries,
} from "../../content/mod.ts";
import { checkTree } from "../../landing/mod.ts";
import type { PathFilter } from "../../store/mod.ts";

/**
 * Makes a manifest of the entries that a filter keeps and of the directories
 * above them. The whole manifest is checked first: a hostile one is refused
 * wherever in it the hostile entry is. What its links lead to is not judged
 * here: that depends on what is made of them.
 *
 * Entries are read one at a time, several times over: beside the two manifests
 * it takes a byte for each entry and the paths of the directories kept. The
 * filter is asked once about each entry.
 */
export function filterManifest(
  manifest: Uint8Array,
  filter: PathFilter,
): Uint8Array<ArrayBuffer> {
  const { counts } = checkTree({ manifest, links: "keep" });
  const entries = counts.files + counts.dirs + counts.symlinks;
  return selectEntries(manifest, entries, filter);
}

/**
 * Makes a manifest of some entries of a checked one and of the directories above
 * them.
 *
 * @param manifest The encoded manifest.
 * @param entries How many entries it has.
 * @param filter Which are kept; asked once about each entry, in order.
 */
export function selectEntries(
  manifest: Uint8Array,
  entries: number,
  filter: PathFilter,
): Uint8Array<ArrayBuffer> {
  const kept = new Uint8Array(entries);
  const parents = new Set<string>();
  let index = 0;
  for (const { path: listed, kind } of readDirEntries(manifest)) {
    const path = normalized(listed);
    if (filter(path, kind.type) === true) {
      kept[index] = 1;
      addParents(parents, path);
    }
    index++;
  }
  index = 0;
  let count = 0;
  for (const { path, kind } of readDirEntries(manifest)) {
    if (kind.type === "dir" && parents.has(normalized(path))) kept[index] = 1;
    count += kept[index++];
  }
  const encoder = new DirManifestEncoder(count);
  index = 0;
  for (const entry of readDirEntries(manifest)) {
    if (kept[index++] === 1) encoder.add(entry);
  }
  return encoder.take();
}

function normalized(path: string): string {
  return checkManifestPath(path).join("/");
}

/** Walks up until a parent is known: then so are those above it. */
function addParents(parents: Set<string>, path: string): void {
  let end = path.lastIndexOf("/");
  while (end > 0) {
    const parent = path.slice(0, end);
    if (parents.has(parent)) return;
    parents.add(parent);
    end = path.lastIndexOf("/", end - 1);
  }
}
