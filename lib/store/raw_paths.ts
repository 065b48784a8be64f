/**
 * File names that are not UTF-8. Linux allows any bytes in a name, the runtime
 * only strings: it lists such names with replacement characters, or leaves them
 * out, and can open neither. Where the process may call native code, the C
 * library lists and opens them instead.
 */

import { decodeUtf8, decodeUtf8Lossy } from "../content/mod.ts";
import {
  decodeStatx,
  STATX_BYTES,
  STATX_MASK,
  type StatxFacts,
} from "../os/statx.ts";

/** A path: a string where it is UTF-8, else its bytes. */
export type SourcePath = string | Uint8Array;

/** Flags of `open`, which differ between processors. */
const OPEN_FLAGS: Readonly<
  Record<string, { directory: number; noFollow: number }>
> = {
  x86_64: { directory: 0x1_0000, noFollow: 0x2_0000 },
  aarch64: { directory: 0x4000, noFollow: 0x8000 },
};
/** The errors that people meet: their names, and what is said of them. */
const ERRORS: Readonly<Record<number, readonly [string, string]>> = {
  1: ["EPERM", "Operation not permitted"],
  2: ["ENOENT", "No such file or directory"],
  5: ["EIO", "Input/output error"],
  12: ["ENOMEM", "Cannot allocate memory"],
  13: ["EACCES", "Permission denied"],
  20: ["ENOTDIR", "Not a directory"],
  22: ["EINVAL", "Invalid argument"],
  23: ["ENFILE", "Too many open files in system"],
  24: ["EMFILE", "Too many open files"],
  36: ["ENAMETOOLONG", "File name too long"],
  40: ["ELOOP", "Too many levels of symbolic links"],
  116: ["ESTALE", "Stale file handle"],
};
const O_CLOEXEC = 0x8_0000;
const O_WRONLY = 0x1;
/** Of `open`: a new file. */
const O_NEW = 0x40 | 0x80;
/** Of `ioctl`: a file gets the blocks of another one. */
const FICLONE = 0x4004_9409;
const O_NONBLOCK = 0x800;
/** Of `lseek`: the next place with data. */
const SEEK_DATA = 3;
const ENXIO = 6;
const O_PATH = 0x20_0000;
/** The descriptor itself is meant, not a path below it. */
const AT_EMPTY_PATH = 0x1000;
/** Relative paths are so to the current directory. */
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const EMPTY_PATH = new Uint8Array(1);

/** Of `struct linux_dirent64`. */
const DIRENT_RECLEN = 16;
const DIRENT_NAME = 19;
const DIRENT_BUFFER = 64 * 1024;
const PATH_MAX = 4096;
const SLASH = 0x2f;

const SYMBOLS = {
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  ioctl: { parameters: ["i32", "usize", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  getdents64: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  // Older than 2018 there is none.
  statx: {
    parameters: ["i32", "buffer", "i32", "u32", "buffer"],
    result: "i32",
    optional: true,
  },
  llistxattr: {
    parameters: ["buffer", "buffer", "usize"],
    result: "isize",
    optional: true,
  },
  // Where `errno` of this thread is.
  __errno_location: { parameters: [], result: "pointer" },
} as const;

const encoder = new TextEncoder();

/** The C library's view of the file system. */
export class RawPaths {
  readonly #libc: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #flags: { directory: number; noFollow: number };
  readonly #buffer = new Uint8Array(DIRENT_BUFFER);
  readonly #statx = new Uint8Array(STATX_BYTES);
  readonly #errno: Deno.UnsafePointerView;

  private constructor(
    libc: Deno.DynamicLibrary<typeof SYMBOLS>,
    flags: { directory: number; noFollow: number },
  ) {
    this.#libc = libc;
    this.#flags = flags;
    const errno = libc.symbols.__errno_location();
    if (errno === null) throw new Error("there is no errno");
    this.#errno = new Deno.UnsafePointerView(errno);
  }

  /** Loads the C library where that is possible and allowed; never prompts. */
  static load(): RawPaths | undefined {
    const flags = OPEN_FLAGS[Deno.build.arch];
    if (Deno.build.os !== "linux" || flags === undefined) return undefined;
    try {
      if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
        return undefined;
      }
      return new RawPaths(Deno.dlopen("libc.so.6", SYMBOLS), flags);
    } catch {
      // A system with another C library: the runtime's own view has to do.
      return undefined;
    }
  }

  /**
   * Lists a directory without `.` and `..`; names are bytes where they are not
   * UTF-8. Throws what the runtime would.
   */
  list(path: SourcePath, { follow }: { follow: boolean }): SourcePath[] {
    const { directory, noFollow } = this.#flags;
    const fd = this.#open(path, directory | (follow ? 0 : noFollow));
    try {
      const names: SourcePath[] = [];
      const buffer = this.#buffer;
      const view = new DataView(buffer.buffer);
      while (true) {
        const length = Number(
          this.#libc.symbols.getdents64(fd, buffer, BigInt(buffer.length)),
        );
        if (length < 0) throw this.#failure();
        if (length === 0) return names;
        for (let at = 0; at < length;) {
          const next = at + view.getUint16(at + DIRENT_RECLEN, true);
          const start = at + DIRENT_NAME;
          const name = buffer.subarray(start, buffer.indexOf(0, start));
          if (!isDots(name)) names.push(decodeUtf8(name) ?? name.slice());
          at = next;
        }
      }
    } finally {
      this.#libc.symbols.close(fd);
    }
  }

  readLink(path: SourcePath): Uint8Array {
    const buffer = new Uint8Array(PATH_MAX);
    const length = Number(
      this.#libc.symbols.readlink(
        terminate(path),
        buffer,
        BigInt(buffer.length),
      ),
    );
    if (length < 0) throw this.#failure();
    return buffer.slice(0, length);
  }

  /**
   * The names of the extended attributes of what lies at a path, no link
   * followed; `undefined` where the system has none or does not tell.
   */
  attributes(path: SourcePath): string[] | undefined {
    const buffer = this.#buffer;
    const size = BigInt(buffer.length);
    const length = Number(
      this.#libc.symbols.llistxattr?.(terminate(path), buffer, size) ?? -1,
    );
    if (length < 0) return undefined;
    const names = decodeUtf8Lossy(buffer.subarray(0, length));
    return names.split("\0").slice(0, -1);
  }

  /** Opens a file, no link at its end followed; a pipe keeps nobody waiting. */
  openToRead(path: SourcePath): number {
    return this.#open(path, O_NONBLOCK | this.#flags.noFollow);
  }

  /**
   * Where the next data of a file is, at a place or after it; infinite when there
   * is none, `undefined` where the file system does not tell.
   */
  nextData(fd: number, at: number): number | undefined {
    const next = Number(this.#libc.symbols.lseek(fd, BigInt(at), SEEK_DATA));
    if (next >= 0) return next;
    return this.#errno.getInt32() === ENXIO ? Infinity : undefined;
  }

  /**
   * Makes a file of mode 0600 that shares the blocks of an open one, where the
   * file system does that: what is written to either later changes it alone.
   *
   * @param fd What is open.
   * @param path Where nothing is.
   * @returns Whether it was made; else nothing is there.
   */
  cloneTo(fd: number, path: string): boolean {
    const to = this.#open(path, O_WRONLY | O_NEW, 0o600);
    let isCloned = false;
    try {
      isCloned = this.#clone(fd, to);
    } finally {
      this.release(to);
      if (!isCloned) Deno.removeSync(path);
    }
    return isCloned;
  }

  /**
   * The same with a file that is there and empty, and has no other name.
   *
   * @returns Whether it has the blocks; else it is as it was.
   */
  cloneInto(fd: number, path: string): boolean {
    const to = this.#open(path, O_WRONLY | O_NONBLOCK | this.#flags.noFollow);
    try {
      const seen = this.stat(to);
      const isEmpty = seen?.isFile && seen.size === 0 && seen.nlink === 1;
      return isEmpty === true && this.#clone(fd, to);
    } finally {
      this.release(to);
    }
  }

  #clone(from: number, to: number): boolean {
    return this.#libc.symbols.ioctl(to, BigInt(FICLONE), from) === 0;
  }

  /** An alias of what lies there, good until `fd` is released. */
  hold(
    path: SourcePath,
    { follow }: { follow: boolean },
  ): { fd: number; alias: string } {
    const fd = this.#open(path, O_PATH | (follow ? 0 : this.#flags.noFollow));
    return { fd, alias: `/proc/self/fd/${fd}` };
  }

  /** Where something really lies, no link on the way. */
  realPath(path: Uint8Array): SourcePath {
    const { fd, alias } = this.hold(path, { follow: true });
    try {
      const real = this.readLink(alias);
      return decodeUtf8(real) ?? real;
    } finally {
      this.release(fd);
    }
  }

  /**
   * What is open, told 20 times as fast as `node:fs` does; `undefined` where
   * the system does not tell in this way.
   */
  stat(fd: number): StatxFacts | undefined {
    const status = this.#libc.symbols.statx?.(
      fd,
      EMPTY_PATH,
      AT_EMPTY_PATH,
      STATX_MASK,
      this.#statx,
    );
    return status === 0 ? decodeStatx(this.#statx) : undefined;
  }

  /**
   * What lies at a path, a link at its end not followed, told three times as fast
   * as the runtime does; `undefined` where the system does not tell in this way,
   * or nothing can be told: the runtime says why.
   *
   * @param directory What a relative path is relative to, open.
   */
  lstat(path: SourcePath, directory = AT_FDCWD): StatxFacts | undefined {
    const status = this.#libc.symbols.statx?.(
      directory,
      terminate(path),
      AT_SYMLINK_NOFOLLOW,
      STATX_MASK,
      this.#statx,
    );
    return status === 0 ? decodeStatx(this.#statx) : undefined;
  }

  release(fd: number): void {
    this.#libc.symbols.close(fd);
  }

  #open(path: SourcePath, flags: number, mode = 0): number {
    const { open } = this.#libc.symbols;
    const fd = open(terminate(path), flags | O_CLOEXEC, mode);
    if (fd < 0) throw this.#failure();
    return fd;
  }

  /** Why the last call failed, as the runtime says it. */
  #failure(): Error {
    const errno = this.#errno.getInt32();
    const [code, words] = ERRORS[errno] ?? ["EOTHER", "The call failed"];
    const message = `${words} (os error ${errno})`;
    const Class = code === "ENOENT" ? Deno.errors.NotFound : Error;
    return Object.assign(new Class(message), { code });
  }
}

/**
 * The one instance of the process, if there can be one. Loaded with the module:
 * a library loaded by the first caller would look like a leak of that caller.
 */
export const rawPaths: RawPaths | undefined = RawPaths.load();

/** Calls `use` with a string that names `path` until it has returned or settled. */
export function atPath<T>(path: SourcePath, use: (path: string) => T): T {
  if (typeof path === "string") return use(path);
  const raw = rawPaths;
  if (raw === undefined) {
    throw new Deno.errors.NotFound(`cannot open ${showPath(path)}`);
  }
  const held = raw.hold(path, { follow: false });
  let result: T;
  try {
    result = use(held.alias);
  } catch (error) {
    raw.release(held.fd);
    throw error;
  }
  if (result instanceof Promise) {
    return result.finally(() => raw.release(held.fd)) as T;
  }
  raw.release(held.fd);
  return result;
}

/** What the path itself is, without following a link at its end. */
export function lstatAt(path: SourcePath): Deno.FileInfo {
  return typeof path === "string"
    ? Deno.lstatSync(path)
    // The alias is itself a link, to what `path` names and no further.
    : atPath(path, (alias) => Deno.statSync(alias));
}

/** The path as text, with U+FFFD for what is not UTF-8. */
export function showPath(path: SourcePath): string {
  return typeof path === "string" ? path : decodeUtf8Lossy(path);
}

/** Appends a name to the path of a directory; the result is a string if it can be. */
export function joinName(
  directory: SourcePath,
  name: SourcePath,
): SourcePath {
  const text = typeof name === "string" ? name : decodeUtf8(name);
  if (typeof directory === "string" && text !== undefined) {
    return directory.endsWith("/")
      ? `${directory}${text}`
      : `${directory}/${text}`;
  }
  const head = pathBytes(directory);
  const tail = pathBytes(name);
  const slash = head.at(-1) === SLASH ? 0 : 1;
  const path = new Uint8Array(head.length + slash + tail.length).fill(SLASH);
  path.set(head);
  path.set(tail, head.length + slash);
  return path;
}

export function pathBytes(path: SourcePath): Uint8Array {
  return typeof path === "string" ? encoder.encode(path) : path;
}

function isDots(name: Uint8Array): boolean {
  return name[0] === 0x2e &&
    (name.length === 1 || (name.length === 2 && name[1] === 0x2e));
}

/** A C string. */
function terminate(path: SourcePath): Uint8Array<ArrayBuffer> {
  const bytes = pathBytes(path);
  const terminated = new Uint8Array(bytes.length + 1);
  terminated.set(bytes);
  return terminated;
}
