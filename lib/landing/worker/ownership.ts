/**
 * What is ours on the disk, and what somebody planted.
 *
 * There is no `openat` and no dependable `O_NOFOLLOW` here, so a path cannot be
 * opened in a way that no link can redirect. What is relied on instead: names
 * that are made new (`O_CREAT | O_EXCL` never follows a link), a directory of
 * our own that nobody else can write to, and an opened file being compared with
 * what the name showed before. Between a look and a use nobody else can change a
 * name: those above were judged (`os/safe_ancestors.ts`), and in a sticky
 * directory what is ours, which is all that passes the look, is ours to rename.
 */

import { IoError } from "../../errors.ts";
import { attempt, ioErrorOf, isNotFound, lookAt } from "../../os/os_error.ts";
import { randomToken } from "../../os/random_token.ts";
import { quoteText } from "../../text/escape.ts";
import type { FileSystemTraits } from "./file_system.ts";
import { joinPath } from "./target.ts";
import type { TargetFileSystem } from "./target_file_system.ts";

/** A file or directory that stays the same however it is renamed. */
export type Inode = Pick<Deno.FileInfo, "dev" | "ino">;

/** Times a name may change under us before we give up. */
const TRIES = 8;

/** Tells whether two looks saw the same file. */
export function sameInode(a: Inode, b: Inode): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/**
 * Opens a file under a fixed name: a new one, or one that we made earlier.
 *
 * @param path Its name.
 * @param uid Our owner on this file system.
 * @returns The file, open for reading and writing at offset 0, untruncated; a
 * new one is for us alone.
 * @throws {IoError} When the name is taken by something that is not a
 * regular file of ours under this one name.
 */
export function openOwnFile(
  path: string,
  uid: number | null,
): Deno.FsFile {
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      return Deno.openSync(path, {
        read: true,
        write: true,
        createNew: true,
        mode: 0o600,
      });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) {
        throw ioErrorOf(error, "create", path);
      }
    }
    const seen = lookAt(path);
    if (seen === undefined) continue;
    assertOwnFile(path, seen, uid);
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(path, { read: true, write: true });
    } catch (error) {
      if (isNotFound(error)) continue;
      throw ioErrorOf(error, "open", path);
    }
    let isSeen = false;
    try {
      isSeen = sameInode(
        attempt("look at", path, () => file.statSync()),
        seen,
      );
    } finally {
      if (!isSeen) file.close();
    }
    if (isSeen) return file;
  }
  throw new IoError(
    `${quoteText(path)} keeps changing while it is opened: another program ` +
      "is writing there",
    { fields: { path } },
  );
}

/**
 * Refuses what is not a regular file of ours under one name.
 *
 * @throws {IoError} When it is something else; it says what.
 */
export function assertOwnFile(
  path: string,
  seen: Deno.FileInfo,
  uid: number | null,
): void {
  const why = seen.isSymlink
    ? "it is a symbolic link"
    : !seen.isFile
    ? "it is not a regular file"
    : seen.uid !== uid
    ? "it belongs to another user"
    : (seen.nlink ?? 1) > 1
    ? "it has further names (hard links)"
    : undefined;
  if (why !== undefined) {
    throw new IoError(
      `Cannot use ${quoteText(path)}: ${why}, so it was not made by an ` +
        "earlier run; remove it and run again",
      { fields: { path } },
    );
  }
}

/** A directory made new, that only we can enter until it is opened up. */
export class PrivateDir {
  private constructor(
    /** Where it is. */
    readonly path: string,
    private readonly inode: Inode,
    private readonly fs: TargetFileSystem,
    /** Its permission bits, without read, write and execute. */
    private readonly specialBits: number,
  ) {}

  /**
   * Makes the directory, mode 0700 where there are modes.
   *
   * @param path Where; what an earlier run of ours left there was moved aside.
   * @param fs Its file system.
   * @throws {IoError} When it cannot be made, or is not what we made.
   */
  static create(path: string, fs: TargetFileSystem): PrivateDir {
    try {
      Deno.mkdirSync(path, { mode: 0o700 });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) {
        throw ioErrorOf(error, "create the directory", path);
      }
      throw new IoError(
        `Cannot use ${quoteText(path)}: it was not made by an earlier run of ` +
          "yours; remove it and run again",
        { fields: { path } },
      );
    }
    const seen = lookAt(path);
    if (seen === undefined || !isPrivate(seen, fs.traits)) {
      throw replaced(path);
    }
    return new PrivateDir(path, seen, fs, (seen.mode ?? 0) & 0o7000);
  }

  /**
   * Checks that the name still leads to the directory that was made.
   *
   * @throws {IoError} When it is gone, or somebody put another in its place.
   */
  verify(): void {
    const seen = lookAt(this.path);
    if (seen === undefined) throw goneMeanwhile(this.path);
    if (
      !seen.isDirectory ||
      this.fs.traits.stableInodes && !sameInode(seen, this.inode)
    ) throw replaced(this.path);
  }

  /**
   * Gives the directory the mode and group of what it replaces, else the mode
   * that mkdir gives by default, which only the system knows (the umask cannot
   * be read under every set of permissions).
   *
   * @param old What is replaced.
   */
  openUp(old: Deno.FileInfo | undefined): void {
    if (old?.isDirectory) keepAccess(this.fs, this.path, old, 0o7777);
    else this.setMode(this.defaultMode() | this.specialBits);
  }

  private defaultMode(): number {
    const probe = joinPath(this.path, `.probe_${randomToken()}`);
    attempt("create a directory in", this.path, () => Deno.mkdirSync(probe));
    const mode = lookAt(probe)?.mode ?? 0o755;
    attempt("remove", probe, () => Deno.removeSync(probe));
    return mode & 0o777;
  }

  private setMode(mode: number): void {
    const seen = lookAt(this.path)?.mode ?? mode;
    if ((seen & 0o7777) !== mode) this.fs.setMode(this.path, mode);
  }
}

/**
 * Gives something that we made the mode and group of what it replaces, so that
 * nobody can use it who could not before.
 *
 * @param fs Its file system.
 * @param path The new file or directory, in a directory of our own.
 * @param old What it replaces.
 * @param bits The permission bits that are taken over.
 * @throws {IoError} When they cannot be set, though there are modes.
 */
export function keepAccess(
  fs: TargetFileSystem,
  path: string,
  old: Deno.FileInfo,
  bits: number,
): void {
  const seen = lookAt(path);
  if (seen === undefined || old.mode === null) return;
  const sameGroup = old.gid === null || seen.gid === old.gid ||
    fs.setGroup(path, old.gid);
  const mode = modeToKeep(old.mode & bits, sameGroup);
  // Not from `seen`: a change of the group takes set-id bits away.
  if (!sameGroup || ((seen.mode ?? 0) & 0o7777) !== mode || mode > 0o777) {
    fs.setMode(path, mode);
  }
}

/**
 * The mode that lets nobody do what the old one did not.
 *
 * @param mode The old permission bits.
 * @param sameGroup Whether the group is the same: another one gets what
 * everybody has.
 */
export function modeToKeep(mode: number, sameGroup: boolean): number {
  if (sameGroup) return mode;
  const others = mode & 0o007;
  return mode & 0o1707 | mode & others << 3;
}

function isPrivate(
  seen: Deno.FileInfo,
  { uid, keepsModes }: FileSystemTraits,
): boolean {
  return seen.isDirectory && seen.uid === uid &&
    (!keepsModes || ((seen.mode ?? 0) & 0o077) === 0);
}

/**
 * The error for what we made and is not there any more: most often somebody has
 * renamed a directory above it.
 */
export function goneMeanwhile(path: string): IoError {
  return new IoError(
    `${quoteText(path)} is no longer there: it, or a directory above it, was ` +
      "renamed or removed meanwhile",
    {
      hint: "run again, with the path that the target has now",
      fields: { path },
    },
  );
}

function replaced(path: string): IoError {
  return new IoError(
    `${quoteText(path)} is not the directory that was made there: another ` +
      "program interferes; choose a target in a directory only you can write",
    { fields: { path } },
  );
}
