/** One landing at a time per target. */

import { IoError } from "../../errors.ts";
import { LOCK_STALE_MS } from "../../limits.ts";
import { isLacking } from "../../os/lacking.ts";
import { ioErrorOf, lookAt } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import { type Owner, OwnerFile } from "./owner_file.ts";
import { openOwnFile, sameInode } from "./ownership.ts";
import { joinPath, type Target } from "./target.ts";
import type { TargetFileSystem } from "./target_file_system.ts";
import { besideName } from "./temp_names.ts";

/** What names a landing where there are no locks. */
export interface LockOwner {
  /** See {@linkcode Owner.machine}. */
  machine: string;
  /** An owner that is known to be gone. */
  gone?: Owner;
}

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
    /** What stands for the lock where the file system has none. */
    private readonly owned: OwnerFile | undefined,
  ) {}

  /**
   * Takes the lock or fails at once.
   *
   * @param target What it guards, whatever is to land there.
   * @param fs Its file system.
   * @param us What names us where there are no locks.
   * @throws {IoError} When another landing has it, with its `pid` where that is
   * known, and the field `held`.
   */
  static async acquire(
    target: Target,
    fs: TargetFileSystem,
    us: LockOwner,
  ): Promise<TargetLock> {
    const { out, parent, base } = target;
    const { uid } = fs.traits;
    const path = lockPath(target);
    const ownerPath = joinPath(parent, besideName(base, ".fetch_owner"));
    let owned: OwnerFile | undefined;
    for (let tries = 0; tries < TRIES; tries++) {
      const file = openOwnFile(path, uid);
      let taken = false;
      try {
        const locked = await tryLock(file);
        if (locked === false) throw lockedBy(out, readOwner(file));
        if (locked === undefined) {
          owned = takeOwnerFile(ownerPath, out, uid, us);
          fs.note("locks", ownerPath);
        }
        const seen = lookAt(path);
        // An owner removes the file before it releases the lock: what was
        // locked then has no name any more and guards nothing.
        taken = seen !== undefined && sameInode(seen, file.statSync());
        if (taken) writeOwner(file);
      } catch (error) {
        // On a full disk it can be made, and nothing be written into it.
        if (taken) new TargetLock(path, file, owned).release();
        else {
          file.close();
          owned?.release();
        }
        throw ioErrorOf(error, "lock", path);
      }
      if (taken) return new TargetLock(path, file, owned);
      owned?.release();
      file.close();
    }
    throw lockedBy(out);
  }

  /**
   * Tells whether there is a lock file, be it left over.
   *
   * @param target What it would guard.
   */
  static exists(target: Target): boolean {
    return lookAt(lockPath(target)) !== undefined;
  }

  /**
   * Tells whether what has the name of a lock file is one that we made.
   *
   * @param target What it would guard.
   * @param uid Our owner on this file system.
   */
  static isOurs(target: Target, uid: number | null): boolean {
    const seen = lookAt(lockPath(target));
    return seen?.isFile === true && seen.uid === uid && (seen.nlink ?? 1) === 1;
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
    this.releaseOwned();
    try {
      if (this.owned === undefined) unlock(this.file);
    } catch {
      // Closing it releases the lock as well, if a moment later.
    }
    this.file.close();
  }

  private releaseOwned(): void {
    try {
      this.owned?.release();
    } catch {
      // Left behind it counts for nothing after a while.
    }
  }
}

/** The file whose lock keeps others from a target. */
export function lockPath({ parent, base }: Target): string {
  return joinPath(parent, besideName(base, ".fetch_lock"));
}

/** A file of a runtime that may lack the call which does not wait. */
export interface Lockable {
  lock(exclusive?: boolean): Promise<void>;
  tryLock?(exclusive?: boolean): Promise<boolean>;
  unlockSync(): void;
}

/**
 * Releases a lock before its file is closed: a process that this one is just
 * starting has the file open, too, for a moment, and would keep the lock.
 */
export function unlock(file: Pick<Lockable, "unlockSync">): void {
  try {
    file.unlockSync();
  } catch (error) {
    // Where there are no locks none was taken.
    if (!isLacking(error)) throw error;
  }
}

/** Whether the lock was free; `undefined` where there are no locks. */
async function tryLock(file: Lockable): Promise<boolean | undefined> {
  try {
    return await lockNow(file);
  } catch (error) {
    if (isLacking(error)) return undefined;
    throw error;
  }
}

async function lockNow(file: Lockable): Promise<boolean> {
  if (file.tryLock !== undefined) return await file.tryLock(true);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waited = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), LOCK_WAIT_MS);
  });
  // After a wait in vain the caller closes the file: the lock is released in
  // the moment it is acquired.
  const locked = file.lock(true).then(() => true);
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

function takeOwnerFile(
  path: string,
  target: string,
  uid: number | null,
  { machine, gone }: LockOwner,
): OwnerFile {
  const found = OwnerFile.take(path, { pid: Deno.pid, machine }, uid, gone);
  if (found instanceof OwnerFile) return found;
  const { pid, touched } = found;
  const error = lockedBy(target, pid === 0 ? undefined : pid);
  throw new IoError(error.message, {
    hint: `there are no locks on this file system: if that process is gone, ` +
      `remove ${quoteText(path)}, or wait ${LOCK_STALE_MS / 60_000} minutes`,
    fields: {
      ...error.fields,
      machine: found.machine,
      ...(touched !== undefined && { touched }),
    },
  });
}

function lockedBy(target: string, pid?: number): IoError {
  const owner = pid === undefined ? "another process" : `process ${pid}`;
  return new IoError(`${owner} is already writing ${quoteText(target)}`, {
    hint: "wait for it, as --wait does, or choose another target",
    fields: {
      path: target,
      held: true,
      ...(pid === undefined ? {} : { pid }),
    },
  });
}
