/**
 * The check of bytes that stay in this process; what is written to disk is
 * checked by the landing.
 *
 * @module
 */

import { blake3, toHex } from "../../content/mod.ts";
import { type ErrorField, HashMismatchError } from "../../errors.ts";

/**
 * Checks that bytes are what they were asked for as.
 *
 * @param hash 32 bytes.
 * @param fields Facts for the error.
 * @throws {HashMismatchError} When they are not.
 */
export function verifyHash(
  bytes: Uint8Array,
  hash: Uint8Array,
  fields: Record<string, ErrorField>,
): void {
  const actual = blake3(bytes);
  if (actual.every((byte, i) => byte === hash[i])) return;
  throw new HashMismatchError(toHex(hash), toHex(actual), { fields });
}
