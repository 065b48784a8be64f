/**
 * When a chunk was last wanted, so that what nobody needs can be told from what
 * somebody is about to need: the time of its directory, which is renewed when
 * it is stored again.
 */

import { existsSync } from "node:fs";
import { isNotFound } from "../os/os_error.ts";
import { unrankChunk } from "./cache_rank.ts";
import { ifPresent } from "./if_present.ts";

/**
 * Makes a chunk as new as one that has just been stored.
 *
 * @param isOurs Whether it is no cache's alone from now on.
 * @returns Whether there is one.
 */
export function renewChunk(directory: string, isOurs: boolean): boolean {
  try {
    // Through a link the time of something else would be set: it is no chunk.
    if (!Deno.lstatSync(directory).isDirectory) return true;
    // Before its time: a cache that removes it meanwhile is seen by that.
    if (isOurs) unrankChunk(directory);
    const now = new Date();
    Deno.utimeSync(directory, now, now);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    // Another user's: who may not set its time may not remove it either.
    return existsSync(directory);
  }
}

/**
 * Whether a chunk was stored, or stored again, since a point in time; one that
 * is gone, or of which that cannot be told, is taken for recent.
 */
export function isChunkRecent(directory: string, since: number): boolean {
  const mtime = ifPresent(() => Deno.statSync(directory).mtime);
  return (mtime?.getTime() ?? Infinity) >= since;
}

/**
 * Removes a chunk unless it is to stay.
 *
 * It is moved aside before it is looked at. So a writer either renews it before,
 * which is then seen here, or finds no chunk any more and stores it.
 *
 * @param directory That of the chunk.
 * @param discarded A free path on the same file system.
 * @param stays Looks whether the chunk in a directory is to stay.
 * @returns Whether it was removed.
 */
export function collectChunk(
  directory: string,
  discarded: string,
  stays: (directory: string) => boolean,
): boolean {
  if (stays(directory)) return false;
  Deno.renameSync(directory, discarded);
  if (stays(discarded) && putBack(discarded, directory)) {
    return false;
  }
  Deno.removeSync(discarded, { recursive: true });
  return true;
}

/** Puts a chunk back, unless another has taken its place meanwhile. */
function putBack(discarded: string, directory: string): boolean {
  try {
    Deno.renameSync(discarded, directory);
    return true;
  } catch (error) {
    if (existsSync(directory)) return false;
    throw error;
  }
}
