/** Where a landing works: beside its target, or inside it. */

import { thisMachine } from "./lock_owner.ts";
import type { InstallPlan } from "./plan_install.ts";
import { type FileSystemTraits, probeBeside } from "./worker/file_system.ts";
import { insideTarget } from "./worker/leftovers.ts";
import { joinPath, type Target } from "./worker/target.ts";
import { TargetFileSystem } from "./worker/target_file_system.ts";
import { removeProbes } from "./worker/remove_probes.ts";
import { TargetLock } from "./worker/target_lock.ts";
import { besideName } from "./worker/temp_names.ts";

/**
 * The directory that everything is written in.
 *
 * @param target The target.
 * @param plan How the tree is put in place.
 */
export function siteOf(target: Target, plan: InstallPlan): string {
  return workedAt(target, plan).parent;
}

/**
 * How the paths begin of all that a landing makes for itself.
 *
 * @param target The target.
 * @param plan How the tree is put in place.
 */
export function namesPrefix(target: Target, plan: InstallPlan): string {
  const { parent, base } = workedAt(target, plan);
  return joinPath(parent, besideName(base, "."));
}

function workedAt(target: Target, { install }: InstallPlan): Target {
  return install === "rename" ? target : insideTarget(target.out);
}

/**
 * Locks a target whose entries are exchanged for those, too, who would replace
 * it by renames. Where nothing can be made beside it, nobody of us can do that.
 */
export async function lockOutside(
  target: Target,
): Promise<TargetLock | undefined> {
  let traits: FileSystemTraits;
  try {
    traits = probeBeside(target, "unknown");
  } catch {
    return undefined;
  }
  const fs = new TargetFileSystem(traits, target.parent);
  const lock = await TargetLock.acquire(target, fs, {
    machine: thisMachine(),
  });
  removeProbes(target, traits.uid);
  return lock;
}
