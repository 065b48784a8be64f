/**
 * Bytes to send.
 *
 * @module
 */

/** Bytes that differ from place to place, so that bytes in the wrong one show. */
export function pattern(length: number, salt = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i * 31 + (i >> 7) + salt;
  return bytes;
}
