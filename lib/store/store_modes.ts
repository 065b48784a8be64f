/**
 * The modes of what is written into a store: for its owner alone, unless he has
 * opened the directory that the chunks lie in.
 *
 * The mode of the store's root says nothing: who makes it with `mkdir` gets what
 * the umask leaves, and chunks of private files would be readable by all. That
 * of `dataforts/blob`, which this program makes for the owner alone, is wider
 * only where somebody made it so.
 */

import { ifPresent } from "./if_present.ts";

/** Permission bits of what is made new. */
export interface StoreModes {
  readonly file: number;
  readonly dir: number;
}

/** For the owner alone. */
export const PRIVATE_MODES: StoreModes = { file: 0o600, dir: 0o700 };

/**
 * The modes of new chunks of a store.
 *
 * @param blobs The directory that its chunks lie in, there or not.
 */
export function modesBelow(blobs: string): StoreModes {
  const mode = ifPresent(() => Deno.statSync(blobs).mode);
  if (mode === undefined || mode === null) return PRIVATE_MODES;
  return {
    file: PRIVATE_MODES.file | mode & 0o666,
    dir: PRIVATE_MODES.dir | mode & 0o777,
  };
}
