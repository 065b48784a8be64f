/** The files of a tree: those that are there taken over, the others fetched. */

import { TaskGroup } from "../../async/task_group.ts";
import { readDirEntries } from "../../content/mod.ts";
import {
  type InstallPlan,
  type resolveTarget,
  siteOf,
  type TreeLanding,
} from "../../landing/mod.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
import type { LookOptions, PlaceOptions } from "./chunk_place.ts";
import { beginReused } from "./begin_reused.ts";
import { batchBytes, type dirBounds } from "./dir_bounds.ts";
import type { DirFetch } from "./dir_fetch.ts";
import { placesOf, whatIsThere } from "./dir_places.ts";
import { dirWork } from "./dir_work.ts";
import type { FetchProgress } from "./progress.ts";
import { checkFoundFiles } from "./resumed_tree.ts";
import type { Reuse } from "./reuse.ts";
import { takeOver } from "./take_over.ts";
import { volumeOf } from "../../os/volume.ts";
import { holesIn, requireRoom, withRoom } from "./room_on_disk.ts";

/** What files are fetched with. */
export interface FetchingFiles {
  readonly target: ReturnType<typeof resolveTarget>;
  readonly plan: InstallPlan;
  readonly manifest: Uint8Array;
  readonly fetcher: ChunkSource;
  readonly landing: TreeLanding;
  readonly progress: FetchProgress;
  readonly reuse: Reuse | undefined;
  readonly bounds: ReturnType<typeof dirBounds>;
  readonly sparse: boolean | undefined;
  /** Where else content is; paths as `requireReusable` gives them. */
  readonly look: PlaceOptions & LookOptions;
}

/**
 * Takes over what is there and fetches the rest, if there is room for it.
 *
 * @returns What the user should know.
 */
export async function fetchFiles(
  fetch: DirFetch,
  options: FetchingFiles,
): Promise<string[]> {
  const { target, plan, manifest, fetcher, landing, progress } = options;
  const { reuse, bounds, sparse, look } = options;
  const linked = await takeOver(reuse, landing, manifest, progress);
  const site = siteOf(target, plan);
  const { sharesBlocks = false } = await volumeOf(site);
  const cloned = reuse !== undefined && sharesBlocks
    ? await reuse.clone(landing)
    : [];
  const checking = {
    landing,
    manifest,
    fetcher,
    progress,
    isLinked: (entry: number) => reuse?.isLinked(entry) ?? false,
    signal: bounds.signal,
  };
  const { chunks: resumed, files } = await checkFoundFiles(checking);
  let copied = 0;
  for (const entry of cloned) copied += resumed.bytesOf(entry);
  progress.resumed(resumed.bytes - BigInt(copied), files);
  progress.cloned(copied);
  const listing = {
    fetcher,
    batchBytes: batchBytes(bounds.maxBytes),
    signal: bounds.signal,
    resumed,
  };
  const places = await placesOf(manifest, listing, reuse, look, progress);
  const begun = places.files !== undefined && sharesBlocks
    ? await beginReused(places.files, { ...checking, resumed })
    : 0;
  fetch.goOn(resumed, places);
  const bytes = landing.counts.bytes - linked.bytes;
  const need = {
    path: target.out,
    site,
    bytes: bytes - resumed.bytes,
    holes: () => sparse === false ? 0n : holesIn(manifest),
  };
  const notes = [...places.warnings, ...await requireRoom(need)];
  const there = linked.count + files + begun;
  progress.start({
    totalBytes: bytes,
    totalFiles: landing.counts.files,
    ...(there > 0 && { files: there }),
  });
  const group = new TaskGroup(bounds);
  const work = dirWork(readDirEntries(manifest), {
    ...listing,
    signal: group.signal,
    there: whatIsThere(places, reuse),
    onLost: (file, error) => fetch.lose(file, error),
  });
  await group.run(
    work,
    (step, signal) => fetch.run(step, signal),
    ({ bytes }) => bytes,
  ).catch(async (error) => Promise.reject(await withRoom(error, need)));
  return notes;
}
