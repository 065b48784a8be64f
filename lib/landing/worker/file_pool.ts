/**
 * The files of a tree that are written over time, a bounded number of them open.
 */

import { IoError } from "../../errors.ts";
import { attempt } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import { type Inode, sameInode } from "./ownership.ts";

/** How a file is opened. */
interface OpenedFile {
  isPrivate: boolean;
  isThere: boolean;
}

/** Open files by manifest entry; the one used longest ago is closed first. */
export class FilePool {
  private readonly open = new Map<number, Deno.FsFile>();
  private readonly made = new Map<number, Inode>();

  /**
   * Makes a pool.
   *
   * @param limit Most files that are open.
   * @param stableInodes Whether a file is known again by its inode number.
   */
  constructor(
    private readonly limit: number,
    private readonly stableInodes: boolean,
  ) {}

  /**
   * The file of an entry: made new the first time, opened again later.
   *
   * @param entry The entry.
   * @param path Its path, inside a directory of our own.
   * @param how Whether one is there that an earlier run left, and whether a new
   * one is for us alone until its mode is set.
   * @throws {IoError} When it cannot be made or opened, or is not the one
   * that was made.
   */
  get(entry: number, path: string, how: OpenedFile): Deno.FsFile {
    const file = this.open.get(entry) ?? this.openFile(entry, path, how);
    this.open.delete(entry);
    this.open.set(entry, file);
    return file;
  }

  /** Closes the file of an entry that is complete. */
  close(entry: number): void {
    this.open.get(entry)?.close();
    this.open.delete(entry);
    this.made.delete(entry);
  }

  /** Closes every file. */
  closeAll(): void {
    for (const file of this.open.values()) file.close();
    this.open.clear();
  }

  private openFile(
    entry: number,
    path: string,
    { isPrivate, isThere }: OpenedFile,
  ): Deno.FsFile {
    if (this.open.size >= this.limit) this.closeOldest();
    const made = this.made.get(entry);
    const createNew = made === undefined && !isThere;
    const file = attempt(
      createNew ? "create" : "open",
      path,
      () =>
        Deno.openSync(path, {
          read: isThere,
          write: true,
          createNew,
          ...(isPrivate ? { mode: 0o600 } : {}),
        }),
    );
    const inode = statOpen(file, path);
    if (made !== undefined && this.stableInodes && !sameInode(made, inode)) {
      file.close();
      throw new IoError(
        `${quoteText(path)} is not the file that was made there: another ` +
          "program interferes",
        { fields: { path } },
      );
    }
    this.made.set(entry, { dev: inode.dev, ino: inode.ino });
    return file;
  }

  private closeOldest(): void {
    const [[entry, file]] = this.open;
    file.close();
    this.open.delete(entry);
  }
}

function statOpen(file: Deno.FsFile, path: string): Deno.FileInfo {
  try {
    return attempt("look at", path, () => file.statSync());
  } catch (error) {
    file.close();
    throw error;
  }
}
