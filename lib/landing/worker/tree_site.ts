/** Where a tree lands, and by which operations. */

import { checkManifestPath, readDirEntries } from "../../content/mod.ts";
import { attempt, lookAt } from "../../os/os_error.ts";
import { InPlace, type InPlaceOperations } from "./in_place.ts";
import { inPlaceOperations } from "./in_place_operations.ts";
import { insideTarget } from "./leftovers.ts";
import type { Placement } from "./placement.ts";
import { SwapPlacement } from "./swap_placement.ts";
import { joinPath } from "./target.ts";
import type { TargetFileSystem } from "./target_file_system.ts";
import { TargetLock } from "./target_lock.ts";
import type { TreePlan } from "./tree_plan.ts";
import type { TreeRequest } from "./worker_protocol.ts";

/** A landing that works inside the target may have its lock there alone. */
export async function requireFreeInside(
  request: TreeRequest,
  fs: TargetFileSystem,
): Promise<void> {
  const { out } = request.target;
  const inside = insideTarget(out);
  if (lookAt(out)?.isDirectory !== true || !TargetLock.exists(inside)) return;
  // A peer may have sent what has the name of a lock: it is none, and goes with
  // the tree that it is in.
  if (!TargetLock.isOurs(inside, fs.traits.uid)) return;
  const lock = await TargetLock.acquire(inside, fs, request);
  lock.release();
}

/** The operations on the real disk, which sync what is asked for. */
export function operationsOf(
  { fsync }: TreeRequest,
  fs: TargetFileSystem,
): InPlaceOperations {
  const settle = (dir: string) => fs.syncDirectory(dir);
  const sync = (dir: string) => {
    if (fsync) settle(dir);
  };
  return inPlaceOperations(fs.traits, sync, settle);
}

/** The way in which the tree is put in place. */
export function placementOf(
  { target, install, isVolume, manifest }: TreeRequest,
  ops: InPlaceOperations,
): Placement {
  if (install === "rename") return new SwapPlacement(target, ops);
  const place = new InPlace(target.out, ops, isVolume);
  place.check(topNames(manifest));
  return place;
}

function* topNames(manifest: Uint8Array): Generator<string, void, void> {
  for (const { path } of readDirEntries(manifest)) {
    yield checkManifestPath(path)[0];
  }
}

/**
 * Makes the directories of a tree.
 *
 * @param root The temp tree.
 * @param plan The tree.
 * @param fs Its file system.
 * @throws {IoError} When one cannot be made.
 */
export function makeDirectories(
  root: string,
  { dirs }: Pick<TreePlan, "dirs">,
  fs: TargetFileSystem,
): void {
  for (const [dir, mode] of dirs) {
    const path = joinPath(root, dir);
    // For us alone until its mode is set.
    const options = fs.modeOf(mode) === undefined ? {} : { mode: 0o700 };
    attempt("create the directory", path, () => Deno.mkdirSync(path, options));
  }
}

/**
 * Gives directories their modes, deepest first: a mode may forbid what is still
 * to be done inside.
 *
 * @param fsync Whether each is synced, too.
 */
export function finishDirectories(
  root: string,
  { dirs }: Pick<TreePlan, "dirs">,
  fs: TargetFileSystem,
  fsync: boolean,
): void {
  for (const [dir, listed] of [...dirs].reverse()) {
    const path = joinPath(root, dir);
    const mode = fs.modeOf(listed);
    // Before its own mode, which may forbid to open it.
    if (fsync) fs.syncDirectory(path);
    if (mode !== undefined) fs.setMode(path, mode);
  }
}
