/** How much a target holds that would be lost. */

import { LOSS_COUNT_MS, LOSS_ENTRIES_MAX } from "../limits.ts";
import { lookAt } from "../os/os_error.ts";
import { isOwnEntry } from "./worker/own_entries.ts";
import { joinPath } from "./worker/target.ts";

/** What is lost when a target is replaced. */
export interface Loss {
  /** Files and links. */
  readonly files: number;
  /** Bytes of the files. */
  readonly bytes: number;
  /** Whether that is all, else it is more. */
  readonly isWhole: boolean;
}

/** Where counting ends. */
export interface CountBounds {
  /** Entries. */
  entries: number;
  /** Milliseconds. */
  ms: number;
}

/**
 * Counts the files below a path, on its own device, within bounds.
 *
 * @param path A file, a link, which is not followed, or a directory.
 * @param bounds Where to end.
 * @throws {IoError} When `path` itself cannot be looked at.
 */
export async function countLoss(
  path: string,
  { entries, ms }: CountBounds = {
    entries: LOSS_ENTRIES_MAX,
    ms: LOSS_COUNT_MS,
  },
): Promise<Loss> {
  const root = lookAt(path);
  let files = 0;
  let bytes = 0;
  if (root === undefined) return { files, bytes, isWhole: true };
  const end = performance.now() + ms;
  const pending = [path];
  let isWhole = true;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (entries <= 0 || performance.now() > end) {
      return { files, bytes, isWhole: false };
    }
    try {
      const seen = Deno.lstatSync(at);
      if (seen.isDirectory) {
        if (seen.dev !== root.dev) continue;
        for await (const { name } of Deno.readDir(at)) {
          if (--entries <= 0) break;
          // What a landing in it is filling is not lost.
          if (at === path && isOwnEntry(name)) continue;
          pending.push(joinPath(at, name));
        }
      } else {
        files++;
        if (seen.isFile) bytes += seen.size;
      }
    } catch {
      // It may not be read, or is gone.
      isWhole = false;
    }
  }
  return { files, bytes, isWhole };
}
