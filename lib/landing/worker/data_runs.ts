/** What of some bytes has to be written, where the rest can be a hole. */

/**
 * Length and alignment of a hole, in bytes: a multiple of the blocks of every
 * common file system, and long enough that few files need a second write.
 */
export const HOLE_BLOCK = 65_536;

/** Bytes from `start` up to `end`. */
export interface Run {
  start: number;
  end: number;
}

/**
 * Finds what is not zero, in blocks of {@linkcode HOLE_BLOCK}. Other bytes than
 * zeros cost one look for each block.
 *
 * @param bytes Bytes that begin at a multiple of a block in their file.
 * @returns The runs to write, in order, none when all is zero; `undefined`
 * when no whole block is zero.
 */
export function dataRuns(bytes: Uint8Array): Run[] | undefined {
  let runs: Run[] | undefined;
  /** Where the run begins that reaches up to here. */
  let since = 0;
  for (let at = 0; at + HOLE_BLOCK <= bytes.length; at += HOLE_BLOCK) {
    if (!isZero(bytes, at, at + HOLE_BLOCK)) continue;
    runs ??= [];
    if (at > since) runs.push({ start: since, end: at });
    since = at + HOLE_BLOCK;
  }
  if (runs !== undefined && since < bytes.length) {
    runs.push({ start: since, end: bytes.length });
  }
  return runs;
}

/** Whether all bytes of a block are zero: four at a time, once the first is. */
function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (; (bytes.byteOffset + at) % 4 !== 0; at++) {
    if (bytes[at] !== 0) return false;
  }
  if (bytes[at] !== 0) return false;
  const count = (end - at) >> 2;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + at, count);
  for (let i = 0; i < count; i++) {
    if (words[i] !== 0) return false;
  }
  for (at += count * 4; at < end; at++) {
    if (bytes[at] !== 0) return false;
  }
  return true;
}
