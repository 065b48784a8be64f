/** Files of the old tree that become files of the new one. */

import {
  type FileStamp,
  isSameFile,
  sameStamp,
  stampOf,
} from "../../os/file_identity.ts";
import { isOsError, lookAt } from "../../os/os_error.ts";
import type { FileSystemTraits } from "./file_system.ts";
import { removeTree } from "./remove_tree.ts";

/** A file of the old tree whose content is known. */
export interface OldFile {
  /** Where it is. */
  readonly path: string;
  /** It as it was before it was hashed. */
  readonly stamp: FileStamp;
  /** The permission bits that it must have; none for any. */
  readonly mode: number | undefined;
}

/** Permission bits that let others write. */
const SHARED_WRITE = 0o022;

/**
 * Gives a file of the old tree a name in the new one. Only one of ours that
 * nobody else can write to, that has the mode that is wanted, as it is never
 * changed, and that is what was hashed: compared again under the new name,
 * which nobody else can change.
 *
 * @param old The file.
 * @param to Its new path, in a directory of our own; nothing is there.
 * @param traits What the file system can do.
 * @returns Whether it is there; else its content has to be written anew.
 */
export function linkOldFile(
  old: OldFile,
  to: string,
  traits: Pick<FileSystemTraits, "hardLinks" | "keepsModes" | "uid">,
): boolean {
  if (!traits.hardLinks) return false;
  try {
    const seen = lookAt(old.path);
    if (seen === undefined || !mayBecome(seen, old, traits)) return false;
    Deno.linkSync(old.path, to);
  } catch (error) {
    // Another device, too many names, a rule against links: whatever it is.
    if (isOsError(error) || isOsError(causeOf(error))) return false;
    throw error;
  }
  const linked = lookAt(to);
  if (linked !== undefined && isSameFile(stampOf(linked), old.stamp)) {
    return true;
  }
  removeTree(to);
  return false;
}

function mayBecome(
  seen: Deno.FileInfo,
  { stamp, mode }: OldFile,
  { keepsModes, uid }: Pick<FileSystemTraits, "keepsModes" | "uid">,
): boolean {
  if (!sameStamp(stampOf(seen), stamp) || seen.uid !== uid) return false;
  if (!keepsModes || seen.mode === null) return true;
  if ((seen.mode & SHARED_WRITE) !== 0) return false;
  return mode === undefined || (seen.mode & 0o7777) === mode;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
