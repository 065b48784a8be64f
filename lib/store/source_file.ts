/** Reading files that others may be writing to. */

import { fill, fillSync } from "./file_slices.ts";
import type { PublishNotes } from "./publish_notes.ts";
import { lstatAt, type SourcePath } from "./raw_paths.ts";

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
}

/**
 * What a file that is about to be opened is like. Opening a FIFO that took its
 * place would wait for a writer, and a link would lead elsewhere.
 */
export function lookAtFile(source: SourcePath): Deno.FileInfo {
  const info = lstatAt(source);
  if (!info.isFile) throw new Deno.errors.NotFound("it is no longer a file");
  return info;
}

/**
 * Reads a file in one go that was `size` bytes long a moment ago. One that is
 * longer is read to the length that it has by now; `undefined` when that is more
 * than there is room for.
 */
export function readFileSync(
  path: string,
  size: number,
  room: Uint8Array,
): FileReading | undefined {
  using file = Deno.openSync(path);
  // One byte more than it should have, to see that it is longer.
  const first = file.readSync(room.subarray(0, size + 1)) ?? 0;
  if (first === size) return { length: size, size, touched: false };
  const length = first + fillSync(file, room.subarray(first, size + 1));
  if (length <= size) return { length, size, touched: false };
  const now = file.statSync().size;
  const limit = now >= length ? now : room.length;
  const rest = fillSync(file, room.subarray(length, limit));
  if (length + rest === room.length) return undefined;
  return { length: length + rest, size: now, touched: false };
}

/** An open file that is read to the length that it had when it was opened. */
export class SourceFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #opened: Deno.FileInfo;
  #length = 0;

  private constructor(file: Deno.FsFile, opened: Deno.FileInfo) {
    this.#file = file;
    this.#opened = opened;
  }

  static async open(path: string): Promise<SourceFile> {
    const file = await Deno.open(path);
    try {
      return new SourceFile(file, await file.stat());
    } catch (error) {
      file.close();
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
    while (read < wanted.length) {
      const part = wanted.subarray(read, read + piece);
      const got = await fill(this.#file, part);
      read += got;
      if (got < part.length) break;
    }
    this.#length += read;
    return read;
  }

  /** What was read, once that is all. */
  async reading(): Promise<FileReading> {
    const { size, mtime } = this.#opened;
    const length = this.#length;
    if (this.limit === Infinity) return { length, size: 0, touched: false };
    const now = await this.#file.stat();
    const touched = now.size !== size ||
      now.mtime?.getTime() !== mtime?.getTime();
    return { length, size, touched };
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Notes a file that is not as it was when it had `listed` bytes. */
export function noteReading(
  notes: PublishNotes,
  source: SourcePath,
  listed: number,
  { length, size, touched }: FileReading,
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
