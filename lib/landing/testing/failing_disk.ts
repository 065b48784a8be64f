/**
 * The disk below a directory, of which one call fails: calls are counted, those
 * that only look, too, and one of them gets an error of the system.
 */

import { patchCall } from "./patch_call.ts";

/** What the system says, and the class that the runtime makes of it. */
const ERRORS = {
  EACCES: [13, "Permission denied", Deno.errors.PermissionDenied],
  EDQUOT: [122, "Disk quota exceeded", Error],
  EIO: [5, "Input/output error", Error],
  EMFILE: [24, "Too many open files", Error],
  ENOSPC: [28, "No space left on device", Error],
  EROFS: [30, "Read-only file system", Error],
  ESTALE: [116, "Stale file handle", Error],
} as const;

/** Errors that a disk may have. */
export type DiskError = keyof typeof ERRORS;
/** All of them. */
export const DISK_ERRORS = Object.keys(ERRORS) as DiskError[];
/** Codes that the runtime has no names for. */
const UNNAMED: readonly DiskError[] = ["EDQUOT", "ESTALE"];

/** Calls with a path, and which of their arguments it is. */
const CALLS = {
  chmodSync: 0,
  chownSync: 0,
  copyFileSync: 1,
  linkSync: 1,
  lstatSync: 0,
  mkdirSync: 0,
  open: 0,
  openSync: 0,
  readDirSync: 0,
  readFileSync: 0,
  readLinkSync: 0,
  readTextFileSync: 0,
  removeSync: 0,
  renameSync: 0,
  statSync: 0,
  symlinkSync: 1,
  truncateSync: 0,
  utimeSync: 0,
  writeFileSync: 0,
  writeTextFileSync: 0,
} as const;

/** Calls of an open file. */
const FILE_CALLS = [
  "read",
  "readSync",
  "statSync",
  "sync",
  "syncSync",
  "truncateSync",
  "tryLock",
  "unlockSync",
  "write",
  "writeSync",
] as const;

/** Calls without which what is to be on the disk may not be there. */
const KEEPING: readonly string[] = [
  "copyFileSync",
  "sync",
  "syncSync",
  "truncateSync",
  "write",
  "writeFileSync",
  "writeSync",
];

/** A call that failed. */
export interface FailedCall {
  readonly name: string;
  readonly path: string;
  /** Whether content may be missing on the disk because of it. */
  readonly keeps: boolean;
}

/** Makes an error as the runtime does. */
export function diskError(os: DiskError, call: string): Error {
  const [number, words, Kind] = ERRORS[os];
  const error = new Kind(`${words} (os error ${number}): ${call}`);
  return UNNAMED.includes(os) ? error : Object.assign(error, { code: os });
}

/** Patches the calls while it lives; others of the same thread see it, too. */
export class FailingDisk implements Disposable {
  /** Calls so far. */
  count = 0;
  /** The call that fails. */
  failAt = Infinity;
  /** With what. */
  os: DiskError = "EIO";
  /** The call that has failed. */
  failed: FailedCall | undefined;
  readonly #paths = new WeakMap<object, string>();
  readonly #restore: (() => void)[] = [];

  /**
   * @param root Calls on what lies elsewhere do not count.
   */
  constructor(private readonly root: string) {
    for (const [name, at] of Object.entries(CALLS)) {
      if (!(name in Deno)) continue;
      this.#restore.push(patchCall(Deno, name, (call, args) => {
        const path = String(args[at]);
        this.#count(name, path);
        const result = call();
        if (result instanceof Deno.FsFile) this.#paths.set(result, path);
        if (name !== "open") return result;
        return (result as Promise<Deno.FsFile>).then((file) => {
          this.#paths.set(file, path);
          return file;
        });
      }));
    }
    const { prototype } = Deno.FsFile;
    for (const name of FILE_CALLS) {
      if (!(name in prototype)) continue;
      this.#restore.push(patchCall(prototype, name, (call, _, file) => {
        this.#count(name, this.#paths.get(file as Deno.FsFile) ?? "");
        return call();
      }));
    }
  }

  [Symbol.dispose](): void {
    for (const restore of this.#restore.splice(0)) restore();
  }

  #count(name: string, path: string): void {
    if (!path.startsWith(this.root) || this.count++ !== this.failAt) return;
    this.failed = { name, path, keeps: KEEPING.includes(name) };
    throw diskError(this.os, `${name} '${path}'`);
  }
}
