/** The file operations of an exchange inside a directory, on the real disk. */

import { attempt, lookAt, osErrorCode } from "../../os/os_error.ts";
import { whoMayRedirect } from "../../os/who_may_redirect.ts";
import type { FileSystemTraits } from "./file_system.ts";
import type { InPlaceOperations } from "./in_place.ts";
import { type SwapOperations, swapOperations } from "./swap.ts";

/**
 * The operations on the real disk.
 *
 * @param traits What the file system does with owners and modes.
 * @param sync Makes renames in a directory durable, where that is asked for.
 * @param settle The same, always.
 */
export function inPlaceOperations(
  { uid, keepsModes }: Pick<FileSystemTraits, "uid" | "keepsModes">,
  sync: SwapOperations["sync"],
  settle: (dir: string) => void,
): InPlaceOperations {
  return {
    ...swapOperations(uid, sync),
    settle,
    kindOf(path) {
      const seen = lookAt(path);
      if (seen === undefined) return undefined;
      return seen.isDirectory ? "directory" : "file";
    },
    isClosed(path) {
      const seen = lookAt(path);
      if (seen === undefined || !keepsModes) return seen?.isDirectory ?? false;
      const us = uid ?? undefined;
      return whoMayRedirect(seen, us, () => false) === undefined;
    },
    tryRename,
    makeLike,
    removeEmpty: (path) => attempt("remove", path, () => Deno.removeSync(path)),
    makePrivate: (path) =>
      attempt(
        "create the directory",
        path,
        () => Deno.mkdirSync(path, { mode: 0o700 }),
      ),
    write: (path, text) =>
      attempt("write", path, () => {
        const options = { write: true, createNew: true, mode: 0o600 };
        using file = Deno.openSync(path, options);
        const bytes = new TextEncoder().encode(text);
        for (let done = 0; done < bytes.length;) {
          done += file.writeSync(bytes.subarray(done));
        }
        file.syncSync();
      }),
    read(path, max) {
      const seen = lookAt(path);
      if (seen === undefined) return undefined;
      // Nobody else can change the name, as the directory is closed to others.
      const isOurs = seen.isFile && seen.uid === uid &&
        (seen.nlink ?? 1) === 1 && seen.size <= max;
      if (!isOurs) return "";
      return attempt("read", path, () => Deno.readTextFileSync(path));
    },
  };
}

/** A directory of a lower layer (overlayfs) can only be made anew. */
function tryRename(from: string, to: string): boolean {
  try {
    renameLocked(from, to);
    return true;
  } catch (error) {
    if (osErrorCode(error) !== "EXDEV") throw error;
    return false;
  }
}

/** Its own mode may forbid to put a directory elsewhere. */
function renameLocked(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    const seen = lookAt(from);
    if (
      !(error instanceof Deno.errors.PermissionDenied) ||
      seen?.isDirectory !== true || seen.mode === null
    ) throw error;
    const mode = seen.mode & 0o7777;
    if ((mode & 0o200) !== 0) throw error;
    Deno.chmodSync(from, mode | 0o700);
    Deno.renameSync(from, to);
    Deno.chmodSync(to, mode);
  }
}

/** Owners are given as far as they may be. */
function makeLike(path: string, like: string): void {
  const seen = attempt("look at", like, () => Deno.lstatSync(like));
  attempt("create the directory", path, () => {
    Deno.mkdirSync(path, { mode: 0o700 });
    const { uid, gid, mode } = seen;
    const made = Deno.lstatSync(path);
    if (uid !== made.uid || gid !== made.gid) Deno.chownSync(path, uid, gid);
    if (mode !== null) Deno.chmodSync(path, mode & 0o7777);
  });
}
