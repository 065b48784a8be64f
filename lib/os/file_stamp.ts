/** What the system tells of a file that changes whenever its content does. */

/**
 * A file as it was at one moment. The runtime gives the time of the last change
 * of content in milliseconds, that of the last change of anything in seconds.
 */
export interface FileStamp {
  /** Number of its device. */
  readonly dev: number;
  /** Number of its inode. */
  readonly ino: number;
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
 * The stamp of a regular file.
 *
 * @param info What the system said of it.
 * @returns `undefined` where the system does not tell enough: Windows has no
 * `ctime`, and a number of a file above 2^53 is not exact.
 */
export function stampOf(info: Deno.FileInfo): FileStamp | undefined {
  const { dev, ino, size, mtime, ctime, isFile } = info;
  if (!isFile || ino === null || mtime === null || ctime === null) {
    return undefined;
  }
  if (!Number.isSafeInteger(ino) || ino === 0) return undefined;
  return {
    dev,
    ino,
    size,
    mtimeMs: mtime.getTime(),
    ctimeMs: ctime.getTime(),
  };
}

/** Tells whether nothing has changed from one look to another. */
export function sameStamp(
  a: FileStamp | undefined,
  b: FileStamp | undefined,
): boolean {
  return a !== undefined && b !== undefined && a.dev === b.dev &&
    a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs;
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
