/**
 * The file operations of a swap, on the real disk.
 *
 * @module
 */

import { syncDirectory } from "./file_io.ts";
import { lookAt } from "./os_error.ts";
import { randomToken } from "./ownership.ts";
import { removeTree } from "./remove_tree.ts";
import type { SwapOperations } from "./swap.ts";

/**
 * Makes the operations.
 *
 * @param uid Our owner on this file system.
 * @param fsync Whether renames are made durable.
 */
export function swapOperations(
  uid: number | null,
  fsync: boolean,
): SwapOperations {
  return {
    exists: (path) => lookAt(path) !== undefined,
    isOurs: (path) => {
      const seen = lookAt(path);
      return seen !== undefined && seen.uid === uid;
    },
    *list(dir) {
      for (const entry of Deno.readDirSync(dir)) yield entry.name;
    },
    rename: (from, to) => Deno.renameSync(from, to),
    remove: removeTree,
    sync: (dir) => {
      if (fsync) syncDirectory(dir);
    },
    token: randomToken,
  };
}
