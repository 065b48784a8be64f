/** The one chunk that need not be fetched or hashed: all zeros, as disk images have many. */

import { equals } from "@std/bytes/equals";
import { CHUNK_SIZE } from "../limits.ts";
import { fromHex } from "../text/hex.ts";
import { blake3 } from "./hash.ts";

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

/** The hash of a whole chunk of zeros. */
export function zeroHash(): Uint8Array {
  return ZERO_HASH.slice();
}

const ZEROS = new Uint8Array(64 * 1024);

/**
 * BLAKE3 of a chunk, without computing it where the chunk is all zeros:
 * comparing is ten times as fast.
 */
export function hashChunk(bytes: Uint8Array): Uint8Array {
  return isZero(bytes) ? ZERO_HASH : blake3(bytes);
}

/** Whether bytes are a whole chunk of zeros. */
function isZero(bytes: Uint8Array): boolean {
  if (bytes.length !== CHUNK_SIZE || bytes[0] !== 0) return false;
  for (let at = 0; at < CHUNK_SIZE; at += ZEROS.length) {
    if (!equals(bytes.subarray(at, at + ZEROS.length), ZEROS)) return false;
  }
  return true;
}
