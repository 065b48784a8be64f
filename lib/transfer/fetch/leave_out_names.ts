import { indexDirEntries, readDirEntries } from "../../content/mod.ts";
import { UnsafePathError } from "../../errors.ts";
import { selectEntries } from "./filter_manifest.ts";
import type { FailedFile } from "./lost_files.ts";

/** What of a tree can land somewhere. */
export interface PlaceableTree {
  /** The encoded manifest of that. */
  manifest: Uint8Array;
  /** What is left out. */
  refused: FailedFile[];
}

/**
 * Leaves out of a manifest what cannot land for its names.
 *
 * @param manifest The encoded manifest.
 * @param errors Why entries cannot, by their indexes.
 * @throws {UnsafePathError} When no file would be left.
 */
export function leaveOutNames(
  manifest: Uint8Array,
  errors: ReadonlyMap<number, UnsafePathError>,
): PlaceableTree {
  if (errors.size === 0) return { manifest, refused: [] };
  const refused: FailedFile[] = [];
  let index = 0;
  let files = 0;
  for (const { path, kind } of readDirEntries(manifest)) {
    const error = errors.get(index++);
    if (error !== undefined) {
      refused.push({ path, kind: error.kind, reason: "name" });
    } else if (kind.type === "file") files++;
  }
  const [first] = errors.values();
  if (files === 0) {
    throw new UnsafePathError(first.message, {
      cause: first,
      hint: "choose a target on another file system",
      fields: first.fields,
    });
  }
  index = 0;
  const entries = indexDirEntries(manifest).length;
  return {
    manifest: selectEntries(manifest, entries, () => !errors.has(index++)),
    refused,
  };
}
