/**
 * Where a target really is. Found out once, on the main side: what runs
 * confined may touch one real directory, and the runtime compares what a path
 * leads to, not how it was typed.
 */

import { resolve } from "@std/path";
import { IoError, PermissionError } from "../errors.ts";
import { attempt, ioErrorOf, isNotFound } from "../os/os_error.ts";
import { quoteText } from "../text/escape.ts";
import { lastComponent, splitTarget, type Target } from "./worker/target.ts";

/**
 * Finds out where something is to be installed: the real, absolute path of the
 * directory that holds it, whatever links lead there, and its name in it. What
 * does not exist yet is appended to what does.
 *
 * `.` is the current directory by its name. A link at the target stays one, as it is what would be replaced, but
 * where what it leads to is meant: with a separator at its end, and when that
 * is the current directory.
 *
 * Where the process may not look, the path stays as it was typed.
 *
 * @param typed The path as typed.
 * @throws {IoError} When it has no name of its own, as `/` has none, or when
 * what is above it is no directory, or a link to nothing.
 */
export function resolveTarget(typed: string): Target {
  try {
    if (isHere(typed)) {
      const here = realPath(".");
      return splitTarget(here ?? typed);
    }
    const { parent, base } = splitTarget(typed);
    const out = resolve(realDirectory(parent), base);
    const isClosed = !typed.endsWith(base);
    return splitTarget(followedLink(out, isClosed) ?? out);
  } catch (error) {
    if (error instanceof PermissionError) return splitTarget(typed);
    throw error;
  }
}

/** `.`, however it is typed. */
function isHere(typed: string): boolean {
  return lastComponent(typed).path === ".";
}

/** What the target really is, where a link is meant for what it leads to. */
function followedLink(path: string, isClosed: boolean): string | undefined {
  if (!isLink(path)) return undefined;
  const real = realPath(path);
  if (isClosed && real === undefined) throw leadsNowhere(path);
  return isClosed || real === currentDirectory() ? real : undefined;
}

/**
 * The current directory by its real path.
 *
 * @returns Nothing when it is gone, or when the process may not know where it is.
 */
export function currentDirectory(): string | undefined {
  const query = { name: "read", path: "." } as const;
  return Deno.permissions.querySync(query).state === "granted"
    ? realPath(".")
    : undefined;
}

/** What a directory is really called, or will be once it is made. */
function realDirectory(directory: string): string {
  const missing: string[] = [];
  for (let at = directory;;) {
    const real = realPath(at);
    if (real !== undefined) {
      requireDirectory(at);
      return resolve(real, ...missing);
    }
    if (isLink(at)) throw leadsNowhere(at);
    const { path, parent, base } = lastComponent(at);
    if (path === base && (base === "." || base.endsWith(":"))) {
      throw new IoError(`${quoteText(at)} does not exist any more`, {
        hint: "give an absolute path",
        fields: { path: at },
      });
    }
    missing.unshift(base);
    at = parent;
  }
}

/** Nothing where there is nothing. */
function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw ioErrorOf(error, "look at", path);
  }
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw ioErrorOf(error, "look at", path);
  }
}

/** Whether an error says that a path leads nowhere. */
function isAbsence(error: unknown): boolean {
  return isNotFound(error) || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.FilesystemLoop;
}

function requireDirectory(path: string): void {
  const { isDirectory } = attempt("look at", path, () => Deno.statSync(path));
  if (isDirectory) return;
  throw new IoError(`${quoteText(path)} is not a directory`, {
    fields: { path },
  });
}

function leadsNowhere(link: string): IoError {
  const target = Deno.readLinkSync(link);
  return new IoError(
    `${quoteText(link)} is a link to ${quoteText(target)}, where nothing is`,
    { hint: "make that, or choose another path", fields: { path: link } },
  );
}
