/** The files of a tree landing, written chunk by chunk. */

import {
  type BlobRef,
  blobRefSize,
  decodeBlobRef,
  verifyHash,
} from "../../content/mod.ts";
import { IoError } from "../../errors.ts";
import { CHUNK_SIZE, LANDING_OPEN_FILES_MAX } from "../../limits.ts";
import type { FileStamp } from "../../os/file_identity.ts";
import { attempt } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import { ContentCheck, type WantedRange } from "./content_check.ts";
import { chunksOf, listedRange, wrongSize } from "./file_chunks.ts";
import { FilePool } from "./file_pool.ts";
import { writeAt, writeNewFile } from "./file_io.ts";
import type { ExpectedEntry } from "./installed_tree.ts";
import { GrowingFiles } from "./growing_files.ts";
import { checkReadBack } from "./read_back.ts";
import { removeTree } from "./remove_tree.ts";
import { linkOldFile } from "./reuse.ts";
import { takeOverFiles } from "./take_over.ts";
import { joinPath } from "./target.ts";
import type { TargetFileSystem } from "./target_file_system.ts";
import type { PlannedFile } from "./planned_files.ts";
import type { TreePlan } from "./tree_plan.ts";
import { firstFile, writtenFiles } from "./written_files.ts";
import type {
  BlobRange,
  BufferedChunk,
  LeafRange,
  TreeRange,
} from "./worker_protocol.ts";

/** What becomes of a file in the end. */
const WRITTEN = 1;
const LEFT_OUT = 2;

/** Writes the files of a plan below a directory of our own. */
export class TreeFiles {
  private readonly growing: GrowingFiles;
  /** Lengths of files that an earlier run left, until they are complete. */
  private readonly found = new Map<number, number>();
  private readonly content = new ContentCheck();
  private readonly pool: FilePool;
  private readonly done: Uint8Array;
  private left: number;
  /** Bytes of the files that are complete. */
  private bytes = 0;

  /**
   * Prepares to write; nothing is made yet.
   *
   * @param plan The tree; its directories exist below `root`.
   * @param root The temp tree.
   * @param fs Its file system.
   * @param fsync Whether each file is synced when it is complete.
   */
  constructor(
    private readonly plan: TreePlan,
    private readonly root: string,
    private readonly fs: TargetFileSystem,
    private readonly fsync: boolean,
  ) {
    this.pool = new FilePool(
      LANDING_OPEN_FILES_MAX,
      fs.traits.stableInodes,
    );
    this.growing = new GrowingFiles(fs.readsBack);
    this.done = new Uint8Array(plan.files.entries);
    this.left = plan.counts.files;
  }

  /** Bytes that a later run may find here. */
  get bytesThere(): number {
    let bytes = this.bytes + this.growing.bytes;
    for (const size of this.found.values()) bytes += size;
    return bytes;
  }

  /**
   * Takes over files that an earlier run left, right or not.
   *
   * @param from Its tree.
   */
  takeOver(from: string): void {
    const { root, plan, fs } = this;
    for (const { entry, size } of takeOverFiles(from, root, plan, fs)) {
      this.found.set(entry, size);
    }
  }

  /**
   * Begins a file as what `put` puts at its place, right or not: told where that
   * is, and its path in the tree, it tells a length.
   */
  begin(
    entry: number,
    put: (to: string, path: string) => number | undefined,
  ): number | undefined {
    if (this.done[entry] !== 0 || this.found.has(entry)) return undefined;
    const { path } = this.fileOf(entry);
    const size = put(joinPath(this.root, path), path);
    if (size !== undefined) this.found.set(entry, size);
    return size;
  }

  /** The files that were taken over: entry and length, in turn. */
  get takenOver(): Float64Array {
    return Float64Array.from([...this.found].flat());
  }

  /**
   * Tells whether a chunk is at its place in a file that was taken over; then it
   * need not be written.
   *
   * @param range The chunk; of an entry that lists its chunks only the index
   * counts, and what the manifest says of it.
   * @throws {IoError} When the file cannot be read.
   */
  check(range: TreeRange): boolean {
    const { entry, chunk } = range;
    if (this.done[entry] !== 0) return this.done[entry] === WRITTEN;
    const size = this.found.get(entry);
    if (size === undefined) return false;
    const file = this.fileOf(entry);
    const ref = this.refOf(entry, file);
    const wanted = ref.kind === "tree" ? range : listedRange(file, ref, chunk);
    if (wanted === undefined || wanted.offset + wanted.length > size) {
      return false;
    }
    const path = joinPath(this.root, file.path);
    const open = this.fileIn(entry, file, path);
    if (!this.content.holds(open, path, wanted)) return false;
    this.note(entry, file, ref, path, wanted);
    return true;
  }

  /**
   * Verifies a chunk against the manifest's own hash and writes it. A chunk
   * that was written before is skipped.
   *
   * @param place Which chunk, and where in `buffer`.
   * @param buffer Its bytes among others.
   * @throws {HashMismatchError} When the bytes are not the ones asked for;
   * nothing was written, and the right ones can follow.
   * @throws {ManifestError} When the entry declares another length.
   * @throws {IoError} When the file cannot be written.
   */
  writeChunk(place: BufferedChunk, buffer: Uint8Array): void {
    const { entry, chunk, start, length } = place;
    const file = this.fileOf(entry);
    if (this.done[entry] !== 0) return;
    const ref = this.refOf(entry, file);
    const chunks = chunksOf(file, ref);
    if (chunk >= chunks.length || start + length > buffer.length) {
      throw new IoError(
        `chunk ${chunk} of ${quoteText(file.path)} is out of range`,
      );
    }
    const bytes = buffer.subarray(start, start + length);
    verifyHash(bytes, chunks[chunk].hash, { path: file.path, entry, chunk });
    if (length !== chunks[chunk].size) {
      throw wrongSize(file, chunks[chunk].size, length);
    }
    if (chunks.length === 1) {
      this.writeWhole(entry, file, bytes, chunks[chunk].hash);
      this.finish(entry);
    } else {
      const { hash } = chunks[chunk];
      this.writePart(entry, file, ref, {
        offset: chunk * CHUNK_SIZE,
        hash,
        bytes,
      });
    }
  }

  /**
   * Verifies and writes a chunk of a file whose manifest entry names a chunk
   * tree; the caller has checked the tree.
   *
   * @param leaf The chunk.
   * @throws {HashMismatchError} When the bytes are not the ones asked for.
   * @throws {ManifestError} When the entry declares another size.
   * @throws {IoError} When the file cannot be written.
   */
  writeLeaf(leaf: LeafRange): void {
    const { entry, offset, hash, bytes, last } = leaf;
    const file = this.fileOf(entry);
    if (this.done[entry] !== 0) return;
    const ref = this.refOf(entry, file);
    if (ref.kind !== "tree") {
      throw new IoError(`${quoteText(file.path)} is not a chunk tree`);
    }
    verifyHash(bytes, hash, { path: file.path, entry });
    const size = Number(ref.totalSize);
    const end = offset + bytes.length;
    if (end > size || last && end !== size) throw wrongSize(file, size, end);
    this.writePart(entry, file, ref, leaf);
  }

  /**
   * Takes a file from the old tree instead of writing it.
   *
   * @param entry Its index in the manifest, where it has the same path.
   * @param from The old tree.
   * @param stamp The old file as it was before it was hashed; its content is
   * what the manifest says.
   * @returns Whether it is there; else it is still to be written.
   */
  linkOld(entry: number, from: string, stamp: FileStamp): boolean {
    const file = this.fileOf(entry);
    if (this.done[entry] !== 0) return true;
    if (BigInt(stamp.size) !== blobRefSize(this.refOf(entry, file))) {
      return false;
    }
    const { fs, fsync } = this;
    const to = joinPath(this.root, file.path);
    this.drop(entry, to);
    const old = {
      path: joinPath(from, file.path),
      stamp,
      mode: fs.modeOf(file.mode),
    };
    if (!linkOldFile(old, to, fs.traits)) return false;
    if (fsync) {
      using open = attempt("open", to, () => Deno.openSync(to));
      fs.sync(open, to, true);
    }
    this.finish(entry);
    return true;
  }

  /**
   * Does without a file, unless it is complete: what is there of it goes, and
   * what still comes of it is dropped.
   *
   * @param entry Its index in the manifest.
   * @throws {IoError} When it cannot be removed.
   */
  leaveOut(entry: number): void {
    if (this.done[entry] !== 0) return;
    const file = this.fileOf(entry);
    const { counts } = this.plan;
    counts.files--;
    counts.bytes -= blobRefSize(this.refOf(entry, file));
    this.done[entry] = LEFT_OUT;
    this.left--;
    this.drop(entry, joinPath(this.root, file.path));
  }

  /** Removes what is there of a file that is not complete. */
  private drop(entry: number, path: string): void {
    if (this.growing.get(entry) === undefined && !this.found.has(entry)) return;
    this.growing.delete(entry);
    this.found.delete(entry);
    this.pool.close(entry);
    removeTree(path);
  }

  /**
   * Closes the files.
   *
   * @throws {IoError} When one is not complete.
   */
  seal(): void {
    if (this.left > 0) {
      const missing = firstFile(
        this.plan.files,
        (entry) => this.done[entry] === 0,
      );
      throw new IoError(
        `Cannot install the tree: ${this.left} files are not complete, ` +
          `the first is ${quoteText(missing?.path ?? "")}`,
      );
    }
    this.close();
  }

  /** The files that are complete, as they were written. */
  written(): Iterable<ExpectedEntry> {
    return writtenFiles(
      this.plan.files,
      (entry) => this.done[entry] === WRITTEN,
    );
  }

  /** Closes the files, complete or not. */
  close(): void {
    this.pool.closeAll();
  }

  private fileOf(entry: number): PlannedFile {
    const file = this.plan.files.at(entry);
    if (file === undefined) {
      throw new IoError(`manifest entry ${entry} is not a file`);
    }
    return file;
  }

  private writeWhole(
    entry: number,
    { path: name, mode }: PlannedFile,
    bytes: Uint8Array,
    hash: Uint8Array,
  ): void {
    const path = joinPath(this.root, name);
    const { fsync } = this;
    this.drop(entry, path);
    try {
      writeNewFile(this.fs, { path, bytes, hash, mode, fsync });
    } catch (error) {
      // So that the same chunk can be written again.
      removeTree(path);
      throw error;
    }
    this.bytes += bytes.length;
  }

  private writePart(
    entry: number,
    file: PlannedFile,
    ref: BlobRef,
    { offset, hash, bytes }: BlobRange,
  ): void {
    const { length } = bytes;
    if (this.growing.get(entry)?.coverage.has(offset, length)) return;
    const path = joinPath(this.root, file.path);
    const open = this.fileIn(entry, file, path);
    // What was left there has to be overwritten, with zeros, too.
    const sparse = this.fs.sparse && offset >= (this.found.get(entry) ?? 0);
    writeAt(open, path, offset, bytes, sparse);
    this.note(entry, file, ref, path, { offset, length, hash });
  }

  /** Notes that a range is there, and completes a file whose last one it is. */
  private note(
    entry: number,
    file: PlannedFile,
    ref: BlobRef,
    path: string,
    range: WantedRange,
  ): void {
    const growing = this.growing.add(entry, ref, range);
    const size = Number(blobRefSize(ref));
    if (growing.coverage.isWhole(size)) this.complete(entry, file, path, size);
  }

  /** The open file of an entry that comes in parts. */
  private fileIn(entry: number, file: PlannedFile, path: string): Deno.FsFile {
    const isPrivate = this.fs.modeOf(file.mode) !== undefined;
    const isThere = this.found.has(entry);
    return this.pool.get(entry, path, { isPrivate, isThere });
  }

  /** Closes a file that came in parts, and gives it its mode. */
  private complete(
    entry: number,
    file: PlannedFile,
    path: string,
    size: number,
  ): void {
    const { fs, fsync } = this;
    const wasThere = this.found.has(entry);
    const mode = fs.modeOf(file.mode) ??
      (wasThere ? fs.traits.newFileMode : undefined);
    const open = this.fileIn(entry, file, path);
    if (fs.sparse || wasThere) {
      attempt("write", path, () => open.truncateSync(size));
    }
    if (mode !== undefined && !fs.readsBack) fs.setMode(path, mode);
    if (fsync || fs.failsLate) fs.sync(open, path, fsync);
    this.pool.close(entry);
    if (fs.readsBack) {
      checkReadBack(path, size, this.growing.get(entry)?.ends.ranges ?? []);
      // Last, as it may forbid to read.
      if (mode !== undefined) fs.setMode(path, mode);
    }
    this.growing.delete(entry);
    this.found.delete(entry);
    this.bytes += size;
    this.finish(entry);
  }

  /** The reference of a file; the plan has checked that it can be decoded. */
  private refOf(entry: number, file: PlannedFile): BlobRef {
    const ref = this.growing.get(entry)?.ref ?? decodeBlobRef(file.blob);
    if (ref === undefined) {
      throw new IoError(`${quoteText(file.path)} has no reference`);
    }
    return ref;
  }

  private finish(entry: number): void {
    this.done[entry] = WRITTEN;
    this.left--;
  }
}
