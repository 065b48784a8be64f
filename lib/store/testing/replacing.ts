/** Files that take the place of others. */

import { rawPaths } from "../raw_paths.ts";
import { makeTempDir } from "./temp_tree.ts";

/** Saves as editors do. */
export function saveAs(path: string, bytes: Uint8Array): void {
  // The times of files come from a clock that may be late by a tick.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
  Deno.writeFileSync(`${path}.new`, bytes);
  Deno.renameSync(`${path}.new`, path);
}

/** Why no file can be replaced here by one that is known to be newer. */
export const noReplacing: string | undefined = whyNoReplacing();

function whyNoReplacing(): string | undefined {
  if (rawPaths === undefined) return "there are no native calls";
  using temp = makeTempDir();
  return Deno.statSync(temp.path).birthtime === null
    ? "the file system keeps no time of birth"
    : undefined;
}
