/**
 * The worker's side of a blob landing: one partial file that becomes the
 * target.
 */

import { verifyHash } from "../../content/mod.ts";
import { IoError } from "../../errors.ts";
import { attempt, lookAt } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import { Coverage } from "./coverage.ts";
import { makeDirectory, syncDirectory, writeAt } from "./file_io.ts";
import { openOwnFile, ownUid, parentWarnings, sameInode } from "./ownership.ts";
import { checkTarget } from "./target.ts";
import { TargetLock } from "./target_lock.ts";
import type { BlobRange, BlobRequest } from "./worker_protocol.ts";

/** Writes `<out>.partial`, then renames it over `<out>`. */
export class BlobWriter {
  private readonly coverage = new Coverage();
  private open = true;

  private constructor(
    private readonly request: BlobRequest,
    private readonly partial: string,
    private readonly file: Deno.FsFile,
    private readonly lock: TargetLock,
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
    const { out, parent } = request.target;
    const partial = `${out}.partial`;
    makeDirectory(parent);
    checkTarget(request.target, "blob");
    const warnings = parentWarnings(parent);
    const uid = ownUid(parent);
    const lock = await TargetLock.acquire(`${partial}.lock`, out, uid);
    try {
      const file = openOwnFile(partial, uid);
      attempt("empty", partial, () => file.truncateSync(0));
      return new BlobWriter(request, partial, file, lock, warnings);
    } catch (error) {
      lock.release();
      throw error;
    }
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
    verifyHash(range.bytes, range.hash);
    writeAt(this.file, this.partial, range.offset, range.bytes);
    this.coverage.add(range.offset, range.bytes.length);
  }

  /**
   * Installs the file.
   *
   * @param size Its size, in bytes: what lies beyond is cut off.
   * @throws {IoError} When it is not complete or cannot be installed; the
   * target is untouched and the partial file stays.
   */
  commit(size: number): void {
    this.assertOpen();
    const { partial, file, request: { target: { out, parent }, fsync } } = this;
    const gap = this.coverage.firstGap(size);
    if (gap !== undefined) {
      throw new IoError(
        `Cannot install ${quoteText(out)}: byte ${gap} of ${size} was ` +
          "never written",
        { fields: { path: out, offset: gap, size } },
      );
    }
    try {
      attempt("write", partial, () => file.truncateSync(size));
      if (fsync) attempt("sync", partial, () => file.syncSync());
      const seen = lookAt(partial);
      if (seen === undefined || !sameInode(seen, file.statSync())) {
        throw new IoError(
          `${quoteText(partial)} is not the file that was written: another ` +
            "program interferes",
          { fields: { path: partial } },
        );
      }
      this.closeFile();
      attempt("install", out, () => Deno.renameSync(partial, out));
      if (fsync) syncDirectory(parent);
    } finally {
      this.abort();
    }
  }

  /** Closes everything; the partial file stays. */
  abort(): void {
    this.closeFile();
    this.lock.release();
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
