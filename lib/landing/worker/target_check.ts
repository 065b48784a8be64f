/**
 * What may be at a target before something is installed there.
 *
 * @module
 */

import { IoError } from "../../errors.ts";
import { attempt, isNotFound, lookAt, quotePath } from "./os_error.ts";
import { joinPath, splitTarget } from "./target_path.ts";
import type { Target } from "./worker_protocol.ts";

/**
 * Checks that a file can be installed at a target: a file or a link is
 * replaced.
 *
 * @returns Whether something is there.
 * @throws {IoError} When there is something else.
 */
export function checkBlobTarget(target: Target): boolean {
  const out = joinPath(target.parent, target.base);
  const seen = lookAt(out);
  if (seen === undefined) return false;
  if (seen.isFile || seen.isSymlink) return true;
  throw cannotInstall(
    "a file",
    out,
    `there is a ${seen.isDirectory ? "directory" : "device, pipe or socket"}`,
  );
}

/**
 * Checks that a tree can be installed at a target: a directory, a file or a
 * link to something is replaced. A link to nothing is left alone, as cp, mv,
 * git and rsync do: what it names may be a disk that is not mounted.
 *
 * @param replace Whether what is there may be replaced.
 *
 * @default {true}
 *
 * @returns Whether something is there.
 * @throws {IoError} When there is something that must stay.
 */
export function checkTreeTarget(target: Target, replace = true): boolean {
  const out = joinPath(target.parent, target.base);
  const seen = lookAt(out);
  if (seen === undefined) return false;
  if (!replace) throw cannotInstall("a tree", out, "there is something");
  if (seen.isDirectory || seen.isFile) return true;
  if (!seen.isSymlink) {
    throw cannotInstall("a tree", out, "there is a device, pipe or socket");
  }
  if (leadsSomewhere(out)) return true;
  throw cannotInstall("a tree", out, "there is a link to nothing");
}

/**
 * Checks a target as a landing would, without making anything.
 *
 * @param out The path as typed.
 * @param kind What is to be installed.
 * @returns Whether something is there, which would be replaced.
 * @throws {IoError} When nothing can be installed there.
 * @throws {PermissionError} When the process may not look there.
 */
export function inspectTarget(out: string, kind: "blob" | "tree"): boolean {
  const target = splitTarget(out);
  checkParent(target.parent);
  return kind === "blob" ? checkBlobTarget(target) : checkTreeTarget(target);
}

/** The nearest parent that exists must be a directory; the rest can be made. */
function checkParent(parent: string): void {
  if (lookAt(parent) === undefined) {
    checkParent(splitTarget(parent).parent);
    return;
  }
  const { isDirectory } = attempt(
    "looking at",
    parent,
    () => Deno.statSync(parent),
  );
  if (!isDirectory) {
    throw new IoError(`${quotePath(parent)} is not a directory`, {
      fields: { path: parent },
    });
  }
}

function leadsSomewhere(link: string): boolean {
  try {
    Deno.statSync(link);
    return true;
  } catch (error) {
    return !isNotFound(error) && !(error instanceof Deno.errors.FilesystemLoop);
  }
}

function cannotInstall(what: string, out: string, why: string): IoError {
  return new IoError(
    `Cannot install ${what} at ${quotePath(out)}: ${why}; choose another name`,
    { fields: { path: out } },
  );
}
