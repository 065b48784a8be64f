/** The files of a tree landing, written chunk by chunk. */

import {
  type BlobRef,
  blobRefSize,
  type ChunkRef,
  decodeBlobRef,
  verifyHash,
} from "../../content/mod.ts";
import { IoError, ManifestError } from "../../errors.ts";
import { CHUNK_SIZE, LANDING_OPEN_FILES_MAX } from "../../limits.ts";
import type { FileStamp } from "../../os/file_identity.ts";
import { attempt } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import { Coverage } from "./coverage.ts";
import { FilePool } from "./file_pool.ts";
import { writeAt, writeNewFile } from "./file_io.ts";
import type { ExpectedEntry } from "./installed_tree.ts";
import { checkReadBack, WrittenEnds } from "./read_back.ts";
import { removeTree } from "./remove_tree.ts";
import { linkOldFile } from "./reuse.ts";
import { joinPath } from "./target.ts";
import type { TargetFileSystem } from "./target_file_system.ts";
import type { PlannedFile } from "./planned_files.ts";
import type { TreePlan } from "./tree_plan.ts";
import type { BlobRange, BufferedChunk, LeafRange } from "./worker_protocol.ts";

/** A file of which some chunks have been written. */
interface GrowingFile {
  ref: BlobRef;
  /** What has been written. */
  coverage: Coverage;
  /** What is read again in the end. */
  ends: WrittenEnds;
}

/** What becomes of a file in the end. */
const WRITTEN = 1;
const LEFT_OUT = 2;

/** Writes the files of a plan below a directory of our own. */
export class TreeFiles {
  private readonly growing = new Map<number, GrowingFile>();
  private readonly pool: FilePool;
  private readonly done: Uint8Array;
  private left: number;

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
    this.done = new Uint8Array(plan.files.entries);
    this.left = plan.counts.files;
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
      this.writeWhole(file, bytes, chunks[chunk].hash);
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
    if (!this.growing.delete(entry)) return;
    this.pool.close(entry);
    removeTree(joinPath(this.root, file.path));
  }

  /**
   * Closes the files.
   *
   * @throws {IoError} When one is not complete.
   */
  seal(): void {
    if (this.left > 0) {
      const missing = this.firstMissing();
      throw new IoError(
        `Cannot install the tree: ${this.left} files are not complete, ` +
          `the first is ${quoteText(missing?.path ?? "")}`,
      );
    }
    this.close();
  }

  /** The files that are complete, as they were written. */
  *written(): Generator<ExpectedEntry, void, void> {
    for (const [entry, done] of this.done.entries()) {
      const file = done === WRITTEN ? this.plan.files.at(entry) : undefined;
      if (file === undefined) continue;
      const ref = this.refOf(entry, file);
      // The chunks of a tree are not known here.
      const [first] = ref.kind === "tree" ? [] : chunksOf(file, ref);
      yield {
        path: file.path,
        type: "file",
        size: Number(blobRefSize(ref)),
        start: first && { offset: 0, length: first.size, hash: first.hash },
      };
    }
  }

  /** Closes the files, complete or not. */
  close(): void {
    this.pool.closeAll();
  }

  private firstMissing(): PlannedFile | undefined {
    for (const [entry, done] of this.done.entries()) {
      const file = done !== 0 ? undefined : this.plan.files.at(entry);
      if (file !== undefined) return file;
    }
    return undefined;
  }

  private fileOf(entry: number): PlannedFile {
    const file = this.plan.files.at(entry);
    if (file === undefined) {
      throw new IoError(`manifest entry ${entry} is not a file`);
    }
    return file;
  }

  private writeWhole(
    { path: name, mode }: PlannedFile,
    bytes: Uint8Array,
    hash: Uint8Array,
  ): void {
    const path = joinPath(this.root, name);
    const { fsync } = this;
    try {
      writeNewFile(this.fs, { path, bytes, hash, mode, fsync });
    } catch (error) {
      // So that the same chunk can be written again.
      removeTree(path);
      throw error;
    }
  }

  private writePart(
    entry: number,
    file: PlannedFile,
    ref: BlobRef,
    { offset, hash, bytes }: BlobRange,
  ): void {
    const growing = this.growing.get(entry) ??
      { ref, coverage: new Coverage(), ends: new WrittenEnds() };
    this.growing.set(entry, growing);
    const { length } = bytes;
    if (growing.coverage.has(offset, length)) return;
    const path = joinPath(this.root, file.path);
    const isPrivate = this.fs.modeOf(file.mode) !== undefined;
    const open = this.pool.get(entry, path, isPrivate);
    writeAt(open, path, offset, bytes, this.fs.sparse);
    growing.coverage.add(offset, length);
    // The hash may lie in a message or the manifest, which are not to be kept.
    if (this.fs.readsBack) {
      growing.ends.add({ offset, length, hash: hash.slice() });
    }
    const size = Number(blobRefSize(ref));
    if (growing.coverage.isWhole(size)) this.complete(entry, file, path, size);
  }

  /** Closes a file that came in parts, and gives it its mode. */
  private complete(
    entry: number,
    file: PlannedFile,
    path: string,
    size: number,
  ): void {
    const { fs, fsync } = this;
    const mode = fs.modeOf(file.mode);
    const open = this.pool.get(entry, path, mode !== undefined);
    if (fs.sparse) attempt("write", path, () => open.truncateSync(size));
    if (mode !== undefined && !fs.readsBack) fs.setMode(path, mode);
    if (fsync || fs.failsLate) fs.sync(open, path, fsync);
    this.pool.close(entry);
    if (fs.readsBack) {
      checkReadBack(path, size, this.growing.get(entry)?.ends.ranges ?? []);
      // Last, as it may forbid to read.
      if (mode !== undefined) fs.setMode(path, mode);
    }
    this.growing.delete(entry);
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

function chunksOf(file: PlannedFile, ref: BlobRef): ChunkRef[] {
  switch (ref.kind) {
    case "small":
      return [{ hash: ref.hash, size: Number(ref.size) }];
    case "manifest":
      return ref.chunks;
    case "tree":
      throw new IoError(
        `the manifest does not list the chunks of ${quoteText(file.path)}`,
      );
  }
}

function wrongSize(
  file: PlannedFile,
  declared: number,
  actual: number,
): ManifestError {
  return new ManifestError(
    `dir transfer: bad manifest: entry ${quoteText(file.path)} declares ` +
      `${declared} bytes, got ${actual}`,
    { fields: { path: file.path, declared, actual } },
  );
}
