import type { BlobRef } from "../../content/mod.ts";
import { DIR_MANIFEST_MAX } from "../../limits.ts";
import type { PathFilter } from "../../store/mod.ts";
import { readBlob } from "./read_blob.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
import { filterManifest } from "./filter_manifest.ts";
import type { TaskGroupOptions } from "../../async/task_group.ts";

/**
 * Fetches a directory's manifest, or the part of it that a filter keeps.
 *
 * @throws {ManifestError} When it is too large; with a filter also when it
 * breaks the format.
 * @throws {UnsafePathError} With a filter, when a path of it would leave the
 * tree.
 */
export async function readManifest(
  source: ChunkSource,
  ref: BlobRef,
  bounds: TaskGroupOptions,
  filter?: PathFilter,
): Promise<Uint8Array> {
  const manifest = await readBlob(source, ref, {
    ...bounds,
    maxSize: DIR_MANIFEST_MAX,
    what: "the directory manifest",
  });
  return filter === undefined ? manifest : filterManifest(manifest, filter);
}
