/**
 * When a chunk was last wanted, so that what nobody needs can be told from what
 * somebody is about to need: the time of its directory, which is renewed when
 * it is stored again.
 */

import { existsSync } from "node:fs";
import { isNotFound } from "../os/os_error.ts";
import { ifPresent } from "./if_present.ts";

/**
 * Makes a chunk as new as one that has just been stored.
 *
 * @returns Whether there is one.
 */
export function renewChunk(directory: string): boolean {
  try {
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
 * Removes a chunk that is not recent.
 *
 * It is moved aside before its time is looked at. So a writer either renews it
 * before, which is then seen here, or finds no chunk any more and stores it.
 *
 * @param directory That of the chunk.
 * @param discarded A free path on the same file system.
 * @param since Milliseconds of the Unix epoch.
 * @returns Whether it was removed.
 */
export function collectChunk(
  directory: string,
  discarded: string,
  since: number,
): boolean {
  if (isChunkRecent(directory, since)) return false;
  Deno.renameSync(directory, discarded);
  if (isChunkRecent(discarded, since) && putBack(discarded, directory)) {
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
