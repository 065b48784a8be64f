/**
 * Files of the old tree that a new one begins as a copy of. Where the file system
 * shares the blocks of copies (btrfs, XFS) that takes no room and no time, and
 * what is written over them later changes the copy alone.
 *
 * What is copied is the very file that was hashed, whatever somebody does with
 * its name meanwhile: it gets a second name in a directory in which nobody else
 * can change one, is compared under that, and read by it. So no link leads
 * elsewhere and no pipe keeps us waiting. What is in the copy is verified like
 * what an earlier run has left.
 */

import { type FileStamp, isSameFile, stampOf } from "../../os/file_identity.ts";
import { isOsError, lookAt } from "../../os/os_error.ts";
import { randomToken } from "../../os/random_token.ts";
import { leftoverPath } from "./leftovers.ts";
import { removeTree } from "./remove_tree.ts";
import type { Target } from "./target.ts";
import type { TargetFileSystem } from "./target_file_system.ts";
import { OLD_FILE_COLUMNS } from "./worker_protocol.ts";

/** A file of the old tree, by the index of its entry in the manifest. */
export interface OldEntry {
  readonly entry: number;
  /** It as it was before it was hashed. */
  readonly stamp: FileStamp;
}

/**
 * Reads a message about old files.
 *
 * @param rows A row of `OLD_FILE_COLUMNS` numbers for each.
 */
export function* oldEntriesIn(
  rows: Float64Array,
): Generator<OldEntry, void, void> {
  for (let at = 0; at < rows.length; at += OLD_FILE_COLUMNS) {
    const row = rows.subarray(at, at + OLD_FILE_COLUMNS);
    const [entry, dev, ino, size, mtimeMs, ctimeMs] = row;
    yield { entry, stamp: { dev, ino, size, mtimeMs, ctimeMs } };
  }
}

/**
 * Copies an old file.
 *
 * @param old Where it is, and which it is.
 * @param to The copy's path, in a directory of our own; nothing is there.
 * @param place Beside which target it has its other name meanwhile.
 * @param fs The file system of all.
 * @returns The length of the copy; nothing when there is none.
 */
export function cloneOldFile(
  { path, stamp }: { path: string; stamp: FileStamp },
  to: string,
  place: Target,
  fs: TargetFileSystem,
): number | undefined {
  const { hardLinks, keepsModes, uid } = fs.traits;
  if (!hardLinks) return undefined;
  // A run that is killed leaves a name that the next one removes.
  const aside = leftoverPath(place, "probe", randomToken());
  try {
    if (lookAt(path)?.uid !== uid) return undefined;
    Deno.linkSync(path, aside);
    const linked = lookAt(aside);
    if (linked === undefined || !isSameFile(stampOf(linked), stamp)) {
      return undefined;
    }
    Deno.copyFileSync(aside, to);
    if (keepsModes) fs.setMode(to, 0o600);
    return lookAt(to)?.size;
  } catch (error) {
    // Whatever it is: a rule against links, no room. It is written anew.
    const cause = error instanceof Error ? error.cause : undefined;
    if (!isOsError(error) && !isOsError(cause)) throw error;
    removeTree(to);
    return undefined;
  } finally {
    removeTree(aside);
  }
}
