/**
 * What an earlier run left in a file, held against the hashes of what is wanted.
 *
 * There is no record of what is there: the bytes themselves are read and hashed,
 * as those of a peer are. So it does not matter what stopped the run, in which
 * order the system wrote, whether a disk has changed bits since or somebody has
 * changed the file, and nothing has to be synced for its sake. A hole counts if
 * zeros are what is wanted.
 */

import { hasHash } from "../../content/mod.ts";
import { attempt } from "../../os/os_error.ts";

/** Some bytes that are wanted at a place of a file. */
export interface WantedRange {
  /** Where they begin, in bytes. */
  offset: number;
  /** How many. */
  length: number;
  /** BLAKE3 of them, 32 bytes. */
  hash: Uint8Array;
}

/** Looks for ranges in files, with one buffer for all. */
export class ContentCheck {
  #buffer = new Uint8Array();

  /**
   * Tells whether a file holds what is wanted.
   *
   * @param file An open file.
   * @param path Its name, for messages.
   * @param range What is wanted of it, at most a chunk.
   * @throws {IoError} When it cannot be read.
   */
  holds(
    file: Deno.FsFile,
    path: string,
    { offset, length, hash }: WantedRange,
  ): boolean {
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(length);
    const bytes = this.#buffer.subarray(0, length);
    return attempt("read", path, () => fill(file, offset, bytes)) &&
      hasHash(bytes, hash);
  }
}

/** Whether the file has that many. */
function fill(file: Deno.FsFile, offset: number, bytes: Uint8Array): boolean {
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length;) {
    const count = file.readSync(bytes.subarray(done));
    if (count === null) return false;
    done += count;
  }
  return true;
}
