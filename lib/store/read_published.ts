/**
 * Reading a chunk of a file that was published, so that nothing is given out
 * that was not.
 *
 * What is open has to be the file that was hashed: its identity is compared, so
 * that no path can lead to another one. Then its bytes are hashed again, unless
 * it is known to be unchanged: its stamp is that which it had when it was listed,
 * before the reading and after, and was settled before the file was hashed, so
 * that every write since must show in it (`isSettled`). A checksum would be
 * quick, too, but can be met on purpose.
 *
 * Left are writes that no stamp shows: through a mapping whose pages were dirty
 * when the file was hashed, past the file system, or with the clock set back.
 * All take somebody who may write to that very file, and who could have had
 * their bytes published before; the fetcher refuses them.
 */

import type { Semaphore } from "../async/semaphore.ts";
import { hasHash } from "../content/mod.ts";
import { type FileFacts, sameStamp, stampOf } from "../os/file_identity.ts";
import type { NumberedFile } from "./file_numbers.ts";
import { readOpen, SYNC_BYTES } from "./file_slices.ts";
import { openRegular } from "./regular_file.ts";
import { requireListed } from "./source_file.ts";

/** A part of a file. */
interface Slice {
  offset: number;
  length: number;
}

/**
 * Reads a chunk.
 *
 * @param large Bounds the large chunks that are read at once.
 * @returns Its bytes, or why they are not the ones that were hashed.
 * @throws {Deno.errors.NotFound} When another file, or none, is there.
 */
export async function readPublished(
  file: NumberedFile,
  slice: Slice,
  hash: Uint8Array,
  large: Semaphore,
): Promise<Uint8Array | "shorter" | "changed"> {
  using _permit = slice.length > SYNC_BYTES ? await large.acquire() : undefined;
  const opened = openRegular(file.source);
  using open = opened instanceof Promise ? await opened : opened;
  const before = open.stat();
  requireListed(file.listed, before);
  const bytes = await readOpen(open, slice.offset, slice.length);
  if (bytes === undefined) return "shorter";
  const isUnchanged = isClean(file, before) && isClean(file, open.stat());
  return isUnchanged || hasHash(bytes, hash) ? bytes : "changed";
}

function isClean({ listed, isClean }: NumberedFile, now: FileFacts): boolean {
  return isClean && sameStamp(listed?.stamp, stampOf(now));
}
