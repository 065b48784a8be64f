/** Flushing what is left as it is: this run has not written it. */

import { isLacking } from "../os/lacking.ts";
import { attempt, isOsError } from "../os/os_error.ts";
import { openOwnSync } from "./regular_file.ts";

/** What can be flushed. */
interface Open extends Disposable {
  syncSync(): void;
}

/**
 * Flushes a tree. What cannot be opened is left to the system, and so is what has
 * taken the place of a file or a directory meanwhile.
 *
 * @param root The tree.
 * @throws {IoError} When the disk fails, or a directory cannot be listed.
 */
export function syncExistingTree(root: string): void {
  const pending = [root];
  for (let dir = pending.pop(); dir !== undefined; dir = pending.pop()) {
    const list = () => [...Deno.readDirSync(dir)];
    for (const { name, isDirectory, isFile } of attempt("list", dir, list)) {
      const path = `${dir}/${name}`;
      if (isDirectory) pending.push(path);
      if (isFile) syncExistingFile(path);
    }
    // By this name nothing is opened but a directory: a pipe would hold us up.
    sync(dir, () => Deno.openSync(`${dir}/.`));
  }
}

/**
 * Flushes a file. One that cannot be opened is left to the system.
 *
 * @throws {IoError} When the disk fails.
 */
export function syncExistingFile(path: string): void {
  sync(path, () => openOwnSync(path));
}

function sync(path: string, open: () => Open): void {
  let opened: Open;
  try {
    opened = open();
  } catch (error) {
    if (isOsError(error)) return;
    throw error;
  }
  using file = opened;
  attempt("sync", path, () => {
    try {
      file.syncSync();
    } catch (error) {
      if (!isLacking(error)) throw error;
    }
  });
}
