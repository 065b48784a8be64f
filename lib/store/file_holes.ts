import { CHUNK_SIZE } from "../limits.ts";
import { type FileFacts, isSameInode, listedOf } from "../os/file_identity.ts";
import { isOsError } from "../os/os_error.ts";
import { type RawPaths, rawPaths, type SourcePath } from "./raw_paths.ts";

/** `st_blocks` counts in these, whatever the file system has. */
const BLOCK = 512;

/**
 * Where a large file has nothing: that is zeros, and need not be read. Disk
 * images are mostly holes, and reading one costs as much as reading data that is
 * in memory.
 */
export class FileHoles implements Disposable {
  readonly #raw: RawPaths;
  readonly #fd: number;
  /** There is nothing from the last place that was looked at up to here. */
  #end = 0;

  private constructor(raw: RawPaths, fd: number) {
    this.#raw = raw;
    this.#fd = fd;
  }

  /**
   * Looks at a file that is open.
   *
   * @param source Where it lies.
   * @returns `undefined` where it has no holes, or the system does not tell.
   */
  static of(source: SourcePath, opened: FileFacts): FileHoles | undefined {
    const raw = rawPaths;
    if (raw === undefined || !opened.isFile || opened.size <= CHUNK_SIZE) {
      return undefined;
    }
    let fd: number;
    try {
      fd = raw.openToRead(source);
    } catch (error) {
      // Somebody may have moved it: who has it open reads it as it is.
      if (isOsError(error)) return undefined;
      throw error;
    }
    const facts = raw.stat(fd);
    const hasHoles = facts !== undefined && facts.blocks * BLOCK < facts.size &&
      isSameInode(listedOf(opened), facts);
    if (hasHoles) return new FileHoles(raw, fd);
    raw.release(fd);
    return undefined;
  }

  /** Whether there is nothing at a place of the file, and the file reaches there. */
  isHole(at: number, length: number): boolean {
    const end = at + length;
    if (this.#end < end) this.#end = this.#raw.nextData(this.#fd, at) ?? at;
    if (this.#end < end) return false;
    // Behind the end of a file that became shorter there is nothing, too.
    return (this.#raw.stat(this.#fd)?.size ?? 0) >= end;
  }

  [Symbol.dispose](): void {
    this.#raw.release(this.#fd);
  }
}
