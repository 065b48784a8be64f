/**
 * The check every byte passes before it is written.
 *
 * @module
 */

import { blake3, toHex } from "../../content/mod.ts";
import { type ErrorField, HashMismatchError, IoError } from "../../errors.ts";
import { CHUNK_MAX } from "../../limits.ts";

/**
 * Checks a chunk against the hash it was asked for by.
 *
 * @param bytes At most {@linkcode CHUNK_MAX} bytes.
 * @param hash 32 bytes.
 * @param fields Facts for the error.
 * @throws {HashMismatchError} When it is another's.
 * @throws {IoError} When it is longer than any chunk, before it is hashed.
 */
export function verifyChunk(
  bytes: Uint8Array,
  hash: Uint8Array,
  fields: Record<string, ErrorField> = {},
): void {
  if (bytes.length > CHUNK_MAX) {
    throw new IoError(
      `a chunk of ${bytes.length} bytes is longer than ${CHUNK_MAX}`,
    );
  }
  const actual = blake3(bytes);
  for (let index = 0; index < actual.length; index++) {
    if (actual[index] !== hash[index]) {
      throw new HashMismatchError(toHex(hash), toHex(actual), { fields });
    }
  }
}
