/**
 * What is ours on the disk, and what somebody planted.
 *
 * There is no `openat` and no dependable `O_NOFOLLOW` here, so a path cannot be
 * opened in a way that no link can redirect. What is relied on instead: names
 * that are made new (`O_CREAT | O_EXCL` never follows a link), a directory of
 * our own that nobody else can write to, and an opened file being compared with
 * what the name showed before.
 */

import { IoError } from "../../errors.ts";
import { attempt, ioErrorOf, isNotFound, lookAt } from "../../os/os_error.ts";
import { randomToken } from "../../os/random_token.ts";
import { quoteText } from "../../text/escape.ts";
import { setMode } from "./file_io.ts";
import { joinPath } from "./target.ts";

/** A file or directory that stays the same however it is renamed. */
export type Inode = Pick<Deno.FileInfo, "dev" | "ino">;

/** Times a name may change under us before we give up. */
const TRIES = 8;

/** Tells whether two looks saw the same file. */
export function sameInode(a: Inode, b: Inode): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/**
 * Finds out which owner this file system gives to what we make, by making
 * something: the process may not be allowed to ask for its user, and a network
 * file system may map it to another.
 *
 * @param parent An existing directory.
 * @returns The owner, `null` where files have none.
 * @throws {IoError} When nothing can be made there.
 */
export function ownUid(parent: string): number | null {
  const probe = joinPath(parent, `.probe_${randomToken()}`);
  using file = attempt(
    "create a file in",
    parent,
    () => Deno.openSync(probe, { write: true, createNew: true, mode: 0o600 }),
  );
  try {
    return attempt("look at", probe, () => file.statSync().uid);
  } finally {
    attempt("remove", probe, () => Deno.removeSync(probe));
  }
}

/**
 * Opens a file under a fixed name: a new one, or one that we made earlier.
 *
 * @param path Its name.
 * @param uid Our owner, of {@linkcode ownUid}.
 * @returns The file, open for reading and writing at offset 0, untruncated.
 * @throws {IoError} When the name is taken by something that is not a
 * regular file of ours under this one name.
 */
export function openOwnFile(path: string, uid: number | null): Deno.FsFile {
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      return Deno.openSync(path, { read: true, write: true, createNew: true });
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
    if (sameInode(file.statSync(), seen)) return file;
    file.close();
  }
  throw new IoError(
    `${quoteText(path)} keeps changing while it is opened: another program ` +
      "is writing there",
    { fields: { path } },
  );
}

function assertOwnFile(
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
    /** Its permission bits, without read, write and execute. */
    private readonly specialBits: number,
  ) {}

  /**
   * Makes the directory, mode 0700.
   *
   * @param nextPath Gives a path to try, another one each time.
   * @param uid Our owner, of {@linkcode ownUid}.
   * @throws {IoError} When it cannot be made, or is not what we made.
   */
  static create(nextPath: () => string, uid: number | null): PrivateDir {
    for (let tries = 0; tries < TRIES; tries++) {
      const path = nextPath();
      try {
        Deno.mkdirSync(path, { mode: 0o700 });
      } catch (error) {
        if (error instanceof Deno.errors.AlreadyExists) continue;
        throw ioErrorOf(error, "create the directory", path);
      }
      const seen = lookAt(path);
      if (seen === undefined || !isPrivate(seen, uid)) {
        throw replaced(path);
      }
      return new PrivateDir(path, seen, (seen.mode ?? 0) & 0o7000);
    }
    throw new IoError(
      `no free name for a temporary directory after ${TRIES} tries`,
    );
  }

  /**
   * Checks that the name still leads to the directory that was made.
   *
   * @throws {IoError} When somebody put another in its place.
   */
  verify(): void {
    const seen = lookAt(this.path);
    if (
      seen === undefined || !seen.isDirectory || !sameInode(seen, this.inode)
    ) throw replaced(this.path);
  }

  /**
   * Gives the directory the mode that mkdir gives by default, which only the
   * system knows (the umask cannot be read under every set of permissions).
   */
  openUp(): void {
    const probe = joinPath(this.path, `.probe_${randomToken()}`);
    attempt("create a directory in", this.path, () => Deno.mkdirSync(probe));
    const mode = lookAt(probe)?.mode ?? 0o755;
    attempt("remove", probe, () => Deno.removeSync(probe));
    setMode(this.path, (mode & 0o777) | this.specialBits);
  }
}

function isPrivate(seen: Deno.FileInfo, uid: number | null): boolean {
  return seen.isDirectory && seen.uid === uid &&
    ((seen.mode ?? 0) & 0o077) === 0;
}

function replaced(path: string): IoError {
  return new IoError(
    `${quoteText(path)} is not the directory that was made there: another ` +
      "program interferes; choose a target in a directory only you can write",
    { fields: { path } },
  );
}

/**
 * What a user should know about the directory a target lies in.
 *
 * A directory that everybody may write to, without the sticky bit, lets every
 * local user rename our temporary files and put links in their place between
 * two of our system calls. It is not refused, since many mounts (FAT, SMB,
 * volumes of containers) show such modes without there being other users.
 *
 * @param parent The directory.
 * @returns One sentence, or none.
 */
export function parentWarnings(parent: string): string[] {
  const mode = attempt("look at", parent, () => Deno.statSync(parent)).mode;
  if (mode === null || (mode & 0o1002) !== 0o0002) return [];
  return [
    `every user of this machine may write to ${quoteText(parent)} (no sticky ` +
    "bit), and so could redirect what is written there",
  ];
}
