/**
 * How a cache marks the chunks that it has fetched and may remove again: by the
 * time of the file that points to the live generation. So the mark comes and
 * goes with the chunk, is there whole or not at all, needs no index that a crash
 * could part from it, and is seen by all processes. Chunks that anybody has
 * stored otherwise have no mark.
 */

import { isOsError } from "../os/os_error.ts";
import { POINTER_NAME } from "./chunk_directory.ts";
import { ifPresent } from "./if_present.ts";

/** `once`: wanted by one peer so far. `shared`: by several. */
export type CacheRank = "once" | "shared";

/**
 * Times that no file of a store has by itself and every file system can keep,
 * wherever it takes the local time for the universal one.
 */
const TIMES: Readonly<Record<CacheRank, Date>> = {
  once: new Date("1980-02-01T00:00:00Z"),
  shared: new Date("1980-04-01T00:00:00Z"),
};
const END_OF_ONCE = Date.parse("1980-03-01T00:00:00Z");
const END_OF_SHARED = Date.parse("1980-05-01T00:00:00Z");

/** The mark of a chunk, if a cache alone has stored it. */
export function rankOf(directory: string): CacheRank | undefined {
  const mtime = ifPresent(() => {
    return Deno.statSync(`${directory}/${POINTER_NAME}`).mtime?.getTime();
  }) ?? Infinity;
  if (mtime >= END_OF_SHARED) return undefined;
  return mtime < END_OF_ONCE ? "once" : "shared";
}

/** Marks a chunk that only a cache has stored. */
export function rankChunk(directory: string, rank: CacheRank): void {
  setTime(directory, TIMES[rank]);
}

/** Takes the mark away: somebody has stored the chunk otherwise. */
export function unrankChunk(directory: string): void {
  setTime(directory, new Date());
}

function setTime(directory: string, time: Date): void {
  const path = `${directory}/${POINTER_NAME}`;
  try {
    // By a link, or another name, the time of something else would be set.
    const { isFile, nlink } = Deno.lstatSync(path);
    if (isFile && (nlink ?? 1) === 1) Deno.utimeSync(path, time, time);
  } catch (error) {
    // It is gone, or torn, or another user's: then it is not ours to remove.
    if (!isOsError(error)) throw error;
  }
}
