/**
 * The worker's side of a blob landing: one partial file that becomes the
 * target.
 *
 * @module
 */

import { IoError } from "../../errors.ts";
import { Coverage } from "./coverage.ts";
import { makeDirectory, syncDirectory, writeAt } from "./file_io.ts";
import { attempt, lookAt, quotePath } from "./os_error.ts";
import { openOwnFile, ownUid, parentWarnings, sameInode } from "./ownership.ts";
import { checkBlobTarget } from "./target_check.ts";
import { TargetLock } from "./target_lock.ts";
import { joinPath } from "./target_path.ts";
import { verifyChunk } from "./verify_chunk.ts";
import type { BlobPiece, Target } from "./worker_protocol.ts";

/** How a {@linkcode BlobWriter} works. */
export interface BlobWriterOptions {
  /** Where the file is installed. */
  target: Target;
  /** Whether the file, then its directory, are synced before success. */
  fsync: boolean;
}

/** Writes `<out>.partial`, then renames it over `<out>`. */
export class BlobWriter {
  private readonly coverage = new Coverage();
  private open = true;

  private constructor(
    private readonly options: BlobWriterOptions,
    private readonly out: string,
    private readonly partial: string,
    private readonly file: Deno.FsFile,
    private readonly lock: TargetLock,
    /** Things the user should know. */
    readonly warnings: string[],
  ) {}

  /**
   * Makes the parents, takes the lock and opens the partial file.
   *
   * @param options Where and how.
   * @throws {IoError} When the target cannot be one; nothing was written.
   */
  static async create(options: BlobWriterOptions): Promise<BlobWriter> {
    const { parent, base } = options.target;
    const out = joinPath(parent, base);
    const partial = `${out}.partial`;
    makeDirectory(parent);
    checkBlobTarget(options.target);
    const warnings = parentWarnings(parent);
    const uid = ownUid(parent);
    const lock = await TargetLock.acquire(`${partial}.lock`, out, uid);
    try {
      const file = openOwnFile(partial, uid);
      attempt("emptying", partial, () => file.truncateSync(0));
      return new BlobWriter(options, out, partial, file, lock, warnings);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * Verifies a piece and writes it where it belongs.
   *
   * @param piece Not changed.
   * @throws {HashMismatchError} When the bytes are not the ones asked for.
   * @throws {IoError} When they cannot be written.
   */
  write(piece: BlobPiece): void {
    this.assertOpen();
    verifyChunk(piece.bytes, piece.hash);
    writeAt(this.file, this.partial, piece.offset, piece.bytes);
    this.coverage.add(piece.offset, piece.bytes.length);
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
    const gap = this.coverage.firstGap(size);
    if (gap !== undefined) {
      throw new IoError(
        `Cannot install ${quotePath(this.out)}: byte ${gap} of ${size} was ` +
          "never written",
        { fields: { path: this.out, offset: gap, size } },
      );
    }
    const { partial, file } = this;
    try {
      attempt("writing", partial, () => file.truncateSync(size));
      if (this.options.fsync) {
        attempt("syncing", partial, () => file.syncSync());
      }
      const seen = lookAt(partial);
      if (seen === undefined || !sameInode(seen, file.statSync())) {
        throw new IoError(
          `${quotePath(partial)} is not the file that was written: another ` +
            "program interferes",
          { fields: { path: partial } },
        );
      }
      this.closeFile();
      attempt(
        "installing",
        this.out,
        () => Deno.renameSync(partial, this.out),
      );
      if (this.options.fsync) syncDirectory(this.options.target.parent);
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
    if (!this.open) {
      throw new IoError(`${quotePath(this.out)} is no longer open`);
    }
  }
}
