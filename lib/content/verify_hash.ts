import { equals } from "@std/bytes/equals";
import { type ErrorField, HashMismatchError } from "../errors.ts";
import { toHex } from "../text/hex.ts";
import { blake3 } from "./hash.ts";

/**
 * Tells whether bytes are what a hash names.
 *
 * @param bytes Any length.
 * @param hash 32 bytes.
 */
export function hasHash(bytes: Uint8Array, hash: Uint8Array): boolean {
  return equals(blake3(bytes), hash);
}

/**
 * Checks that bytes are what a hash names.
 *
 * @param bytes Any length.
 * @param hash 32 bytes.
 * @param fields Facts for the error.
 * @throws {HashMismatchError} When they are not.
 */
export function verifyHash(
  bytes: Uint8Array,
  hash: Uint8Array,
  fields: Record<string, ErrorField> = {},
): void {
  const actual = blake3(bytes);
  if (equals(actual, hash)) return;
  throw new HashMismatchError(toHex(hash), toHex(actual), { fields });
}
