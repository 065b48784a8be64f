/**
 * Which file it is, whatever it is called, and what the system tells of it that
 * changes whenever its content does.
 *
 * While a file is open, or its directory entry stays, no other file of the
 * machine has its device and number. A number is given anew once a file is
 * gone; then its `ctime`, which nobody can set, is that of the new one.
 */

/** What no two files have in common at the same time. */
export interface FileIdentity {
  /** Number of its device. */
  readonly dev: number;
  /** Number of its inode. */
  readonly ino: number;
}

/** What is to be known of something to say which file it is, and how it is now. */
export type FileFacts = Pick<
  Deno.FileInfo,
  "isFile" | "dev" | "ino" | "size" | "mtime" | "ctime" | "birthtime"
>;

/** A file as it was when it was listed. */
export interface ListedFile {
  readonly stamp: FileStamp;
  /** When it was made, in milliseconds since 1970, where that is known. */
  readonly born: number | null;
}

/**
 * A file as it was at one moment. The runtime gives the time of the last change
 * of content in milliseconds, that of the last change of anything in seconds.
 */
export interface FileStamp extends FileIdentity {
  /** Its length, in bytes. */
  readonly size: number;
  /** When its content was changed last, in milliseconds since 1970. */
  readonly mtimeMs: number;
  /** When anything of it was changed last, in milliseconds since 1970. */
  readonly ctimeMs: number;
}

/**
 * A file that was changed less than so many milliseconds before it was looked
 * at can change again without showing it: `ctime` counts seconds here, FAT
 * counts two.
 */
export const STAMP_SETTLES_MS = 2000;

/**
 * Which file, directory or link it is.
 *
 * @param info What the system said of it.
 * @returns `undefined` where the system does not tell: a number above 2^53 is
 * not exact, and some file systems of Windows have none.
 */
export function identityOf(
  { dev, ino }: Pick<Deno.FileInfo, "dev" | "ino">,
): FileIdentity | undefined {
  return ino !== null && ino !== 0 && Number.isSafeInteger(ino)
    ? { dev, ino }
    : undefined;
}

/** Tells whether two looks were at one file; not, where one of them did not tell. */
export function isSameEntry(
  a: FileIdentity | undefined,
  b: FileIdentity | undefined,
): boolean {
  return a !== undefined && b !== undefined && a.dev === b.dev &&
    a.ino === b.ino;
}

/**
 * The stamp of a regular file.
 *
 * @param info What the system said of it.
 * @returns `undefined` where the system does not tell enough: Windows has no
 * `ctime`, and a number of a file above 2^53 is not exact.
 */
export function stampOf(info: FileFacts): FileStamp | undefined {
  const { size, mtime, ctime, isFile } = info;
  const identity = identityOf(info);
  if (!isFile || identity === undefined || mtime === null || ctime === null) {
    return undefined;
  }
  return {
    ...identity,
    size,
    mtimeMs: mtime.getTime(),
    ctimeMs: ctime.getTime(),
  };
}

/**
 * Something as it is listed. What the system does not tell is NaN, which
 * equals nothing; a number above 2^53 is rounded, and still tells most apart.
 *
 * @returns `undefined` where files have no numbers.
 */
export function listedOf(info: FileFacts): ListedFile | undefined {
  const { dev, ino, size, mtime, ctime, birthtime } = info;
  if (ino === null || ino === 0) return undefined;
  return {
    stamp: {
      dev,
      ino,
      size,
      mtimeMs: mtime?.getTime() ?? NaN,
      ctimeMs: ctime?.getTime() ?? NaN,
    },
    born: birthtime?.getTime() ?? null,
  };
}

/**
 * Tells whether something that was opened is the file that was listed, though it
 * may have grown, shrunk or been written to since. A file of the same number
 * that was made later is another one, where the file system keeps that time.
 *
 * @param listed Nothing where the system tells too little: then only that it is
 * a file.
 */
export function isListed(
  listed: ListedFile | undefined,
  now: FileFacts,
): boolean {
  return now.isFile && isSameInode(listed, now);
}

/** {@linkcode isListed} for a directory or a file. */
export function isSameInode(
  listed: ListedFile | undefined,
  now: FileFacts,
): boolean {
  if (listed === undefined) return true;
  const { stamp, born } = listed;
  return stamp.dev === now.dev && stamp.ino === now.ino &&
    (born === null || born === (now.birthtime?.getTime() ?? null));
}

/** Tells whether nothing has changed from one look to another. */
export function sameStamp(
  a: FileStamp | undefined,
  b: FileStamp | undefined,
): boolean {
  return a !== undefined && b !== undefined && isSameEntry(a, b) &&
    a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

/**
 * Tells whether it is the same file with the same content, though it may have
 * got another name or mode: that changes `ctime`.
 */
export function isSameFile(
  a: FileStamp | undefined,
  b: FileStamp | undefined,
): boolean {
  return a !== undefined && b !== undefined &&
    sameStamp({ ...a, ctimeMs: 0 }, { ...b, ctimeMs: 0 });
}

/**
 * Tells whether every later change of a file will change its stamp.
 *
 * @param stamp The file.
 * @param now When it was looked at, in milliseconds since 1970.
 */
export function isSettled(stamp: FileStamp, now: number): boolean {
  return Math.max(stamp.mtimeMs, stamp.ctimeMs) + STAMP_SETTLES_MS <= now;
}
