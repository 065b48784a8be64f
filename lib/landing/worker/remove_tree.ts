/**
 * Removal of a whole tree that may hold directories without write permission.
 */

import { attempt, ioErrorOf, isNotFound, lookAt } from "../../os/os_error.ts";

/**
 * Removes whatever `path` names; a link is removed itself, never followed, and
 * nothing being there is no error.
 *
 * @param path A file, link or directory.
 * @throws {IoError} When something could not be removed.
 */
export function removeTree(path: string): void {
  const seen = lookAt(path);
  if (seen === undefined) return;
  try {
    Deno.removeSync(path, { recursive: seen.isDirectory });
    return;
  } catch (error) {
    if (isNotFound(error)) return;
    if (
      !seen.isDirectory || !(error instanceof Deno.errors.PermissionDenied)
    ) throw ioErrorOf(error, "remove", path);
  }
  attempt("remove", path, () => {
    unlockDirs(path);
    Deno.removeSync(path, { recursive: true });
  });
}

/** A directory without write permission cannot be emptied by its own owner. */
function unlockDirs(root: string): void {
  const pending = [root];
  for (let dir = pending.pop(); dir !== undefined; dir = pending.pop()) {
    Deno.chmodSync(dir, 0o700);
    for (const entry of Deno.readDirSync(dir)) {
      if (entry.isDirectory) pending.push(`${dir}/${entry.name}`);
    }
  }
}
