/**
 * Looking at what was written, where an error may come as late as `close`: over
 * quota on NFS and SMB, or from a program in user space. The runtime drops it.
 */

import { verifyHash } from "../../content/mod.ts";
import { HashMismatchError } from "../../errors.ts";
import { lostContent } from "../../os/lost_content.ts";
import { attempt } from "../../os/os_error.ts";

/** Some bytes of a file, under their hash. */
export interface WrittenRange {
  /** Where they begin, in bytes. */
  offset: number;
  length: number;
  /** BLAKE3 of them, 32 bytes. */
  hash: Uint8Array;
}

/**
 * The first and the last range of a file that grows, in any order: what a file
 * system drops when it is full is the end, or all.
 */
export class WrittenEnds {
  private first: WrittenRange | undefined;
  private last: WrittenRange | undefined;

  /** Notes that a range was written. */
  add(range: WrittenRange): void {
    if (this.first === undefined || range.offset < this.first.offset) {
      this.first = range;
    }
    if (this.last === undefined || range.offset > this.last.offset) {
      this.last = range;
    }
  }

  /** The ranges, each once. */
  get ranges(): WrittenRange[] {
    if (this.first === undefined || this.last === undefined) return [];
    return this.first === this.last ? [this.first] : [this.first, this.last];
  }
}

/** The calls, so that each can answer otherwise in a test. */
export interface ReadBackOperations {
  /** The length of a file, in bytes. */
  size(path: string): number;
  /** Some bytes of a file; fewer where it ends. */
  read(path: string, offset: number, length: number): Uint8Array;
}

/** The calls on the real disk. */
export const READ_BACK_OPERATIONS: ReadBackOperations = {
  size: (path) => Deno.lstatSync(path).size,
  read(path, offset, length) {
    using file = Deno.openSync(path, { read: true });
    file.seekSync(offset, Deno.SeekMode.Start);
    const bytes = new Uint8Array(length);
    let end = 0;
    while (end < length) {
      const count = file.readSync(bytes.subarray(end));
      if (count === null) break;
      end += count;
    }
    return bytes.subarray(0, end);
  },
};

/**
 * Checks that a closed file holds what was written.
 *
 * @param path The file.
 * @param size The length it must have, in bytes.
 * @param ranges What is read again.
 * @param ops The calls.
 * @throws {IoError} When it holds something else.
 */
export function checkReadBack(
  path: string,
  size: number,
  ranges: readonly WrittenRange[],
  ops: ReadBackOperations = READ_BACK_OPERATIONS,
): void {
  const found = attempt("look at", path, () => ops.size(path));
  const difference = differentSize(found, size) ??
    differentBytes(path, ranges, ops);
  if (difference !== undefined) throw lostContent(path, difference);
}

/**
 * Tells that a file has not the length it was given.
 *
 * @param found Its length, in bytes.
 * @param written What it must be.
 */
export function differentSize(
  found: number,
  written: number,
): string | undefined {
  return found === written
    ? undefined
    : `it has ${found} bytes of ${written} written`;
}

/**
 * Tells that a file does not hold what was written.
 *
 * @param path The file.
 * @param ranges What is read again.
 * @param ops Reads it.
 * @throws {IoError} When it cannot be read.
 */
export function differentBytes(
  path: string,
  ranges: readonly WrittenRange[],
  ops: Pick<ReadBackOperations, "read">,
): string | undefined {
  for (const { offset, length, hash } of ranges) {
    const bytes = attempt("read", path, () => ops.read(path, offset, length));
    try {
      verifyHash(bytes, hash);
    } catch (error) {
      if (!(error instanceof HashMismatchError)) throw error;
      return `its bytes from ${offset} on are not those written`;
    }
  }
  return undefined;
}
