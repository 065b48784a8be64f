/** Reading files that others may be writing to. */

import {
  type FileFacts,
  isListed,
  type ListedFile,
} from "../os/file_identity.ts";
import { FileHoles } from "./file_holes.ts";
import type { PublishNotes } from "./publish_notes.ts";
import { lstatAt, type SourcePath } from "./raw_paths.ts";
import {
  fill,
  fillSync,
  notAFile,
  openNamed,
  openRegular,
  type RegularFile,
} from "./regular_file.ts";

/** Files below /proc/sys refuse to fill more than the kernel allocates at once. */
const KERNEL_PIECE = 64 * 1024;

/** What was read of a file, beside what it says of itself. */
export interface FileReading {
  /** Bytes that were read. */
  length: number;
  /** Its length when it was opened; 0 of files of the kernel. */
  size: number;
  /** Whether it was written to meanwhile, as far as can be seen. */
  touched: boolean;
  /** The file, looked at after it was read. */
  after: FileFacts;
}

/** A look at what lies at a path, for who need not open it. */
export function lookAtFile(source: SourcePath): Deno.FileInfo {
  const info = lstatAt(source);
  if (!info.isFile) throw notAFile();
  return info;
}

/** Another regular file is where a listed one was. */
export class ReplacedFile extends Deno.errors.NotFound {
  constructor() {
    super("another file took its place");
  }
}

/**
 * Takes what was opened at the path of a listed file for that file, or throws:
 * the way to it may lead elsewhere by now. The identity is that of what is
 * open, so that nothing can be exchanged between this look and the reading.
 */
export function requireListed(
  listed: ListedFile | undefined,
  open: FileFacts,
): void {
  if (isListed(listed, open)) return;
  throw open.isFile ? new ReplacedFile() : notAFile();
}

/**
 * Reads a file in one go that was `size` bytes long a moment ago. One that is
 * longer is read to the length that it has by now; `undefined` when that is more
 * than there is room for.
 *
 * It is looked at once, when it was read: what was read of another file is
 * thrown away.
 */
export function readFileSync(
  file: RegularFile,
  listed: ListedFile | undefined,
  size: number,
  room: Uint8Array,
): FileReading | undefined {
  let length: number;
  try {
    // One byte more than it should have, to see that it is longer.
    const wanted = room.subarray(0, size + 1);
    length = file.readSync(wanted, 0);
    if (length !== size) {
      length += fillSync(file, wanted.subarray(length), length);
    }
  } catch (error) {
    // Pipes and directories cannot be read from a place.
    requireListed(listed, file.stat());
    throw error;
  }
  let after = file.stat();
  requireListed(listed, after);
  if (length === size) return { length, size, touched: false, after };
  if (length > size) {
    const limit = after.size >= length ? after.size : room.length;
    length += fillSync(file, room.subarray(length, limit), length);
    if (length === room.length) return undefined;
  }
  const { size: now } = after;
  after = file.stat();
  return { length, size: now, touched: false, after };
}

/** An open file that is read to the length that it had when it was opened. */
export class SourceFile implements Disposable {
  readonly #file: RegularFile;
  readonly #opened: FileFacts;
  #holes: FileHoles | undefined;
  /** Whether what was read last is zeros, as the file has nothing there. */
  isInHole = false;
  #length = 0;

  private constructor(file: RegularFile) {
    this.#file = file;
    this.#opened = file.stat();
  }

  /** Opens what the user has named: a file, a pipe or a device. */
  static async named(path: string): Promise<SourceFile> {
    const file = SourceFile.#of(await openNamed(path));
    file.#holes = FileHoles.of(path, file.#opened);
    return file;
  }

  /** Opens a file that was listed, or throws. */
  static async open(
    source: SourcePath,
    listed: ListedFile | undefined,
  ): Promise<SourceFile> {
    const file = SourceFile.#of(await openRegular(source));
    try {
      requireListed(listed, file.#opened);
      file.#holes = FileHoles.of(source, file.#opened);
      return file;
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  static #of(file: RegularFile): SourceFile {
    try {
      return new SourceFile(file);
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Its length when it was opened; of what says 0 or has no length, such as a
   * pipe or a file of the kernel, only the end tells.
   */
  get limit(): number {
    const { isFile, size } = this.#opened;
    return isFile && size > 0 ? size : Infinity;
  }

  /** Reads until `target` is full or there is no more; gives how many bytes. */
  async read(target: Uint8Array): Promise<number> {
    const left = this.limit - this.#length;
    const wanted = target.subarray(0, Math.min(target.length, left));
    const piece = left === Infinity ? KERNEL_PIECE : wanted.length;
    let read = 0;
    this.isInHole = this.#holes?.isHole(this.#length, wanted.length) === true;
    if (this.isInHole) {
      wanted.fill(0);
      read = wanted.length;
    }
    while (read < wanted.length) {
      const part = wanted.subarray(read, read + piece);
      const got = await fill(this.#file, part, this.#length + read);
      read += got;
      if (got < part.length) break;
    }
    this.#length += read;
    return read;
  }

  /** What was read, once that is all. */
  reading(): FileReading {
    const { size, mtime } = this.#opened;
    const length = this.#length;
    const after = this.#file.stat();
    if (this.limit === Infinity) {
      return { length, size: 0, touched: false, after };
    }
    const touched = after.size !== size ||
      after.mtime?.getTime() !== mtime?.getTime();
    return { length, size, touched, after };
  }

  [Symbol.dispose](): void {
    this.#holes?.[Symbol.dispose]();
    this.#file[Symbol.dispose]();
  }
}

/** Notes a file that is not as it was when it had `listed` bytes. */
export function noteReading(
  notes: PublishNotes,
  source: SourcePath,
  listed: number,
  { length, size, touched }: Omit<FileReading, "after">,
): void {
  if (size !== listed) {
    notes.change(
      source,
      `it was ${listed} bytes long when it was listed, and ${length} when it was read`,
    );
  } else if (length < size) {
    notes.change(source, `it ended after ${length} of ${size} bytes`);
  } else if (touched) {
    notes.change(source, "it was written to while it was read");
  }
}
