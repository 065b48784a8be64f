/** One landing at a time per target. */

import { IoError } from "../../errors.ts";
import { ioErrorOf, lookAt } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import { openOwnFile, sameInode } from "./ownership.ts";
import { joinPath, type Target } from "./target.ts";
import { besideName } from "./temp_names.ts";

/** Milliseconds a free lock may take where the runtime can only wait for one. */
const LOCK_WAIT_MS = 500;

/** Times the lock may be released under us before we give up. */
const TRIES = 8;

/**
 * An exclusive lock on a file beside the target, in which the process id of its
 * owner stands.
 *
 * The lock is the kernel's (`flock`), so it ends with its process however that
 * dies; a lock file that is left over is taken by the next run. Only its owner
 * removes it, before the release.
 */
export class TargetLock {
  private locked = true;

  private constructor(
    private readonly path: string,
    private readonly file: Deno.FsFile,
  ) {}

  /**
   * Takes the lock or fails at once.
   *
   * @param target What it guards, whatever is to land there.
   * @param uid Our owner on this file system.
   * @throws {IoError} When another landing has it, with its `pid`.
   */
  static async acquire(
    { out, parent, base }: Target,
    uid: number | null,
  ): Promise<TargetLock> {
    const path = joinPath(parent, besideName(base, ".fetch_lock"));
    for (let tries = 0; tries < TRIES; tries++) {
      const file = openOwnFile(path, uid);
      let taken = false;
      try {
        if (!await tryLock(file)) throw lockedBy(out, readOwner(file));
        const seen = lookAt(path);
        // An owner removes the file before it releases the lock: what was
        // locked then has no name any more and guards nothing.
        taken = seen !== undefined && sameInode(seen, file.statSync());
        if (taken) writeOwner(file);
      } catch (error) {
        file.close();
        throw ioErrorOf(error, "lock", path);
      }
      if (taken) return new TargetLock(path, file);
      file.close();
    }
    throw lockedBy(out, undefined);
  }

  /** Removes the lock file and releases the lock; a second call does nothing. */
  release(): void {
    if (!this.locked) return;
    this.locked = false;
    try {
      const seen = lookAt(this.path);
      if (seen !== undefined && sameInode(seen, this.file.statSync())) {
        Deno.removeSync(this.path);
      }
    } catch {
      // A lock file that cannot be removed locks nothing once it is closed.
    }
    this.file.close();
  }
}

/** A file of a runtime that may lack the call which does not wait. */
interface Lockable {
  lock(exclusive?: boolean): Promise<void>;
  tryLock?(exclusive?: boolean): Promise<boolean>;
}

async function tryLock(file: Lockable): Promise<boolean> {
  if (file.tryLock !== undefined) return await file.tryLock(true);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waited = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), LOCK_WAIT_MS);
  });
  // After a wait in vain the caller closes the file: the lock is released in
  // the moment it is acquired.
  const locked = file.lock(true).then(() => true, () => false);
  try {
    return await Promise.race([locked, waited]);
  } finally {
    clearTimeout(timer);
  }
}

function writeOwner(file: Deno.FsFile): void {
  file.truncateSync(0);
  file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
}

function readOwner(file: Deno.FsFile): number | undefined {
  const bytes = new Uint8Array(32);
  const length = file.readSync(bytes) ?? 0;
  const text = new TextDecoder().decode(bytes.subarray(0, length));
  return /^[1-9][0-9]{0,9}\n$/.test(text) ? Number(text) : undefined;
}

function lockedBy(target: string, pid: number | undefined): IoError {
  const owner = pid === undefined ? "another process" : `process ${pid}`;
  return new IoError(
    `${owner} is already writing ${
      quoteText(target)
    }: wait for it, or choose ` +
      "another target",
    { fields: { path: target, ...(pid === undefined ? {} : { pid }) } },
  );
}
