/**
 * Removal of a whole tree: never across a device, never into a mount, however
 * deep it is, and also where directories lack write permission.
 *
 * Each directory is renamed to the top of the tree before it is entered. That
 * keeps paths short, and it is the one question about mounts that a confined
 * process can ask: the system renames no mount point (EBUSY), also where
 * something of the same device is mounted. What is a device of its own without
 * being mounted, as a subvolume is, shows by its number.
 *
 * It also keeps others from leading the removal elsewhere (CVE-2022-21658): only
 * we may write to the top, or it is put into a new directory which is so. What
 * was moved there is looked at there, where nobody else can give its name to
 * anything else, and each path that is used has but one name below that: a link
 * that took the place of a directory is removed itself.
 */

import { IoError } from "../../errors.ts";
import {
  ioErrorOf,
  isNotFound,
  lookAt,
  osErrorCode,
} from "../../os/os_error.ts";
import { randomToken } from "../../os/random_token.ts";
import { quoteText } from "../../text/escape.ts";

/** What a removal has done so far. */
export interface Removed {
  /** Files and links that are gone. */
  files: number;
  /** Bytes of those, where they were asked for. */
  bytes: number;
}

/** How a tree is removed. */
export interface RemovalOptions {
  /**
   * Whether it is known that nothing is mounted in the tree. Then directories
   * whose names cannot be spoken of here, as they are not UTF-8, are removed
   * with all they hold.
   *
   * @default {false}
   */
  mountless?: boolean;
  /**
   * Whether bytes are counted, which takes one more call for each file.
   *
   * @default {false}
   */
  countBytes?: boolean;
  /** Our owner on this file system, where there are owners. */
  uid?: number | null;
}

/** Stands in a name for bytes that are not UTF-8. */
const NOT_UTF8 = "\ufffd";

/** Names between two looks at whether their directory has become a mount. */
const NAMES_PER_LOOK = 64;

/** A directory that is to be emptied, or was, and is to be removed. */
interface Pending {
  path: string;
  /** What was there when it was found. */
  place: Deno.FileInfo;
  emptied: boolean;
  /** What stays in it under names that are not UTF-8. */
  unnamed?: "files" | "directories";
}

/**
 * The removal of one tree, in steps. What cannot be removed stays, with what it
 * lies in; all else goes.
 */
export class TreeRemoval {
  /** What is gone. */
  readonly removed: Removed = { files: 0, bytes: 0 };
  readonly #token = randomToken();
  readonly #work: Generator<void, void, void>;
  #failure: Error | undefined;
  #moved = 0;
  #root: string;

  /**
   * Prepares; nothing is removed yet.
   *
   * @param root A file, link or directory; nothing being there is no error.
   * @param options How.
   */
  constructor(
    root: string,
    private readonly options: RemovalOptions = {},
  ) {
    this.#root = root;
    this.#work = this.#remove();
  }

  /** Where what is left of it is. */
  get root(): string {
    return this.#root;
  }

  /**
   * Removes for a while.
   *
   * @param until When to stop, of the clock of `performance.now()`.
   * @returns Whether it has come to its end.
   * @throws {IoError} In the end, with what could not be removed first.
   */
  step(until = Infinity): boolean {
    while (this.#work.next().done !== true) {
      if (until !== Infinity && performance.now() >= until) return false;
    }
    if (this.#failure !== undefined) throw this.#failure;
    return true;
  }

  *#remove(): Generator<void, void, void> {
    const { root } = this;
    const seen = lookAt(root);
    if (seen === undefined) return;
    if (!seen.isDirectory) {
      this.#removeFile(root);
      return;
    }
    const { uid = seen.uid } = this.options;
    let place = seen;
    if (seen.uid !== uid || mayOthersWrite(seen)) {
      try {
        place = this.#enclose(seen);
      } catch (error) {
        const isMount = osErrorCode(error) === "EBUSY";
        this.#fail(isMount ? boundary(root, error) : error, root);
        return;
      }
    }
    const pending: Pending[] = [
      { path: this.root, place, emptied: false },
    ];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next.emptied) this.#removeDirectory(next);
      else yield* this.#empty(next, pending);
    }
  }

  /** Puts the tree into a new directory, which only we can enter. */
  #enclose(seen: Deno.FileInfo): Deno.FileInfo {
    const { root } = this;
    // A name that says what it is, as the next run looks for such.
    const top = `${root.replace(/_[0-9a-f]{16}$/, "")}_${randomToken()}`;
    unlock(root, seen);
    Deno.mkdirSync(top, { mode: 0o700 });
    try {
      Deno.renameSync(root, `${top}/.${this.#token}`);
    } catch (error) {
      Deno.removeSync(top);
      throw error;
    }
    this.#root = top;
    return Deno.lstatSync(top);
  }

  /**
   * Removes the files of a directory, moves the directories in it to the top,
   * and notes what is to be done next.
   */
  *#empty(
    { path, place }: Pending,
    pending: Pending[],
  ): Generator<void, void, void> {
    const self: Pending = { path, place, emptied: true };
    // The top goes last, as the others are moved there.
    if (path === this.root) pending.push(self);
    const staying: Pending[] = [];
    try {
      unlock(path, place);
      // The list is whole: what is moved here while it is read is not in it.
      const list = Deno.readDirSync(path);
      assertSame(path, place);
      let names = 0;
      for (const { name, isDirectory } of list) {
        if (++names % NAMES_PER_LOOK === 0) assertSame(path, place);
        const inside = `${path}/${name}`;
        if (isDirectory) {
          const inner = this.#moveToTop(inside, place);
          if (inner?.path === inside) staying.push(inner);
          else if (inner !== undefined) pending.push(inner);
          else if (isUnnamed(inside)) self.unnamed = "directories";
        } else if (!this.#removeFile(inside) && name.includes(NOT_UTF8)) {
          self.unnamed ??= "files";
        }
        yield;
      }
    } catch (error) {
      this.#fail(error, path);
      return;
    }
    if (path !== this.root) pending.push(self);
    for (const inner of staying) pending.push(inner);
  }

  /**
   * Moves a directory to the top of the tree.
   *
   * @returns Where it is; nothing where it may not be entered.
   */
  #moveToTop(path: string, above: Deno.FileInfo): Pending | undefined {
    const top = `${this.root}/.${this.#token}_${this.#moved++}`;
    try {
      const place = lookAt(path);
      if (place === undefined) return undefined;
      if (place.dev !== above.dev) throw boundary(path);
      const isOpen = mayOthersWrite(above) || above.uid !== place.uid;
      const at = this.#rename(path, top, isOpen);
      if (at === path) return { path, place, emptied: false };
      const moved = lookAt(at);
      if (moved?.isDirectory) return { path: at, place: moved, emptied: false };
      this.#removeFile(at);
      return undefined;
    } catch (error) {
      const isMount = osErrorCode(error) === "EBUSY";
      this.#fail(isMount ? boundary(path, error) : error, path);
      return undefined;
    }
  }

  /**
   * Renames a directory and tells what it is called then.
   *
   * @param path Where it is.
   * @param top Where it is to be.
   * @param isOpen Whether others may change its name meanwhile.
   */
  #rename(path: string, top: string, isOpen: boolean): string {
    try {
      Deno.renameSync(path, top);
      return top;
    } catch (error) {
      if (isOpen) throw error;
      // A directory of a lower layer (overlayfs) is emptied where it is.
      if (osErrorCode(error) === "EXDEV") return path;
      if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    }
    // Its own mode may forbid to put it elsewhere, but not to rename it there.
    const above = path.slice(0, path.lastIndexOf("/"));
    const renamed = `${above}/.${this.#token}`;
    Deno.renameSync(path, renamed);
    Deno.chmodSync(renamed, 0o700);
    Deno.renameSync(renamed, top);
    return top;
  }

  /** Tells whether something was there. */
  #removeFile(path: string): boolean {
    try {
      const size = this.options.countBytes ? lookAt(path)?.size ?? 0 : 0;
      Deno.removeSync(path);
      this.removed.files++;
      this.removed.bytes += size;
    } catch (error) {
      if (isNotFound(error)) return false;
      this.#fail(error, path);
    }
    return true;
  }

  #removeDirectory({ path, unnamed }: Pick<Pending, "path" | "unnamed">): void {
    const { mountless = false } = this.options;
    const known = unnamed === "files" || unnamed !== undefined && mountless;
    // Recursively nothing is told apart: not where something is to stay.
    const recursive = known && this.#failure === undefined;
    try {
      Deno.removeSync(path, { recursive });
    } catch (error) {
      if (isNotFound(error)) return;
      if (osErrorCode(error) !== "ENOTEMPTY") return this.#fail(error, path);
      // What is left is told of already.
      if (this.#failure !== undefined) return;
      // Deno 2.4 does not even list what has no name.
      if (!mountless || recursive || !isListedEmpty(path)) {
        return this.#fail(error, path);
      }
      this.#removeDirectory({ path, unnamed: "directories" });
    }
  }

  #fail(error: unknown, path: string): void {
    this.#failure ??= ioErrorOf(error, "remove", path);
  }
}

/**
 * Removes whatever `path` names; a link is removed itself, never followed, and
 * nothing being there is no error.
 *
 * @param path A file, link or directory.
 * @throws {IoError} When something could not be removed.
 */
export function removeTree(path: string): void {
  new TreeRemoval(path).step();
}

function isListedEmpty(path: string): boolean {
  for (const _ of Deno.readDirSync(path)) return false;
  return true;
}

/** Tells whether a listed name leads nowhere as it is not UTF-8. */
function isUnnamed(path: string): boolean {
  return path.includes(NOT_UTF8, path.lastIndexOf("/")) &&
    lookAt(path) === undefined;
}

/** Tells whether anybody but its owner may change what lies in a directory. */
function mayOthersWrite({ mode }: Deno.FileInfo): boolean {
  return mode !== null && (mode & 0o022) !== 0;
}

/** A directory without write permission cannot be emptied by its own owner. */
function unlock(path: string, place: Deno.FileInfo): void {
  if (place.mode === null || (place.mode & 0o700) === 0o700) return;
  assertSame(path, place);
  Deno.chmodSync(path, 0o700);
}

/**
 * A mount made meanwhile shows by another inode. Where numbers of inodes do
 * not last (FUSE), a directory that can be renamed is none.
 */
function assertSame(path: string, { dev, ino }: Deno.FileInfo): void {
  const seen = lookAt(path);
  if (seen?.dev !== dev) throw boundary(path);
  if (seen.ino === ino) return;
  const other = `${path}_${randomToken()}`;
  try {
    Deno.renameSync(path, other);
    Deno.renameSync(other, path);
  } catch (error) {
    throw osErrorCode(error) === "EBUSY" ? boundary(path, error) : error;
  }
}

function boundary(path: string, cause?: unknown): IoError {
  return new IoError(
    `another file system is mounted at ${quoteText(path)}, which stays`,
    { fields: { path }, cause },
  );
}
