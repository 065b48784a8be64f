/** Where something is to be installed, and what may be there before. */

import { IoError } from "../../errors.ts";
import { isNotFound, lookAt } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";

/** Where something is to be installed. */
export interface Target {
  /** The path as typed, without what adds nothing at its end. */
  out: string;
  /** The directory that holds the target; everything is written below it. */
  parent: string;
  /** The target's own name, one path component. */
  base: string;
}

const WINDOWS = Deno.build.os === "windows";
const SEPARATOR = WINDOWS ? /[\\/]/ : /\//;
const SEPARATORS_AT_END = WINDOWS ? /[\\/]+$/ : /\/+$/;
const NOTHING_AT_END = WINDOWS
  ? /[\\/]+(?:\.[\\/]+)*\.?$/
  : /\/+(?:\.\/+)*\.?$/;

/**
 * Splits the path of something that is to be made.
 *
 * Trailing separators and `.` components are dropped. A relative path stays
 * relative: the process may not be allowed to know where it is.
 *
 * @param typed The path as typed.
 * @returns The directory that will hold it, and its name there.
 * @throws {IoError} When the path has no final name: it is empty, a root,
 * `.`, or ends in `..`.
 */
export function splitTarget(typed: string): Target {
  const { path, parent, base } = lastComponent(typed);
  if (
    ["", ".", ".."].includes(base) || path.includes("\0") ||
    WINDOWS && base.endsWith(":")
  ) {
    throw new IoError(
      `Cannot install at ${quoteText(typed)}: it has no name of its own; ` +
        "give the path of what is to be made",
      { fields: { path: typed } },
    );
  }
  return { out: joinPath(parent, base), parent, base };
}

/**
 * The end of a path.
 *
 * @param typed The path as typed.
 * @returns The path without what adds nothing at its end, its last component,
 * which is empty for a root and may be `.` or `..`, and what is above that.
 */
export function lastComponent(
  typed: string,
): { path: string; parent: string; base: string } {
  const path = typed.replace(NOTHING_AT_END, "");
  const base = path.split(SEPARATOR).at(-1) ?? "";
  const above = path.slice(0, path.length - base.length);
  const parent = above.replace(SEPARATORS_AT_END, "") ||
    (above === "" ? "." : above.slice(0, 1));
  return { path, parent, base };
}

/**
 * A name below a directory. What `..` means is left to the system, as links
 * decide it.
 *
 * @param dir The directory.
 * @param name One component, or several joined with `/`.
 * @returns The path.
 */
export function joinPath(dir: string, name: string): string {
  const closed = dir.endsWith("/") || WINDOWS && dir.endsWith("\\");
  return closed ? dir + name : `${dir}/${name}`;
}

/**
 * Checks that a file or a tree can be installed at a target. A file, a link,
 * and by a tree also a directory, is replaced. A tree leaves a link to nothing
 * alone, as cp, mv, git and rsync do: what it names may be a disk that is not
 * mounted.
 *
 * @param target The target.
 * @param kind What is to be installed.
 * @param replace Whether what is there may be replaced.
 * @returns Whether something is there.
 * @throws {IoError} When there is something that must stay.
 */
export function checkTarget(
  { out }: Target,
  kind: "blob" | "tree",
  replace = true,
): boolean {
  const seen = lookAt(out);
  if (seen === undefined) return false;
  const why = replace ? obstacle(kind, out, seen) : "there is something";
  if (why === undefined) return true;
  throw new IoError(
    `Cannot install a ${kind === "blob" ? "file" : "tree"} at ` +
      `${quoteText(out)}: ${why}; choose another name`,
    { fields: { path: out } },
  );
}

function obstacle(
  kind: "blob" | "tree",
  out: string,
  seen: Deno.FileInfo,
): string | undefined {
  if (seen.isFile) return undefined;
  if (seen.isDirectory) {
    return kind === "tree" ? undefined : "there is a directory";
  }
  if (!seen.isSymlink) return "there is a device, pipe or socket";
  return kind === "blob" || leadsSomewhere(out)
    ? undefined
    : "there is a link to nothing";
}

function leadsSomewhere(link: string): boolean {
  try {
    Deno.statSync(link);
    return true;
  } catch (error) {
    return !isNotFound(error) && !(error instanceof Deno.errors.FilesystemLoop);
  }
}
