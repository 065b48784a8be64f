/** One tree of several, each below a name of its own. */

import { ManifestError } from "../errors.ts";
import { DIR_ENTRIES_MAX, DIR_MANIFEST_MAX } from "../limits.ts";
import { type BlobRef, encodeBlobRef } from "./blob_ref.ts";
import {
  type DirEntry,
  encodeDirManifest,
  readDirEntries,
} from "./dir_manifest.ts";
import { compareUtf8 } from "./utf8.ts";

/** A file or a tree, and what it is called in the one tree. */
export type NamedPart =
  & {
    /** One path component, which no other part has. */
    readonly name: string;
    /** Full `st_mode`, type bits included; 0 = not known. */
    readonly mode: number;
  }
  & (
    | { readonly kind: "blob"; readonly ref: BlobRef }
    | { readonly kind: "dir"; readonly manifest: Uint8Array }
  );

function* entriesOf(part: NamedPart): Generator<DirEntry, void> {
  const { name, mode } = part;
  if (part.kind === "blob") {
    const blob = encodeBlobRef(part.ref);
    yield { path: name, kind: { type: "file", mode, blob } };
    return;
  }
  yield { path: name, kind: { type: "dir", mode } };
  for (const { path, kind } of readDirEntries(part.manifest)) {
    yield { path: `${name}/${path}`, kind };
  }
}

/**
 * Makes the manifest of a tree that holds several files and trees, each under
 * its name.
 *
 * @param parts What it is to hold.
 * @returns The encoded manifest; its entries are in the order that manifests have.
 * @throws {ManifestError} When it would be larger than a manifest may be.
 *
 * @example
 * ```ts
 * import { combineTrees } from "./combine_trees.ts";
 * import { encodeDirManifest } from "./dir_manifest.ts";
 *
 * const manifest = encodeDirManifest({ version: 1, entries: [] });
 * combineTrees([{ name: "photos", kind: "dir", mode: 0, manifest }]);
 * ```
 */
export function combineTrees(
  parts: readonly NamedPart[],
): Uint8Array<ArrayBuffer> {
  const entries: DirEntry[] = [];
  for (const part of parts) {
    for (const entry of entriesOf(part)) {
      if (entries.length === DIR_ENTRIES_MAX) {
        throw new ManifestError(
          `together they have more than the ${DIR_ENTRIES_MAX} entries that a directory may have`,
        );
      }
      entries.push(entry);
    }
  }
  // Names of one part may stand between entries of another: `a`, `a-b`, `a/c`.
  entries.sort((one, other) => compareUtf8(one.path, other.path));
  const manifest = encodeDirManifest({ version: 1, entries });
  if (manifest.length > DIR_MANIFEST_MAX) {
    throw new ManifestError(
      `together their list takes ${manifest.length} bytes: the limit is ${DIR_MANIFEST_MAX}`,
    );
  }
  return manifest;
}

/** What a system that folds names takes for one, for another spelling. */
function folded(name: string): string {
  return name.normalize("NFD").toUpperCase().toLowerCase().normalize("NFC");
}

/** A name with a number before its ending. */
function numbered(name: string, number: number): string {
  const dot = name.lastIndexOf(".");
  return dot > 0
    ? `${name.slice(0, dot)}-${number}${name.slice(dot)}`
    : `${name}-${number}`;
}

/**
 * Tells names apart that are the same, or the same to a system that takes upper
 * and lower case for one: later ones get a number.
 *
 * @param names The names, in order.
 */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let number = 2; taken.has(folded(own)); number++) {
      own = numbered(name, number);
    }
    taken.add(folded(own));
    return own;
  });
}
