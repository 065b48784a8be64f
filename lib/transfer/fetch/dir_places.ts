/** Where the content of a tree is that need not be fetched. */

import { readDirEntries } from "../../content/mod.ts";
import type { ChunkPlace, LookOptions, PlaceOptions } from "./chunk_place.ts";
import { ChunkPlaces } from "./chunk_places.ts";
import { dirWork, type DirWorkOptions, type WhatIsThere } from "./dir_work.ts";
import { LostFiles } from "./lost_files.ts";
import type { FetchProgress } from "./progress.ts";
import type { Reuse } from "./reuse.ts";

/** The old tree, as far as it is asked here. */
type OldTree = Pick<Reuse, "has" | "read" | "isLinked">;

/**
 * Looks where the content of a tree is.
 *
 * @param listing How its work is listed.
 * @param old The tree that is replaced.
 */
export function placesOf(
  manifest: Uint8Array,
  listing: Omit<DirWorkOptions, "there" | "onLost">,
  old: OldTree | undefined,
  look: PlaceOptions & LookOptions,
  progress: FetchProgress,
): Promise<ChunkPlaces> {
  async function* wanted() {
    const works = dirWork(readDirEntries(manifest), {
      ...listing,
      there: whatIsThere(old ?? new ChunkPlaces(), old),
      // Who fetches the file says so, or does without it.
      onLost: (_, error) => Promise.resolve(LostFiles.isOfOneFile(error)),
    });
    for await (const work of works) if (!work.isThere) yield* work.wanted;
  }
  const first = old === undefined ? [] : [old];
  return ChunkPlaces.look(first, look, wanted, progress);
}

/** What a list of work leaves out, or takes from this machine. */
export function whatIsThere(
  places: Pick<ChunkPlace, "has">,
  old: Pick<Reuse, "isLinked"> | undefined,
): WhatIsThere {
  return {
    has: (hash, size) => places.has(hash, size),
    isLinked: (entry) => old?.isLinked(entry) ?? false,
  };
}
