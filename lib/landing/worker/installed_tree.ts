/**
 * Looking at a tree again when it has been renamed, where what a file system
 * reports cannot be relied on. Some drivers lose what is in a directory that is
 * renamed, and say that all is well.
 *
 * The files were read again when they were closed (`read_back.ts`). What a
 * rename can lose is what a directory lists, or where the bytes of its files
 * are: so all entries are looked at, and one file of each directory is read.
 */

import { lostInRename } from "../../os/lost_content.ts";
import { attempt, lookAt } from "../../os/os_error.ts";
import {
  differentBytes,
  differentSize,
  READ_BACK_OPERATIONS,
  type ReadBackOperations,
  type WrittenRange,
} from "./read_back.ts";
import { joinPath } from "./target.ts";

/** What a path is. */
type EntryType = "file" | "directory" | "link";

/** What must be there. */
export interface ExpectedEntry {
  /** Where, relative to the tree. */
  readonly path: string;
  readonly type: EntryType;
  /** Length of a file, in bytes. */
  readonly size?: number;
  /** How a file begins, where that is known. */
  readonly start?: WrittenRange;
}

/** The calls, so that each can answer otherwise in a test. */
export interface InstalledOperations extends Pick<ReadBackOperations, "read"> {
  /** How many entries a directory lists. */
  count(path: string): number;
  /** What is there. */
  look(path: string): { type: EntryType; size: number } | undefined;
}

const OPERATIONS: InstalledOperations = {
  read: READ_BACK_OPERATIONS.read,
  count: (path) => Array.from(Deno.readDirSync(path)).length,
  look(path) {
    const seen = lookAt(path);
    if (seen === undefined) return undefined;
    const { isDirectory, isSymlink, size } = seen;
    return {
      type: isDirectory ? "directory" : isSymlink ? "link" : "file",
      size,
    };
  },
};

/**
 * Checks that a tree holds what it was made of.
 *
 * @param root Where it is now.
 * @param expected All that is in it, in any order.
 * @param ops The calls.
 * @throws {IoError} When something is not there any more.
 */
export function checkInstalled(
  root: string,
  expected: Iterable<ExpectedEntry>,
  ops: InstalledOperations = OPERATIONS,
): void {
  /** How many entries each directory must list at least. */
  const counts = new Map<string, number>();
  /** Directories of which a file was read. */
  const read = new Set<string>();
  for (const { path, type, size = 0, start } of expected) {
    const at = joinPath(root, path);
    const above = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    counts.set(above, (counts.get(above) ?? 0) + 1);
    ifAllowed(() => {
      const seen = attempt("look at", at, () => ops.look(at));
      const difference = differentKind(seen?.type, type) ??
        (type === "file" ? differentSize(seen?.size ?? 0, size) : undefined);
      if (difference !== undefined) throw lostInRename(at, difference);
    });
    if (type !== "file" || size === 0 || start === undefined) continue;
    if (read.has(above)) continue;
    read.add(above);
    ifAllowed(() => {
      const difference = differentBytes(at, [start], ops);
      if (difference !== undefined) throw lostInRename(at, difference);
    });
  }
  // Not by looks alone: the system may still know what it has seen there.
  for (const [dir, count] of counts) {
    const at = dir === "" ? root : joinPath(root, dir);
    ifAllowed(() => {
      const found = attempt("list", at, () => ops.count(at));
      if (found >= count) return;
      throw lostInRename(
        at,
        `it must list at least ${count} entries, and ${found} are there`,
      );
    });
  }
}

function differentKind(
  found: EntryType | undefined,
  type: EntryType,
): string | undefined {
  if (found === undefined) return "it is not there";
  return found === type ? undefined : `it is a ${found} and was a ${type}`;
}

/** Modes that were just given may forbid to look. */
function ifAllowed(look: () => void): void {
  try {
    look();
  } catch (error) {
    if (
      error instanceof Error &&
      error.cause instanceof Deno.errors.PermissionDenied
    ) return;
    throw error;
  }
}
