/**
 * A file that stands for a lock where the file system has no locks: NFS without
 * its lock service, some FUSE programs.
 *
 * It is made new by one process alone and removed by that. A process that dies
 * leaves it behind. On the same machine that shows in the table of processes,
 * which is asked first. Of another machine's the owner touches it now and then,
 * and one that seems not to have been touched for long is told of: who wants it
 * watches it for longer than an owner takes to touch it, and takes it if it is
 * still the same then. So no clock decides: one that jumps makes a file look old,
 * or as if it came from the future, and costs the watching.
 *
 * It does not protect from processes that stand still for so long, nor where a
 * network file system makes a file new for two at once, as NFS 2 does.
 */

import { LOCK_STALE_MS, LOCK_TOUCH_MS } from "../../limits.ts";
import { ioErrorOf, isNotFound, lookAt } from "../../os/os_error.ts";
import { randomToken } from "../../os/random_token.ts";
import { assertOwnFile } from "./ownership.ts";

/** A process, as others see it. */
export interface Owner {
  pid: number;
  /**
   * Where its number means something: a machine and its table of processes;
   * empty where the process may not know.
   */
  machine: string;
  /**
   * When it touched its file last, where that seems to be long ago, in
   * milliseconds since 1970 by the clock of the file system.
   */
  touched?: number;
}

/** Times the file may come and go before we give up. */
const TRIES = 8;
/** Longest text that is read: a number, a host name and what it adds. */
const TEXT_MAX = 1024;

/** A file that stands for a lock, while we have it. */
export class OwnerFile {
  private readonly timer: ReturnType<typeof setInterval>;

  private constructor(
    private readonly path: string,
    private readonly text: string,
    private readonly uid: number | null,
  ) {
    this.timer = setInterval(() => this.touch(), LOCK_TOUCH_MS);
    Deno.unrefTimer(this.timer);
  }

  /**
   * Takes the lock, or tells who has it.
   *
   * @param path The file.
   * @param owner Ourselves.
   * @param uid Our number on this file system.
   * @param gone An owner that is known to be gone; with a time, only if it has
   * not touched the file since.
   * @throws {IoError} When the file can neither be made nor read.
   */
  static take(
    path: string,
    owner: Owner,
    uid: number | null,
    gone?: Owner,
  ): OwnerFile | Owner {
    const text = encode(owner);
    let held: Owner = { pid: 0, machine: "" };
    for (let tries = 0; tries < TRIES; tries++) {
      if (makeNew(path, text)) return new OwnerFile(path, text, uid);
      const found = read(path, uid);
      if (found === undefined) continue;
      held = parseOwner(found.text);
      const { touched } = found;
      if (!isGone(held, touched, gone)) {
        return isOld(path, uid, touched) ? { ...held, touched } : held;
      }
      discard(path, uid, found.text);
    }
    return held;
  }

  /** Gives the lock back, unless somebody took it for left behind. */
  release(): void {
    clearInterval(this.timer);
    if (read(this.path, this.uid)?.text === this.text) removeIfThere(this.path);
  }

  private touch(): void {
    try {
      if (read(this.path, this.uid)?.text !== this.text) return;
      Deno.writeTextFileSync(this.path, this.text, { create: false });
    } catch {
      // Others see it grow old, which is what happens to a lost disk.
    }
  }
}

function encode({ pid, machine }: Owner): string {
  return `${pid} ${machine}\n`;
}

/** Nobody, where the text is not what {@linkcode encode} writes. */
export function parseOwner(text: string): Owner {
  const [, pid = "0", machine = ""] = /^([1-9][0-9]{0,9}) (.*)\n$/.exec(text) ??
    [];
  return { pid: Number(pid), machine };
}

function isGone(held: Owner, touched: number, gone: Owner | undefined) {
  return gone !== undefined && gone.pid === held.pid &&
    gone.machine === held.machine && (gone.touched ?? touched) === touched;
}

function makeNew(path: string, text: string): boolean {
  try {
    const options = { write: true, createNew: true, mode: 0o600 };
    using file = Deno.openSync(path, options);
    writeText(file, path, text);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw ioErrorOf(error, "create", path);
  }
}

/** Without its text it would stand for a lock that nobody has. */
function writeText(file: Deno.FsFile, path: string, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let done = 0; done < bytes.length;) {
      done += file.writeSync(bytes.subarray(done));
    }
  } catch (error) {
    removeIfThere(path);
    throw error;
  }
}

/**
 * Reads one that we made. What somebody else has planted is not opened: a pipe
 * would hold us up, and a link lead elsewhere. Nobody else can put anything in
 * the place of one of ours, so it is the same when it is open.
 */
function read(
  path: string,
  uid: number | null,
): { text: string; touched: number } | undefined {
  const seen = lookAt(path);
  if (seen === undefined) return undefined;
  assertOwnFile(path, seen, uid);
  try {
    using file = Deno.openSync(path, { read: true });
    const bytes = new Uint8Array(TEXT_MAX);
    const length = file.readSync(bytes) ?? 0;
    const touched = file.statSync().mtime?.getTime() ?? 0;
    const text = new TextDecoder().decode(bytes.subarray(0, length));
    return { text, touched };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw ioErrorOf(error, "read", path);
  }
}

/**
 * Compared with a file made now: the clock of a server may be another one. One
 * that was set back meanwhile makes it look as if it came from the future.
 */
function isOld(path: string, uid: number | null, touched: number): boolean {
  const probe = `${path}_${randomToken()}`;
  makeNew(probe, "");
  const now = read(probe, uid)?.touched ?? touched;
  removeIfThere(probe);
  return Math.abs(now - touched) > LOCK_STALE_MS;
}

/** Moved first, so that of two that find it one removes the other's by mistake. */
function discard(path: string, uid: number | null, text: string): void {
  const moved = `${path}_${randomToken()}`;
  try {
    Deno.renameSync(path, moved);
  } catch (error) {
    if (isNotFound(error)) return;
    throw ioErrorOf(error, "move aside", path);
  }
  const taken = read(moved, uid)?.text ?? text;
  removeIfThere(moved);
  // Somebody was faster and has it now: it is his.
  if (taken !== text) makeNew(path, taken);
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!isNotFound(error)) throw ioErrorOf(error, "remove", path);
  }
}
