import { join } from "@std/path";
import { resolveTarget } from "./resolve_target.ts";
import { besideName } from "./worker/temp_names.ts";

/** What the names of unfinished things beside a target end with, but for a lock. */
const UNFINISHED = /^\.(?:fetch|removing|replaced)_(?!lock$)/;

/**
 * What lies beside a target and is neither it nor somebody else's: what was
 * fetched of a file that is not complete, trees that were to become it or were
 * to be removed.
 *
 * @param out The target as typed.
 * @returns Real paths, in order; none where nothing can be found out.
 */
export function leftBehind(out: string): string[] {
  try {
    const { parent, base } = resolveTarget(out);
    const hidden = besideName(base, "");
    const names = Array.from(Deno.readDirSync(parent), ({ name }) => name)
      .filter((name) =>
        name === `${base}.partial` ||
        name.startsWith(hidden) && UNFINISHED.test(name.slice(hidden.length))
      );
    return names.sort().map((name) => join(parent, name));
  } catch {
    // Only told beside what went wrong, which says why.
    return [];
  }
}
