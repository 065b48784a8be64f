import { attempt, lookAt } from "../../os/os_error.ts";
import { findLeftovers } from "./leftovers.ts";
import { removeTree } from "./remove_tree.ts";
import type { Target } from "./target.ts";

/**
 * Removes what a run left that was killed while it tried the file system; the
 * caller has the target's lock.
 *
 * @param target The target.
 * @param uid Our owner on this file system.
 * @throws {IoError} When something of it stays.
 */
export function removeProbes(target: Target, uid: number | null): void {
  const ops = {
    list: (dir: string) =>
      attempt(
        "list",
        dir,
        () => Array.from(Deno.readDirSync(dir), ({ name }) => name),
      ),
    isOurs: (path: string) => lookAt(path)?.uid === uid,
  };
  for (const path of findLeftovers(ops, target).probe) removeTree(path);
}
