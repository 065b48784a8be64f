/** Bytes to send, and what may become of them. */

/** Bytes that differ from place to place, so that bytes in the wrong one show. */
export function pattern(length: number, salt = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i * 31 + (i >> 7) + salt;
  return bytes;
}

/**
 * Copies of the bytes with one bit changed, each in another byte: `step` bytes
 * from the one before.
 */
export function* forgeries(
  bytes: Uint8Array,
  step = 1,
): Generator<[forged: Uint8Array, index: number]> {
  for (let index = 0; index < bytes.length; index += step) {
    const forged = bytes.slice();
    forged[index] ^= 1;
    yield [forged, index];
  }
}
