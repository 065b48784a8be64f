/** Names that others chose, made into names that a file may have here. */

import { needsEscape } from "../text/escape.ts";
import { DIR_NAME_MAX } from "../limits.ts";
import { isDeviceName } from "./name_rules.ts";

/** What some system has no place for in names; both slashes lead elsewhere. */
const FOREIGN = /[<>:"|?*\\/]/;

/** Longest ending that a name keeps when it is cut, in UTF-16 units. */
const ENDING_MAX = 16;

const STAND_IN = "_";

function plain(name: string): string {
  return Array.from(
    // What is alone of a pair has no UTF-8.
    name.toWellFormed(),
    (character) =>
      FOREIGN.test(character) || needsEscape(character) ? STAND_IN : character,
  ).join("");
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Cuts the middle: the beginning is read, the ending says what it is. */
function cut(name: string): string {
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 && name.length - dot <= ENDING_MAX
    ? name.slice(dot)
    : "";
  const points = Array.from(name.slice(0, name.length - ending.length));
  let length = byteLength(name);
  while (length > DIR_NAME_MAX) length -= byteLength(points.pop() ?? "");
  return points.join("").replace(/[. ]+$/, STAND_IN) + ending;
}

/**
 * Makes a name that somebody else chose into one that a file or directory of
 * the current directory may have, on every system, whatever the name was.
 *
 * The result is one component, so it never leads elsewhere. It has nothing that
 * a terminal acts on or that nobody sees, is no option and no hidden file (which
 * programs read by themselves, as shells do their start-up files), is not the
 * name of a device, and is 1 to 255 bytes long. Names that are all that already
 * are left as they are.
 *
 * @param name The name as it was published.
 * @param fallback What it is called when nothing of the name is of use; safe
 * itself.
 * @returns The name to use.
 *
 * @example
 * ```ts
 * import { safeName } from "./safe_name.ts";
 *
 * safeName("../../.ssh/config", "fetched"); // "_._.._.ssh_config"
 * ```
 */
export function safeName(name: string, fallback: string): string {
  // A device's name is one with any ending.
  const ended = plain(name).trim().replace(/[. ]+$/, "");
  if (/^[_\s.-]*$/.test(ended)) return fallback;
  const begun = ended.replace(/^[.-]/, STAND_IN);
  const own = isDeviceName(begun) ? STAND_IN + begun : begun;
  return byteLength(own) > DIR_NAME_MAX ? cut(own) : own;
}
