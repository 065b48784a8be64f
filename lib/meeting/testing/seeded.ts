/**
 * Bytes that are the same in each run (a linear congruential generator).
 *
 * @returns Fills an array.
 */
export function seeded(seed: number): (bytes: Uint8Array) => void {
  let state = seed;
  return (bytes) => {
    for (let i = 0; i < bytes.length; i++) {
      state = Math.imul(state, 1_664_525) + 1_013_904_223 >>> 0;
      bytes[i] = state >>> 24;
    }
  };
}
