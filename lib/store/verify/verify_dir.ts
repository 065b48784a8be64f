/** Holding a directory tree against its manifest. */

import {
  type BlobRef,
  blobRefSize,
  compareUtf8,
  decodeBlobRef,
  type DirEntry,
  type DirEntryKind,
  prepareStreamingBlake3,
  sameContent,
  sortByUtf8,
} from "../../content/mod.ts";
import { IoError, UsageError } from "../../errors.ts";
import { equals } from "@std/bytes/equals";
import { hashFiles } from "../hash_files.ts";
import { HashPool } from "../hash_pool.ts";
import { listAgain } from "../list_again.ts";
import type { PathType } from "../path_filter.ts";
import type { PublishSink } from "../publish_sink.ts";
import { showPath, type SourcePath } from "../raw_paths.ts";
import type { FileToHash } from "../read_files.ts";
import type { SourceTree } from "../source_tree.ts";
import { walkSourceTree } from "../walk_source_tree.ts";
import { DirNotes } from "./dir_notes.ts";
import { isCutAsOurs } from "./expected_slices.ts";
import { sortedEntries } from "./sorted_entries.ts";
import { verifyBlob, type VerifyOptions } from "./verify_blob.ts";
import type { ByteRange } from "./wrong_slices.ts";

/** What an entry differs in. */
export type DifferenceKind =
  | "missing"
  | "extra"
  | "type"
  | "size"
  | "content"
  | "mode"
  | "target"
  | "unreadable";

/** Something of a tree that is not as its manifest says. */
export interface EntryDifference {
  /** Names below the root joined with `/`. */
  readonly path: string;
  readonly differs: DifferenceKind;
  /** What the manifest says: a type, a length, a mode or the text of a link. */
  readonly expected?: string | bigint;
  /** What is there. */
  readonly found?: string | bigint;
  /** Which parts of a file of several chunks are others, where that is known. */
  readonly ranges?: readonly ByteRange[];
  /** Why it cannot be read, or that it is written to. */
  readonly reason?: string;
}

/** Options of {@linkcode verifyDir}. */
export interface VerifyDirOptions extends VerifyOptions {
  /**
   * The permission bits that an entry may have, the one to tell of first; none
   * where all will do.
   */
  readonly modesOf: (kind: DirEntryKind) => readonly number[];
  /** Whether links of the manifest need not be there. */
  readonly skipsLinks?: boolean;
}

/** What {@linkcode verifyDir} found. */
export interface DirVerdict {
  /** Whether nothing differs, and all could be read. */
  readonly isRight: boolean;
  /** Entries of the manifest that are files. */
  readonly files: number;
  /** Directories, with those that have no entry of their own. */
  readonly dirs: number;
  readonly symlinks: number;
  /** Bytes of files that were read, or are remembered. */
  readonly bytes: number;
  /** In the order of the paths. */
  readonly differences: readonly EntryDifference[];
  /** Entries in directories that cannot be read, which are no differences. */
  readonly unchecked: number;
}

/**
 * Lists a tree and tells what of it is not as a manifest says. Files are read
 * only where their lengths agree. Links are never followed.
 *
 * @param root A directory, or a link to it.
 * @param manifest The encoded manifest, which was checked.
 * @throws {UsageError} When `root` is not a directory.
 * @throws {IoError} When it cannot be listed.
 */
export async function verifyDir(
  root: SourcePath,
  manifest: Uint8Array,
  options: VerifyDirOptions,
): Promise<DirVerdict> {
  const notes = new DirNotes(showPath(root));
  const { signal } = options;
  const tree = await walkSourceTree(root, { notes: notes.notes, signal });
  const comparison = new DirComparison(tree, manifest, notes, options);
  await comparison.run();
  return comparison.verdict();
}

/** A file whose content decides. */
interface ExpectedFile {
  readonly path: string;
  readonly ref: BlobRef;
}

/** Walks a tree and a manifest at once: they have one order. */
class DirComparison {
  readonly #differences: EntryDifference[] = [];
  readonly #counts = { files: 0, dirs: 0, symlinks: 0, bytes: 0, unchecked: 0 };
  /** Files that are being read. */
  readonly #reading = new Map<number, ExpectedFile>();
  /** Files that have to be read as their references cut them. */
  readonly #cutOtherwise: (ExpectedFile & { number: number })[] = [];
  #filesDone = 0;

  constructor(
    private readonly tree: SourceTree,
    private readonly manifest: Uint8Array,
    private readonly notes: DirNotes,
    private readonly options: VerifyDirOptions,
  ) {}

  async run(): Promise<void> {
    await prepareStreamingBlake3();
    const { tree, notes: { notes }, options } = this;
    using pool = new HashPool(options.jobs);
    for await (
      const { file, ref } of hashFiles(this.#filesToHash(), this.#sink(), {
        pool,
        hashCache: options.hashCache,
        signal: options.signal,
        notes,
        listedAt: tree.listedAt,
        listAgain: (file) =>
          listAgain(tree, file) ? this.#fileAt(file) : undefined,
      })
    ) this.#judge(file, ref);
    for (const file of this.#cutOtherwise) await this.#readAsCut(file);
    for (const { path } of this.#reading.values()) this.#lacks(path, "file");
    for (const [path, reason] of this.notes.unreadable) {
      this.#differences.push({ path, differs: "unreadable", reason });
    }
    for (const path of this.notes.others.keys()) {
      this.#differences.push({ path, differs: "extra", found: OTHER });
    }
  }

  verdict(): DirVerdict {
    const differences = sortByUtf8(this.#differences, ({ path }) => path);
    const isRight = differences.length === 0;
    return { isRight, ...this.#counts, differences };
  }

  /** The files that have their place and their length. */
  *#filesToHash(): Generator<FileToHash, void, undefined> {
    const { tree, manifest, options } = this;
    const { entries, impliedDirs } = sortedEntries(manifest);
    const there = tree.numbers();
    let next = there.next();
    const passExtra = (path: string, number: number) => {
      if (tree.typeOf(number) === "dir" && impliedDirs.has(path)) return;
      const found = tree.typeOf(number);
      this.#differences.push({ path, differs: "extra", found });
    };
    this.#counts.dirs = impliedDirs.size;
    for (const entry of entries) {
      const { path, kind } = entry;
      if (kind.type === "symlink" && options.skipsLinks) continue;
      this.#count(kind.type);
      let order = -1;
      while (!next.done) {
        const found = tree.pathOf(next.value);
        order = compareUtf8(found, path);
        if (order >= 0) break;
        passExtra(found, next.value);
        next = there.next();
      }
      if (next.done || order !== 0) {
        this.#lacks(path, kind.type);
        continue;
      }
      if (this.#isToRead(next.value, entry)) yield this.#fileAt(next.value);
      next = there.next();
    }
    for (; !next.done; next = there.next()) {
      passExtra(tree.pathOf(next.value), next.value);
    }
  }

  #count(type: PathType): void {
    this.#counts[`${type}s`]++;
  }

  /** An entry of the manifest that the listing has not. */
  #lacks(path: string, expected: PathType): void {
    const { unreadable, others } = this.notes;
    if (unreadable.has(path)) return;
    if (others.delete(path)) {
      const row = { path, differs: "type", expected, found: OTHER } as const;
      this.#differences.push(row);
    } else if (this.notes.isHidden(path)) {
      this.#counts.unchecked++;
    } else {
      this.#differences.push({ path, differs: "missing", expected });
    }
  }

  /** Compares all but the content; tells whether that is to be read. */
  #isToRead(number: number, { path, kind }: DirEntry): boolean {
    const { tree } = this;
    const found = tree.typeOf(number);
    const differ = (
      differs: DifferenceKind,
      expected: string | bigint,
      found: string | bigint,
    ) => this.#differences.push({ path, differs, expected, found });
    if (kind.type !== found) {
      differ("type", kind.type, found);
      return false;
    }
    if (kind.type === "symlink") {
      const target = tree.targetOf(number);
      if (target !== kind.target) differ("target", kind.target, target);
      return false;
    }
    const mode = tree.modeOf(number);
    const modes = this.options.modesOf(kind);
    // Systems without modes say 0.
    if (mode !== 0 && modes.length > 0 && !modes.includes(mode & 0o7777)) {
      differ("mode", octal(modes[0]), octal(mode & 0o7777));
    }
    if (kind.type === "dir") return false;
    const ref = decodeBlobRef(kind.blob);
    if (ref === undefined) throw new Error("the manifest was not checked");
    const expected = blobRefSize(ref);
    const size = BigInt(tree.sizeOf(number));
    if (expected !== size) {
      differ("size", expected, size);
      return false;
    }
    if (!isCutAsOurs(ref)) {
      this.#cutOtherwise.push({ path, ref, number });
      return false;
    }
    this.#reading.set(number, { path, ref });
    return true;
  }

  #fileAt(file: number): FileToHash {
    const { tree } = this;
    const listed = tree.listedAs(file);
    const source = tree.sourceOf(file);
    return {
      file,
      source,
      size: tree.sizeOf(file),
      ...(listed && { listed }),
    };
  }

  #sink(): PublishSink {
    const add = (file: number, length: number) => {
      this.#counts.bytes += length;
      this.#report(this.#reading.get(file)?.path ?? "");
    };
    return {
      chunk: (file, _offset, _hash, { length }) => add(file, length),
      known: (file, _offset, _hash, length) => add(file, length),
      node: () => {},
    };
  }

  /** Holds the reference that a file has against the one that it should have. */
  #judge(file: number, found: BlobRef): void {
    const expected = this.#reading.get(file);
    if (expected === undefined) return;
    this.#reading.delete(file);
    this.#finish(expected.path);
    if (sameContent(found, expected.ref)) return;
    const { path, ref } = expected;
    const reason = this.notes.changed.get(path);
    const why = reason === undefined ? {} : { reason };
    const [wanted, size] = [blobRefSize(ref), blobRefSize(found)];
    this.#differences.push(
      wanted === size
        ? { path, differs: "content", ...rangesOf(ref, found), ...why }
        : { path, differs: "size", expected: wanted, found: size, ...why },
    );
  }

  async #readAsCut(
    { path, ref, number }: ExpectedFile & { number: number },
  ): Promise<void> {
    const { tree, options } = this;
    const before = this.#counts.bytes;
    const onProgress = ({ bytes }: { bytes: number }) => {
      this.#counts.bytes = before + bytes;
      this.#report(path);
    };
    const listed = tree.listedAs(number);
    try {
      const source = tree.sourceOf(number);
      const how = { ...options, onProgress, listed };
      const { isRight, ranges, bytes } = await verifyBlob(source, ref, how);
      this.#finish(path);
      if (isRight) return;
      const [expected, found] = [blobRefSize(ref), BigInt(bytes)];
      this.#differences.push(
        expected === found
          ? { path, differs: "content", ...(ranges && { ranges }) }
          : { path, differs: "size", expected, found },
      );
    } catch (error) {
      const isOfFile = error instanceof IoError || error instanceof UsageError;
      if (!isOfFile) throw error;
      if (error instanceof IoError) {
        this.notes.notes.leaveOut(tree.sourceOf(number), error.cause);
      }
      this.#lacks(path, "file");
    }
  }

  #finish(path: string): void {
    this.#filesDone++;
    this.#report(path);
  }

  #report(path: string): void {
    const { bytes } = this.#counts;
    this.options.onProgress?.({ path, files: this.#filesDone, bytes });
  }
}

const OTHER = "other";

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/** Which chunks differ in two references of one length that are cut alike. */
function rangesOf(
  expected: BlobRef,
  found: BlobRef,
): Pick<EntryDifference, "ranges"> {
  if (expected.kind !== "manifest" || found.kind !== "manifest") return {};
  let offset = 0;
  const ranges: ByteRange[] = [];
  for (const [index, { hash, size }] of expected.chunks.entries()) {
    const isSame = equals(hash, found.chunks[index].hash);
    if (!isSame) ranges.push({ offset, length: size });
    offset += size;
  }
  return { ranges };
}
