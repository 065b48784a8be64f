/**
 * A target's path as its parent and its own name.
 *
 * @module
 */

import { IoError } from "../../errors.ts";
import { quotePath } from "./os_error.ts";
import type { Target } from "./worker_protocol.ts";

const SLASH = "/".charCodeAt(0);
const BACKSLASH = "\\".charCodeAt(0);
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
 * @param out The path as typed.
 * @returns The directory that will hold it, and its name there.
 * @throws {IoError} When the path has no final name: it is empty, a root,
 * `.`, or ends in `..`.
 */
export function splitTarget(out: string): Target {
  const path = out.replace(NOTHING_AT_END, "");
  const parts = path.split(SEPARATOR);
  const base = parts[parts.length - 1];
  if (
    base === "" || base === "." || base === ".." || path.includes("\0") ||
    WINDOWS && base.endsWith(":")
  ) {
    throw new IoError(
      `Cannot install at ${quotePath(out)}: it has no name of its own; give ` +
        "the path of what is to be made",
      { fields: { path: out } },
    );
  }
  const above = path.slice(0, path.length - base.length);
  const parent = above.replace(SEPARATORS_AT_END, "") ||
    (above === "" ? "." : above.slice(0, 1));
  return { parent, base };
}

/**
 * A name below a directory.
 *
 * @param dir The directory.
 * @param name One component, or several joined with `/`.
 * @returns The path.
 */
export function joinPath(dir: string, name: string): string {
  const last = dir.charCodeAt(dir.length - 1);
  const closed = last === SLASH || WINDOWS && last === BACKSLASH;
  return closed ? dir + name : `${dir}/${name}`;
}
