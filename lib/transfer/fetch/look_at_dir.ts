import type { BlobRef } from "../../content/mod.ts";
import {
  checkTree,
  type LinkPolicy,
  type TreeCounts,
} from "../../landing/mod.ts";
import type { PathFilter } from "../../store/mod.ts";
import type { FetchFrom } from "../sources/fetch_source.ts";
import { openSources } from "../sources/open_sources.ts";
import { dirBounds } from "./dir_bounds.ts";
import type { FetchOptions } from "./fetch_options.ts";
import { filterManifest } from "./filter_manifest.ts";
import { readManifest } from "./read_manifest.ts";

/** How a directory is looked at, before it is fetched. */
export interface LookAtDirOptions extends Omit<FetchOptions, "onProgress"> {
  /** What becomes of symbolic links, as for `fetchDir`. */
  links?: LinkPolicy;
  /** Which entries count; all, if not given. */
  filter?: PathFilter;
  /** The manifest, if the caller has it; verified, and fetched if it is another. */
  manifest?: Uint8Array;
  /** Whether what cannot be there is left out; then it is not counted here. */
  keepGoing?: boolean;
}

/** A directory before it is fetched. */
export interface LookedAtDir {
  /** Its manifest, for `fetchDir`, which then need not fetch it again. */
  manifest: Uint8Array;
  /** What it holds; absent with `keepGoing`. */
  counts?: TreeCounts;
}

/**
 * Fetches the manifest of a directory and judges it whole; nothing is written.
 *
 * @param from The session with the holder, or several sources.
 * @param ref The reference of the manifest.
 * @throws {ManifestError} When it breaks the format or its limits.
 * @throws {UnsafePathError} When it would leave the tree.
 * @throws As `fetchDir`, when it cannot be fetched.
 */
export async function lookAtDir(
  from: FetchFrom,
  ref: BlobRef,
  options: LookAtDirOptions = {},
): Promise<LookedAtDir> {
  const { filter, keepGoing, links = "inside" } = options;
  await using sources = openSources(from, options);
  const manifest = await readManifest(
    sources.chunks,
    ref,
    dirBounds(options),
    undefined,
    options.manifest,
  );
  if (keepGoing) return { manifest };
  const part = filter === undefined
    ? manifest
    : filterManifest(manifest, filter);
  return { manifest, counts: checkTree({ manifest: part, links }).counts };
}
