import { basename, join } from "@std/path";
import { lookAt } from "../os/os_error.ts";
import { resolveTarget } from "./resolve_target.ts";
import { isOwnEntry } from "./worker/own_entries.ts";
import { joinPath } from "./worker/target.ts";
import { besideName, partialPath } from "./worker/temp_names.ts";

/** What the names of unfinished things beside a target end with. */
const UNFINISHED = /^\.(?:fetch|moved|probe|removing|replaced)_/;
/** Of those, what stands for a lock. */
const LOCK = /_(?:lock|owner)(?:_|$)/;

/** What a landing in place has inside the target itself. */
function insideOf(target: string): string[] {
  if (lookAt(target)?.isDirectory !== true) return [];
  return Array.from(Deno.readDirSync(target), ({ name }) => name)
    .filter(isOwnEntry)
    .sort()
    .map((name) => join(target, name));
}

/**
 * What lies beside a target, or in it, and is neither it nor somebody else's: what was
 * fetched of a file that is not complete, trees that were to become it or were
 * to be removed.
 *
 * @param out The target as typed.
 * @returns Real paths, in order; none where nothing can be found out.
 */
export function leftBehind(out: string): string[] {
  return leftAt(out).filter((path) => !LOCK.test(basename(path)));
}

/**
 * The same, and the locks, be they somebody's or left.
 *
 * @param out The target as typed.
 */
export function leftAt(out: string): string[] {
  try {
    const target = resolveTarget(out);
    const { parent, base } = target;
    const partial = partialPath(target);
    const hidden = besideName(base, "");
    const names = Array.from(Deno.readDirSync(parent), ({ name }) => name)
      .filter((name) =>
        joinPath(parent, name) === partial ||
        name.startsWith(hidden) && UNFINISHED.test(name.slice(hidden.length))
      );
    return [
      ...names.sort().map((name) => join(parent, name)),
      ...insideOf(join(parent, base)),
    ];
  } catch {
    // Only told beside what went wrong, which says why.
    return [];
  }
}
