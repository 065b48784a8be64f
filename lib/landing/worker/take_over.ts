/**
 * Files of a tree that an earlier run was filling become files of a new one,
 * which only we can enter: each that the manifest names, by a rename, and nothing
 * else. What lies in the old tree besides, or is something else there than it is
 * to be, never gets into the new one. What is in the files is not known to be
 * right.
 *
 * Nobody else may write to what was taken: a tree that is being filled is for us
 * alone. One that was about to be put in place had been opened up, though; then
 * a file that others may write to may be open for writing still, and is copied.
 * No name changes under us, as each directory is closed again before it is
 * looked into, from the top down.
 */

import { attempt, isOsError, lookAt } from "../../os/os_error.ts";
import { removeTree } from "./remove_tree.ts";
import { joinPath } from "./target.ts";
import type { TargetFileSystem } from "./target_file_system.ts";
import type { TreePlan } from "./tree_plan.ts";

/** A file that was taken over. */
export interface TakenFile {
  /** Its index in the manifest. */
  entry: number;
  /** Its length, in bytes. */
  size: number;
}

/** Permission bits by which others can get in, and write. */
const SHARED = 0o077;
const SHARED_WRITE = 0o022;

/**
 * Takes over what is there of a tree.
 *
 * @param from The old tree, under a name of ours.
 * @param to The new one, whose directories exist; files that are there stay.
 * @param plan What is wanted.
 * @param fs The file system of both.
 * @throws {IoError} When a mode cannot be set.
 */
export function* takeOverFiles(
  from: string,
  to: string,
  { dirs, files }: Pick<TreePlan, "dirs" | "files">,
  fs: TargetFileSystem,
): Generator<TakenFile, void, void> {
  const root = lookAt(from);
  if (root === undefined || !isOwnDirectory(root, root, fs)) return;
  const { keepsModes } = fs.traits;
  const wasOpen = keepsModes && ((root.mode ?? 0) & SHARED) !== 0;
  close(from, root, fs);
  const closed = new Set([""]);
  for (const [dir] of dirs) {
    if (!closed.has(parentOf(dir))) continue;
    const path = joinPath(from, dir);
    const seen = lookAt(path);
    if (seen === undefined || !isOwnDirectory(seen, root, fs)) continue;
    close(path, seen, fs);
    closed.add(dir);
  }
  for (let entry = 0; entry < files.entries; entry++) {
    const file = files.at(entry);
    if (file === undefined || !closed.has(parentOf(file.path))) continue;
    const [old, path] = [joinPath(from, file.path), joinPath(to, file.path)];
    const seen = lookAt(old);
    if (
      seen === undefined || !isOwnFile(seen, root, fs) ||
      lookAt(path) !== undefined
    ) continue;
    const mode = seen.mode ?? 0;
    const copied = wasOpen && (mode & SHARED_WRITE) !== 0;
    if (!take(old, path, copied)) continue;
    if (keepsModes && (mode & 0o7777) !== 0o600) fs.setMode(path, 0o600);
    yield { entry, size: seen.size };
  }
}

/**
 * Makes a file one of ours alone that was put at its place: a regular one that
 * belongs to us and has no other name. Anything else is removed.
 *
 * @param path The file, in a directory of our own.
 * @param fs Its file system.
 * @returns Its length; nothing when it was removed.
 */
export function adoptFile(
  path: string,
  fs: TargetFileSystem,
): number | undefined {
  const seen = lookAt(path);
  if (seen === undefined || !isOwnFile(seen, seen, fs)) {
    removeTree(path);
    return undefined;
  }
  if (fs.traits.keepsModes) fs.setMode(path, 0o600);
  return seen.size;
}

function take(old: string, path: string, copied: boolean): boolean {
  try {
    attempt("take over", old, () => {
      if (copied) Deno.copyFileSync(old, path);
      else Deno.renameSync(old, path);
    });
    return true;
  } catch (error) {
    // A mount, or a file that cannot be read: it is fetched again.
    if (error instanceof Error && isOsError(error.cause)) return false;
    throw error;
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function isOwnDirectory(
  seen: Deno.FileInfo,
  root: Deno.FileInfo,
  { traits: { uid } }: TargetFileSystem,
): boolean {
  return seen.isDirectory && seen.uid === uid && seen.dev === root.dev;
}

/** A file with further names is one of an old tree, and stays as it is. */
function isOwnFile(
  seen: Deno.FileInfo,
  root: Deno.FileInfo,
  { traits: { uid } }: TargetFileSystem,
): boolean {
  return seen.isFile && seen.uid === uid && seen.dev === root.dev &&
    (seen.nlink ?? 1) === 1;
}

function close(
  path: string,
  { mode }: Deno.FileInfo,
  fs: TargetFileSystem,
): void {
  if (!fs.traits.keepsModes || ((mode ?? 0) & 0o777) === 0o700) return;
  fs.setMode(path, 0o700);
}
