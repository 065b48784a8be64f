/** Where something is to be installed, and what may be there before. */

import { ExistsError, IoError } from "../../errors.ts";
import { isNotFound, lookAt } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import { isOwnEntry } from "./own_entries.ts";

/** Where something is to be installed. */
export interface Target {
  /** The path as typed, without what adds nothing at its end. */
  out: string;
  /** The directory that holds the target; everything is written below it. */
  parent: string;
  /** The target's own name, one path component. */
  base: string;
}

/** What tells a directory or a file from others that stood at its path. */
export interface TargetIdentity {
  /** Number of its device, where the system has one. */
  readonly dev: number;
  /** Number of its inode, where the file system has one. */
  readonly ino: number | null;
  /** When it was made, in milliseconds since 1970, where that is known. */
  readonly born: number | null;
}

/** One directory, or any of several, of which only one can be at a path. */
export type FormerIdentity = TargetIdentity | readonly TargetIdentity[];

/** What may be replaced at a target. */
export interface ReplaceRule {
  /**
   * Whether anything may be. Otherwise only what an earlier fetch made and, by
   * a tree, an empty directory or a link.
   */
  replace: boolean;
  /** What an earlier fetch made there, as far as the caller knows. */
  former?: FormerIdentity;
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

/** What is at a target that can be replaced. */
export type Found = "nothing" | "empty" | "former" | "link" | "file" | "tree";

/**
 * Tells what is at a target, and refuses what can never be replaced. A tree
 * leaves a link to nothing alone, as cp, mv, git and rsync do: what it names may
 * be a disk that is not mounted.
 *
 * @param target The target.
 * @param kind What is to be installed.
 * @param former What an earlier fetch made there.
 * @throws {IoError} When there is something that must stay.
 */
export function findAt(
  { out }: Target,
  kind: "blob" | "tree",
  former: FormerIdentity = [],
): Found {
  const seen = lookAt(out);
  if (seen === undefined) return "nothing";
  const why = obstacle(kind, out, seen);
  if (why !== undefined) {
    throw new IoError(
      `Cannot install a ${kind === "blob" ? "file" : "tree"} at ` +
        `${quoteText(out)}: ${why}; choose another name`,
      { fields: { path: out } },
    );
  }
  if ([former].flat().some((one) => isSameTarget(identityOf(seen), one))) {
    return "former";
  }
  if (seen.isSymlink) return "link";
  if (seen.isFile) return "file";
  return isEmpty(out) ? "empty" : "tree";
}

/**
 * Checks that a file or a tree can be installed at a target, and may be.
 *
 * @param target The target.
 * @param kind What is to be installed.
 * @param rule What may be replaced.
 * @throws {IoError} When there is something that must stay whatever the rule.
 * @throws {ExistsError} When there is something that may not be replaced.
 */
export function checkTarget(
  target: Target,
  kind: "blob" | "tree",
  { replace, former }: ReplaceRule,
): void {
  const found = findAt(target, kind, former);
  if (replace || mayReplace(found, kind)) return;
  throw new ExistsError(
    `${quoteText(target.out)} exists and may not be replaced`,
    { hint: "choose another path", fields: { path: target.out } },
  );
}

/**
 * Tells whether what is there may be replaced though nobody said so.
 *
 * @param found What is there.
 * @param kind What is to be installed.
 */
export function mayReplace(found: Found, kind: "blob" | "tree"): boolean {
  return found === "nothing" || found === "empty" || found === "former" ||
    found === "link" && kind === "tree";
}

/**
 * What tells a file or directory from others of its name.
 *
 * @param seen A look at it.
 */
export function identityOf(
  { dev, ino, birthtime }: Pick<Deno.FileInfo, "dev" | "ino" | "birthtime">,
): TargetIdentity {
  return { dev, ino, born: birthtime?.getTime() ?? null };
}

/**
 * Tells whether two are one. Inodes are used again, and numbers of devices change
 * when the machine starts anew: with the time at which it was made, the number
 * of the device says no more.
 */
export function isSameTarget(a: TargetIdentity, b: TargetIdentity): boolean {
  if (a.ino === null || a.ino !== b.ino) return false;
  return a.born === null || b.born === null
    ? a.born === b.born && a.dev === b.dev
    : a.born === b.born;
}

/**
 * What cannot be read is not known to be empty; what a landing in it left does
 * not count.
 */
function isEmpty(directory: string): boolean {
  try {
    for (const { name } of Deno.readDirSync(directory)) {
      if (!isOwnEntry(name)) return false;
    }
    return true;
  } catch {
    return false;
  }
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
