/** The hashes of files, remembered between runs. */

import { dirname } from "@std/path";
import { HASH_CACHE_MAX } from "../limits.ts";
import { type FileStamp, isSettled, sameStamp } from "../os/file_identity.ts";
import { isNotFound, osErrorWords } from "../os/os_error.ts";
import { randomToken } from "../os/random_token.ts";
import { isSafelyThere, makeSafeDirectory } from "../os/safe_ancestors.ts";
import { quoteText } from "../text/escape.ts";
import { decodeHashCache, encodeHashCache } from "./hash_cache_format.ts";
import { type FileHashes, HashTable } from "./hash_table.ts";

/** While a long run goes on, what it has found out is written this often. */
const SAVE_EVERY_MS = 60_000;
/** That a file was of use is written once in so many minutes. */
const USED_EVERY_MINUTES = 24 * 60;
/** A temporary file of that age was left by a process that was killed. */
const STALE_MS = 60_000;

/** How {@linkcode HashCache.open} works. */
export interface HashCacheOptions {
  /**
   * Our user: a file of another one is neither read nor replaced. `null` where
   * the system has none.
   */
  uid: number | null;
  /** Told, in one sentence, why nothing is remembered; must not throw. */
  onNote?: (message: string) => void;
  /** Milliseconds since 1970; the clock of the system if not given. */
  now?: () => number;
}

/**
 * Remembers the hashes of files by their device, number, length, `mtime` and
 * `ctime`, in one file that only its owner may read.
 *
 * Why a hash that is out of date does no harm:
 *
 * - What is served is hashed then, unless the file has the stamp that it had
 *   when it was hashed; what is stored is hashed anew; what is fetched is
 *   checked by who fetches it.
 * - A reference is made of remembered hashes only if nothing that changes with
 *   the content has changed. What the clocks are too coarse to show is never
 *   remembered ({@linkcode isSettled}), nor a file that was changed while it was
 *   read: as in git, such a file is "racily clean" and hashed again next time.
 * - `mtime` can be set by anybody who may write the file, `ctime` by nobody: who
 *   would have us print an old reference for new content needs the clock of the
 *   system, the raw disk, a mapping of the file that was open before, or a file
 *   system that has no `ctime` of its own. Such a person could as well have put
 *   the old content there. See SECURITY.md.
 *
 * Two processes may use one file: each writes it whole, under another name
 * first, and takes over what the other has found out meanwhile. What is damaged,
 * of another version or of another user is ignored.
 */
export class HashCache {
  readonly #path: string;
  readonly #uid: number | null;
  readonly #onNote: (message: string) => void;
  readonly #now: () => number;
  #table = HashTable.empty();
  /** Rows that this process has set. */
  readonly #ours = new Set<number>();
  /** The file as it was read or written last. */
  #seen: Deno.FileInfo | undefined;
  #isUsable = true;
  #isChanged = false;
  #savedAt: number;

  private constructor(path: string, options: HashCacheOptions) {
    this.#path = path;
    this.#uid = options.uid;
    this.#onNote = options.onNote ?? (() => {});
    this.#now = options.now ?? Date.now;
    this.#savedAt = this.#now();
  }

  /**
   * Reads what earlier runs have found out. Never throws: without it everything
   * is hashed.
   *
   * @param path The file; its directory is made when something is written.
   */
  static open(path: string, options: HashCacheOptions): HashCache {
    const cache = new HashCache(path, options);
    cache.#table = cache.#read() ?? cache.#table;
    return cache;
  }

  /** Milliseconds since 1970, for {@linkcode HashCache.add}. */
  now(): number {
    return this.#now();
  }

  /** The hashes of a file that has not changed since they were taken. */
  find(stamp: FileStamp): FileHashes | undefined {
    const row = this.#table.find(stamp);
    if (row === undefined) return undefined;
    if (!sameStamp(this.#table.stampAt(row), stamp)) return undefined;
    const now = this.#minutes();
    if (now - this.#table.usedAt(row) >= USED_EVERY_MINUTES) {
      this.#table.touch(row, now);
      this.#isChanged = true;
    }
    return this.#table.hashesAt(row);
  }

  /**
   * Remembers a file, unless it could still change without showing it.
   *
   * @param stamp The file as it was before it was read, and after.
   * @param readAt When it was looked at before, in milliseconds since 1970.
   */
  add(stamp: FileStamp, hashes: FileHashes, readAt: number): void {
    if (!isSettled(stamp, readAt)) return;
    this.#table.set(stamp, this.#minutes(), hashes);
    const row = this.#table.find(stamp);
    if (row !== undefined) this.#ours.add(row);
    this.#isChanged = true;
    // The clock may have been set back by hours.
    const sinceMs = Math.abs(this.#now() - this.#savedAt);
    if (sinceMs >= SAVE_EVERY_MS) this.save();
  }

  /** Writes what is new. Never throws: it will be hashed again. */
  save(): void {
    this.#savedAt = this.#now();
    if (!this.#isChanged || !this.#isUsable) return;
    const dir: string = dirname(this.#path);
    const temporary = `${this.#path}.tmp.${randomToken()}`;
    try {
      makePrivate(dir);
      this.#takeOver();
      if (!this.#isUsable) return;
      removeStale(this.#path, this.#now());
      const options = { createNew: true, mode: 0o600 };
      Deno.writeFileSync(temporary, encodeHashCache(this.#table), options);
      Deno.renameSync(temporary, this.#path);
      this.#seen = Deno.lstatSync(this.#path);
      this.#isChanged = false;
    } catch (error) {
      this.#giveUp(`cannot be written: ${osErrorWords(error)}`);
      removeIfThere(temporary);
    }
  }

  #minutes(): number {
    return Math.max(0, Math.floor(this.#now() / 60_000));
  }

  /** What another process has written since goes behind what is ours. */
  #takeOver(): void {
    const seen = lookFor(this.#path);
    if (seen === undefined || isSameFile(seen, this.#seen)) return;
    const theirs = this.#read();
    if (theirs === undefined) return;
    for (const row of theirs.rows()) {
      const mine = this.#table.find(theirs.stampAt(row));
      if (mine === undefined || !this.#ours.has(mine)) {
        this.#table.copy(theirs, row);
      }
    }
  }

  #read(): HashTable | undefined {
    try {
      const isSafe = isSafelyThere(dirname(this.#path));
      // Where no directory can be, that is told.
      const seen = lookFor(this.#path);
      if (!isSafe || seen === undefined) return undefined;
      const why = this.#objection(seen);
      if (why !== undefined) {
        this.#giveUp(why);
        return undefined;
      }
      this.#seen = seen;
      const table = seen.size > HASH_CACHE_MAX
        ? undefined
        : decodeHashCache(Deno.readFileSync(this.#path));
      if (table === undefined) this.#note("is damaged and written anew");
      return table;
    } catch (error) {
      this.#giveUp(`cannot be read: ${osErrorWords(error)}`);
      return undefined;
    }
  }

  /** Why a file is not one of ours. */
  #objection({ isFile, uid, mode }: Deno.FileInfo): string | undefined {
    if (!isFile) return "is no regular file";
    if (this.#uid !== null && uid !== this.#uid) return "is of another user";
    return mode !== null && (mode & 0o022) !== 0
      ? "can be written by others"
      : undefined;
  }

  #giveUp(why: string): void {
    this.#isUsable = false;
    this.#note(`${why}: nothing is remembered`);
  }

  #note(what: string): void {
    this.#onNote(`the hash cache ${quoteText(this.#path)} ${what}`);
  }
}

function isSameFile(
  a: Deno.FileInfo,
  b: Deno.FileInfo | undefined,
): boolean {
  return a.ino === b?.ino && a.size === b?.size &&
    a.mtime?.getTime() === b?.mtime?.getTime();
}

function lookFor(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Makes a directory and the one above it, which a new user may lack. */
function makePrivate(dir: string): void {
  const above = dirname(dir);
  // The home of a user is not made.
  if (!isSafelyThere(dirname(above))) Deno.statSync(dirname(above));
  makeSafeDirectory(dir, 0o700);
}

function removeStale(path: string, now: number): void {
  const dir: string = dirname(path);
  const start = `${path.slice(dir.length + 1)}.tmp.`;
  for (const { name } of Deno.readDirSync(dir)) {
    if (!name.startsWith(start)) continue;
    const left = `${dir}/${name}`;
    const mtime = lookFor(left)?.mtime?.getTime() ?? now;
    if (now - mtime > STALE_MS) removeIfThere(left);
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is not there, or the next run tries again.
  }
}
