/** The one chunk that need not be fetched: all zeros, as disk images have many. */

import { equals } from "@std/bytes/equals";
import { CHUNK_SIZE } from "../limits.ts";
import { fromHex } from "../text/hex.ts";

/** BLAKE3 of {@linkcode CHUNK_SIZE} zeros. */
const ZERO_HASH = fromHex(
  "04e52cd2da6a0e1f338b0078369130d96585c1de65057da5dd1283b12fb853e1",
);

/**
 * Tells whether a chunk is known to be all zeros by its name.
 *
 * @param hash Its hash, 32 bytes.
 * @param size Its length, in bytes.
 */
export function isZeroChunk(hash: Uint8Array, size: number): boolean {
  return size === CHUNK_SIZE && hash[0] === ZERO_HASH[0] &&
    equals(hash, ZERO_HASH);
}
