/**
 * Names of what stands beside a target while it is made. They begin with the
 * target's own name, so that people see what they belong to, unless that would
 * be longer than names can be.
 */

import { blake3 } from "../../content/mod.ts";
import { toHex } from "../../text/hex.ts";
import { joinPath, type Target } from "./target.ts";

/**
 * Longest name of a target that is part of names beside it, in bytes: with a
 * suffix of 43 they are the 143 that eCryptfs leaves of the 255 of others.
 */
const BASE_MAX = 99;

const PARTIAL = ".partial";

/** Longest name there is, in bytes. */
const NAME_MAX = 255;

/** Digits of the hash that stands for a name which is too long. */
const HASH_DIGITS = 16;

/**
 * The name of something beside a target, hidden.
 *
 * @param base The target's own name.
 * @param suffix What it is, ASCII, at most 43 characters: `.fetch_lock`.
 * @returns `.<base><suffix>`; when `base` is too long, 16 hex digits of its
 * hash stand for it, the same each time and with every suffix.
 */
export function besideName(base: string, suffix: string): string {
  const bytes = new TextEncoder().encode(base);
  const name = bytes.length <= BASE_MAX
    ? base
    : toHex(blake3(bytes)).slice(0, HASH_DIGITS);
  return `.${name}${suffix}`;
}

/**
 * The path of the file that grows until it is whole.
 *
 * @param target Where that will be.
 * @returns `<out>.partial`, as the reference has it; a hidden name where that
 * would be too long.
 */
export function partialPath({ out, parent, base }: Target): string {
  const bytes = new TextEncoder().encode(base).length + PARTIAL.length;
  return bytes <= NAME_MAX
    ? out + PARTIAL
    : joinPath(parent, besideName(base, PARTIAL));
}
