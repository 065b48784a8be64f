/**
 * The worker's side of a blob landing: one partial file that becomes the
 * target.
 */

import { verifyHash } from "../../content/mod.ts";
import { IoError } from "../../errors.ts";
import { makeDirectory } from "../../os/make_directory.ts";
import { attempt, ioErrorOf, lookAt } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import { isDiskFull } from "./full_disk.ts";
import { ContentCheck, type WantedRange } from "./content_check.ts";
import { Coverage } from "./coverage.ts";
import { writeAt } from "./file_io.ts";
import { type FileSystemTraits, probeBeside } from "./file_system.ts";
import {
  goneMeanwhile,
  keepAccess,
  openOwnFile,
  sameInode,
} from "./ownership.ts";
import { checkReadBack, WrittenEnds } from "./read_back.ts";
import { syncReplaced } from "./swap.ts";
import { checkTarget } from "./target.ts";
import { partialPath } from "./temp_names.ts";
import { TargetFileSystem } from "./target_file_system.ts";
import { removeProbes } from "./remove_probes.ts";
import { TargetLock } from "./target_lock.ts";
import type {
  BlobRange,
  BlobRequest,
  Kept,
  Warnings,
} from "./worker_protocol.ts";

/** Of a file that is replaced; set-id bits were given to other content. */
const PERMISSION_BITS = 0o777;
/** Permission bits that let others write. */
const SHARED_WRITE = 0o022;

/** Writes `<out>.partial`, then renames it over `<out>`. */
export class BlobWriter {
  private readonly coverage = new Coverage();
  private readonly ends = new WrittenEnds();
  private readonly content = new ContentCheck();
  private open = true;
  /** Whether the partial file fills a disk that has no room for the rest. */
  private isUseless = false;

  private constructor(
    private readonly request: BlobRequest,
    private readonly partial: string,
    private readonly file: Deno.FsFile,
    private readonly fs: TargetFileSystem,
    private readonly lock: TargetLock,
    /** Bytes that are in the partial file already, right or not. */
    public found: number,
    /** Things the user should know. */
    readonly warnings: string[],
  ) {}

  /**
   * Makes the parents, takes the lock and opens the partial file.
   *
   * @param request Where and how.
   * @throws {IoError} When the target cannot be one; nothing was written.
   */
  static async create(request: BlobRequest): Promise<BlobWriter> {
    const { parent } = request.target;
    const partial = partialPath(request.target);
    makeDirectory(parent);
    checkTarget(request.target, "blob", request);
    const warnings: string[] = [];
    const traits = probeBeside(request.target, request.volume);
    const fs = new TargetFileSystem(traits, parent, request);
    const lock = await TargetLock.acquire(request.target, fs, request);
    let opened: Deno.FsFile | undefined;
    try {
      removeProbes(request.target, traits.uid);
      const file = opened = openPartial(partial, traits);
      // Before a byte is in it, and until it is whole: for us alone. One that an
      // earlier run left may be open to others.
      if (isShared(file) && traits.keepsModes) fs.setMode(partial, 0o600);
      if (!request.resume) {
        attempt("empty", partial, () => file.truncateSync(0));
      }
      const found = file.statSync().size;
      return new BlobWriter(request, partial, file, fs, lock, found, warnings);
    } catch (error) {
      opened?.close();
      lock.release();
      throw ioErrorOf(error, "open", partial);
    }
  }

  /** Looks how much somebody else has put into the partial file. */
  measure(): number {
    this.assertOpen();
    return this.found = this.file.statSync().size;
  }

  /**
   * Tells which ranges an earlier run left as they are to be; they need not be
   * written.
   *
   * @param ranges What is wanted.
   * @returns For each whether it is there.
   * @throws {IoError} When the partial file cannot be read.
   */
  check(ranges: readonly WantedRange[]): boolean[] {
    this.assertOpen();
    return ranges.map((range) => {
      const { offset, length } = range;
      const isThere = offset + length <= this.found &&
        this.content.holds(this.file, this.partial, range);
      if (isThere) this.note(range);
      return isThere;
    });
  }

  /**
   * Verifies a range and writes it where it belongs.
   *
   * @param range Not changed.
   * @throws {HashMismatchError} When the bytes are not the ones asked for.
   * @throws {IoError} When they cannot be written.
   */
  write(range: BlobRange): void {
    this.assertOpen();
    const { offset, hash, bytes } = range;
    verifyHash(bytes, hash);
    // What was left there has to be overwritten, with zeros, too.
    const sparse = this.fs.sparse && offset >= this.found;
    try {
      writeAt(this.file, this.partial, offset, bytes, sparse);
    } catch (error) {
      this.isUseless ||= isDiskFull(error);
      throw error;
    }
    this.note({ offset, length: bytes.length, hash });
  }

  /**
   * Installs the file.
   *
   * @param size Its size, in bytes: what lies beyond is cut off.
   * @returns What the user should know.
   * @throws {IoError} When it is not complete or cannot be installed; the
   * target is untouched and the partial file stays.
   */
  commit(size: number): Warnings {
    this.assertOpen();
    const { partial, file, fs, request } = this;
    const { target: { out, parent }, fsync } = request;
    const gap = this.coverage.firstGap(size);
    if (gap !== undefined) {
      throw new IoError(
        `Cannot install ${quoteText(out)}: byte ${gap} of ${size} was ` +
          "never written",
        { fields: { path: out, offset: gap, size } },
      );
    }
    try {
      attempt("write", partial, () => {
        // Some file systems cannot cut a file.
        if (file.statSync().size !== size) file.truncateSync(size);
      });
      if (fsync || fs.failsLate) fs.sync(file, partial, fsync);
      const seen = lookAt(partial);
      if (seen === undefined) throw goneMeanwhile(partial);
      if (!sameInode(seen, file.statSync())) {
        throw new IoError(
          `${quoteText(partial)} is not the file that was written: another ` +
            "program interferes",
          { fields: { path: partial } },
        );
      }
      this.closeFile();
      if (fs.readsBack) checkReadBack(partial, size, this.ends.ranges);
      this.openUp(lookAt(out));
      if (request.replace) {
        attempt("install", out, () => Deno.renameSync(partial, out));
      } else installNew(partial, request);
      if (fsync) syncReplaced(() => fs.syncDirectory(parent), parent);
      return { warnings: fs.warnings() };
    } catch (error) {
      throw ioErrorOf(error, "install", out);
    } finally {
      this.abort();
    }
  }

  /**
   * Closes everything; the partial file stays, but on a full disk.
   *
   * @returns Where it is, if something is in it.
   */
  abort(): Kept | undefined {
    if (!this.open) {
      this.lock.release();
      return undefined;
    }
    this.closeFile();
    const bytes = Math.max(this.found, this.coverage.bytes);
    try {
      if (this.isUseless || bytes === 0) Deno.removeSync(this.partial);
    } catch {
      // The error that led here matters more, and the next run empties it.
    }
    this.lock.release();
    return this.isUseless || bytes === 0
      ? undefined
      : { path: this.partial, bytes };
  }

  private note(range: WantedRange): void {
    this.coverage.add(range.offset, range.length);
    if (this.fs.readsBack) this.ends.add(range);
  }

  /** Gives the file the access of what it replaces, else what new files have. */
  private openUp(old: Deno.FileInfo | undefined): void {
    const { fs, partial } = this;
    if (old?.isFile) keepAccess(fs, partial, old, PERMISSION_BITS);
    else if (fs.traits.keepsModes) fs.setMode(partial, fs.traits.newFileMode);
  }

  private closeFile(): void {
    if (!this.open) return;
    this.open = false;
    this.file.close();
  }

  private assertOpen(): void {
    if (this.open) return;
    throw new IoError(
      `${quoteText(this.request.target.out)} is no longer open`,
    );
  }
}

/**
 * Opens the partial file. One that others could write to may still be open to
 * them, whatever its mode becomes: it is replaced by a new one.
 */
function openPartial(
  path: string,
  { uid, keepsModes }: FileSystemTraits,
): Deno.FsFile {
  const file = openOwnFile(path, uid);
  let isKept = false;
  try {
    isKept = !keepsModes || !isShared(file, SHARED_WRITE);
  } finally {
    if (!isKept) file.close();
  }
  if (isKept) return file;
  attempt("remove", path, () => Deno.removeSync(path));
  return openOwnFile(path, uid);
}

/**
 * Gives the file its name where nothing may be replaced: unlike a rename a link
 * fails when the name was taken meanwhile.
 */
function installNew(partial: string, request: BlobRequest): void {
  const { out } = request.target;
  try {
    Deno.linkSync(partial, out);
  } catch {
    // Taken, or a file system without links.
    checkTarget(request.target, "blob", request);
    attempt("install", out, () => Deno.renameSync(partial, out));
    return;
  }
  attempt("remove", partial, () => Deno.removeSync(partial));
}

function isShared(file: Deno.FsFile, bits = 0o077): boolean {
  return ((file.statSync().mode ?? 0) & bits) !== 0;
}
