/**
 * Opening a file in a place where somebody else may put something else: a link
 * is not followed, and what is no regular file keeps nobody waiting.
 *
 * A look before opening does not help, as the file can be exchanged between the
 * two. `O_NONBLOCK` does: with it opening a FIFO returns at once, and what was
 * opened is looked at then. `O_NOFOLLOW` is asked for, too, but not relied on: a
 * file that a link led to shows by its identity ({@linkcode isListed}).
 *
 * | Runtime                          | How                                                   |
 * | -------------------------------- | ----------------------------------------------------- |
 * | passes the flags (2.9)           | `O_NONBLOCK` and `O_NOFOLLOW`                         |
 * | ignores them (2.4), native calls | `O_PATH`, a look, then that very inode by its alias   |
 * | ignores them, none               | a look, then opening that ends after {@linkcode OPEN_MS} |
 */

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  read as readFd,
  readSync,
} from "node:fs";
import {
  type FileFacts,
  isSameInode,
  listedOf,
  sameStamp,
  stampOf,
} from "../os/file_identity.ts";
import { osErrorCode } from "../os/os_error.ts";
import { atPath, lstatAt, rawPaths, type SourcePath } from "./raw_paths.ts";

/**
 * What remains where nothing else helps: a FIFO that took a file's place after
 * the look holds one thread of the runtime until somebody writes to it, and the
 * caller for so long. {@linkcode openOwnSync} waits for as long as the FIFO does.
 */
const OPEN_MS = 5000;

const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) |
  (constants.O_NOFOLLOW ?? 0);

let passesFlags: boolean | undefined;

/** An open regular file, or what turns out to be none when it is looked at. */
export interface RegularFile extends Disposable {
  /** What is open, whatever lies at its path by now. */
  stat(): FileFacts;
  /** Reads at a place; gives how many bytes, 0 at the end. */
  readSync(target: Uint8Array, at: number): number;
  /** {@linkcode RegularFile.readSync} on another thread. */
  read(target: Uint8Array, at: number): Promise<number>;
  /** Waits until what was written to it, by whomever, is on the disk. */
  syncSync(): void;
}

/**
 * Opens a file. What is open may be no regular file where the runtime does not
 * tell before: look at it before anything that was read is believed.
 *
 * @param source Where it lies.
 * @throws {Deno.errors.NotFound} When something else is there.
 */
export function openRegular(
  source: SourcePath,
): RegularFile | Promise<RegularFile> {
  if (typeof source === "string" && takesFlags(source)) {
    return openWithFlags(source);
  }
  if (rawPaths !== undefined) return openByAlias(source);
  if (Deno.build.os === "windows") return openLooked(source);
  return openInTime(source);
}

/**
 * Opens whatever the user has named, a pipe or a device too: waiting for it is
 * what they want.
 */
export async function openNamed(path: string): Promise<RegularFile> {
  return new RuntimeFile(await Deno.open(path));
}

/**
 * {@linkcode openRegular} for a file in a directory of our own, as a store is.
 *
 * @param path Where it lies.
 * @throws {Deno.errors.NotFound} When something else is there.
 */
export function openOwnSync(path: SourcePath): RegularFile {
  const opened = openRegularSync(path);
  try {
    if (!opened.stat().isFile) throw notAFile();
    return opened;
  } catch (error) {
    opened[Symbol.dispose]();
    throw error;
  }
}

function openRegularSync(path: SourcePath): RegularFile {
  if (typeof path === "string" && takesFlags(path)) return openWithFlags(path);
  return rawPaths === undefined ? openLooked(path) : openByAlias(path);
}

/** Reads until `target` is full or the file ends. */
export function fillSync(
  file: RegularFile,
  target: Uint8Array,
  at: number,
): number {
  let filled = 0;
  while (filled < target.length) {
    const read = file.readSync(target.subarray(filled), at + filled);
    if (read === 0) break;
    filled += read;
  }
  return filled;
}

/** {@linkcode fillSync} on another thread. */
export async function fill(
  file: RegularFile,
  target: Uint8Array,
  at: number,
): Promise<number> {
  let filled = 0;
  while (filled < target.length) {
    const read = await file.read(target.subarray(filled), at + filled);
    if (read === 0) break;
    filled += read;
  }
  return filled;
}

/** What stands in the place of a regular file. */
export function notAFile(): Error {
  return new Deno.errors.NotFound("it is no longer a file");
}

/** Asks for a file as a directory, once: a runtime that does so has no flags. */
function takesFlags(path: string): boolean {
  if (passesFlags !== undefined) return passesFlags;
  const { O_DIRECTORY, O_NONBLOCK } = constants;
  if (!O_DIRECTORY || !O_NONBLOCK) return passesFlags = false;
  // A FIFO would keep a runtime waiting that ignores the flags.
  if (!Deno.lstatSync(path).isFile) throw notAFile();
  try {
    closeSync(openSync(path, FLAGS | O_DIRECTORY));
    return passesFlags = false;
  } catch (error) {
    if (osErrorCode(error) !== "ENOTDIR") throw asOfRuntime(error);
    return passesFlags = true;
  }
}

function openWithFlags(path: string): RegularFile {
  try {
    return new DescribedFile(openSync(path, FLAGS));
  } catch (error) {
    throw asOfRuntime(error);
  }
}

const CLASSES: Readonly<Record<string, new (message: string) => Error>> = {
  EACCES: Deno.errors.PermissionDenied,
  ENOENT: Deno.errors.NotFound,
  ENOTDIR: Deno.errors.NotADirectory,
};

/** `node:fs` has words and classes of its own for what the system says. */
function asOfRuntime(error: unknown): unknown {
  const code = osErrorCode(error);
  if (code === undefined || !(error instanceof Error)) return error;
  // A link, a socket, or a device without a driver.
  if (["ELOOP", "ENXIO", "ENODEV"].includes(code)) return notAFile();
  const errno = "errno" in error ? Math.abs(Number(error.errno)) : 0;
  const [, words = error.message] = /^[A-Z0-9]+: (.*), open '/s
    .exec(error.message) ?? [];
  const message = `${words[0].toUpperCase()}${
    words.slice(1)
  } (os error ${errno})`;
  return Object.assign(new (CLASSES[code] ?? Error)(message), { code });
}

/** The alias names the inode that was looked at, and nothing else ever. */
function openByAlias(source: SourcePath): RegularFile {
  return atPath(bytesOf(source), (alias) => {
    if (!Deno.statSync(alias).isFile) throw notAFile();
    return new RuntimeFile(Deno.openSync(alias));
  });
}

const encoder = new TextEncoder();

function bytesOf(source: SourcePath): Uint8Array {
  return typeof source === "string" ? encoder.encode(source) : source;
}

function openLooked(source: SourcePath): RegularFile {
  if (!lstatAt(source).isFile) throw notAFile();
  return new RuntimeFile(atPath(source, (path) => Deno.openSync(path)));
}

async function openInTime(source: SourcePath): Promise<RegularFile> {
  if (!lstatAt(source).isFile) throw notAFile();
  const opening = atPath(source, (path) => Deno.open(path));
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), OPEN_MS);
  try {
    const file = await Promise.race([opening, late.promise]);
    if (file !== undefined) return new RuntimeFile(file);
  } finally {
    clearTimeout(timer);
  }
  opening.then((file) => file.close(), () => {});
  throw notAFile();
}

/** Whether native calls tell of a file what the runtime does; once compared. */
let tellsAlike = false;

function isAlike(a: FileFacts, b: FileFacts): boolean {
  return sameStamp(stampOf(a), stampOf(b)) && isSameInode(listedOf(a), b);
}

/** A file that is open in the way of `node:fs`. */
class DescribedFile implements RegularFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  stat(): FileFacts {
    const told = rawPaths?.stat(this.#fd);
    if (told !== undefined && tellsAlike) return told;
    const { dev, ino, size, mtime, ctime, birthtime, mode } = fstatSync(
      this.#fd,
    );
    const isFile = (mode & constants.S_IFMT) === constants.S_IFREG;
    const facts = { isFile, dev, ino, size, mtime, ctime, birthtime };
    tellsAlike = told !== undefined && isAlike(told, facts);
    return facts;
  }

  readSync(target: Uint8Array, at: number): number {
    return readSync(this.#fd, target, 0, target.length, at);
  }

  read(target: Uint8Array, at: number): Promise<number> {
    return new Promise((resolve, reject) =>
      readFd(
        this.#fd,
        target,
        0,
        target.length,
        at,
        (error, count) => error ? reject(error) : resolve(count),
      )
    );
  }

  syncSync(): void {
    fsyncSync(this.#fd);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** A file that the runtime has opened in its own way. */
class RuntimeFile implements RegularFile {
  readonly #file: Deno.FsFile;
  #at = 0;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  stat(): FileFacts {
    return this.#file.statSync();
  }

  readSync(target: Uint8Array, at: number): number {
    this.#seek(at);
    const count = this.#file.readSync(target) ?? 0;
    this.#at += count;
    return count;
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    this.#seek(at);
    const count = await this.#file.read(target) ?? 0;
    this.#at += count;
    return count;
  }

  syncSync(): void {
    this.#file.syncSync();
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #seek(at: number): void {
    if (at === this.#at) return;
    this.#file.seekSync(at, Deno.SeekMode.Start);
    this.#at = at;
  }
}
