import {
  type BlobRef,
  chunkStream,
  createBlake3,
  type DirEntryKind,
  DirManifestEncoder,
  prepareStreamingBlake3,
} from "../content/mod.ts";
import { DIR_MANIFEST_MAX } from "../limits.ts";
import { hashFiles } from "./hash_files.ts";
import { contentUri, type PublishSink } from "./publish_sink.ts";
import type { HashPool } from "./hash_pool.ts";
import { listAgain } from "./list_again.ts";
import { LeafRefs } from "./leaf_refs.ts";
import { leaveOutVanished } from "./leave_out_vanished.ts";
import type { NotCarried } from "./not_carried.ts";
import type { PublishCounts, PublishNotes } from "./publish_notes.ts";
import type { PublishOptions } from "./publish_progress.ts";
import type { FileToHash } from "./read_files.ts";
import { ROOT, type SourceTree } from "./source_tree.ts";
import { TimeSlice } from "./time_slice.ts";
import { unreadable } from "./unreadable.ts";

/** What `storeDir` made. */
export interface StoredDir {
  /** The reference of the directory manifest. */
  ref: BlobRef;
  /** Length of the manifest, in bytes. */
  manifestSize: bigint;
  /** What the tree holds. */
  stats: DirStats;
}

/** What a published tree holds, and what it leaves out. */
export interface DirStats extends PublishCounts {
  /** Number of regular files. */
  files: number;
  /** Number of directories, without the root. */
  dirs: number;
  /** Number of symbolic links. */
  symlinks: number;
  /** Lengths of all files together, in bytes. */
  totalBytes: bigint;
  /**
   * Paths that stand for several entries, because names that are not UTF-8
   * became equal.
   */
  collisions: string[];
  /** Paths whose last name is not UTF-8: it is published with U+FFFD. */
  lossyNames: string[];
  /** Paths of links whose text is not UTF-8: it is published with U+FFFD. */
  lossyTargets: string[];
  /** How many entries have something that the formats have no place for. */
  notCarried: NotCarried;
}

/** The parts of a manifest that are handed on, in bytes: at least so many. */
const MANIFEST_PART = 64 * 1024;

export interface PublishDirOptions
  extends Omit<PublishOptions, "jobs" | "strict" | "onWarning"> {
  pool: HashPool;
  notes: PublishNotes;
}

/** Reads a tree once and hands everything a holder of it needs to `sink`. */
export async function publishDir(
  tree: SourceTree,
  sink: PublishSink,
  options: PublishDirOptions,
): Promise<StoredDir> {
  await prepareStreamingBlake3();
  const publisher = new DirPublisher(tree, sink, options);
  await publisher.hash();
  const whole = createBlake3();
  let manifestSize = 0;
  const ref = await chunkStream(
    publisher.manifest(),
    "",
    async (hash, bytes) => {
      whole.update(bytes);
      manifestSize += bytes.length;
      await sink.node(hash, bytes);
    },
  );
  return {
    ref: { ...ref, uri: contentUri(whole.digest()) },
    manifestSize: BigInt(manifestSize),
    stats: {
      ...publisher.stats,
      ...options.notes.counts,
      notCarried: options.notes.notCarried,
    },
  };
}

/** What of the stats is counted here. */
type TreeStats = Omit<DirStats, keyof PublishCounts | "notCarried">;

/**
 * Reads the files of a tree, then writes its manifest: how many entries it has,
 * which comes first in it, is known when all files were read.
 */
class DirPublisher {
  readonly stats: TreeStats;
  readonly #tree: SourceTree;
  readonly #sink: PublishSink;
  readonly #options: PublishDirOptions;
  readonly #refs = new LeafRefs();
  #totals = { totalFiles: 0, totalBytes: 0 };
  readonly #done = { path: "", files: 0, bytes: 0 };
  #current = ROOT;

  constructor(tree: SourceTree, sink: PublishSink, options: PublishDirOptions) {
    this.#tree = tree;
    this.#sink = sink;
    this.#options = options;
    this.stats = {
      files: 0,
      dirs: 0,
      symlinks: 0,
      totalBytes: 0n,
      collisions: tree.collisions,
      lossyNames: [],
      lossyTargets: tree.lossyTargets,
    };
    for (const number of tree.numbers()) {
      if (tree.typeOf(number) === "file") this.#totals.totalFiles++;
      this.#totals.totalBytes += tree.sizeOf(number);
    }
  }

  /** Hashes file after file; what is left out no longer counts in the tree. */
  async hash(): Promise<void> {
    const tree = this.#tree;
    const { notes } = this.#options;
    const sink: PublishSink = {
      chunk: async (file, offset, hash, bytes) => {
        await this.#sink.chunk(file, offset, hash, bytes);
        this.#done.bytes += bytes.length;
        this.#report(file);
      },
      needsBytes: (chunks) => this.#sink.needsBytes?.(chunks) ?? false,
      known: async (file, offset, chunk, length) => {
        await this.#sink.known?.(file, offset, chunk, length);
        this.#done.bytes += length;
        this.#report(file);
      },
      clean: (file) => tree.setClean(file),
      node: (hash, bytes) => this.#sink.node(hash, bytes),
    };
    const slice = new TimeSlice();
    for await (
      const { file, ref } of hashFiles(this.#files(), sink, {
        ...this.#options,
        listedAt: tree.listedAt,
        listAgain: (file) =>
          listAgain(tree, file) ? this.#fileAt(file) : undefined,
      })
    ) {
      this.#refs.add(file, ref);
      this.#done.files++;
      if (slice.isOver) await slice.giveWay(this.#options.signal);
    }
    if (this.#isIncomplete) leaveOutVanished(tree, this.#refs, notes);
    this.#totals = {
      totalFiles: this.#done.files,
      totalBytes: this.#done.bytes,
    };
    this.#report(this.#current);
  }

  /** Whether something was missed, so that there may be more to leave out. */
  get #isIncomplete(): boolean {
    return this.#refs.count < this.#totals.totalFiles ||
      this.#tree.doubtful.size > 0;
  }

  /** The parts of the manifest. */
  async *manifest(): AsyncGenerator<Uint8Array, void, undefined> {
    const encoder = new DirManifestEncoder(this.#tree.length);
    const slice = new TimeSlice();
    let total = 0;
    for (const number of this.#tree.numbers()) {
      const path = this.#tree.pathOf(number);
      // A path without it needs no second look at the bytes of its name.
      if (path.includes("\ufffd") && this.#tree.isLossy(number)) {
        this.stats.lossyNames.push(path);
      }
      encoder.add({ path, kind: this.#kind(number) });
      if (encoder.length >= MANIFEST_PART) {
        const part = encoder.take();
        total += part.length;
        this.#checkSize(total);
        yield part;
      }
      if (slice.isOver) await slice.giveWay(this.#options.signal);
    }
    this.#checkSize(total + encoder.length);
    yield encoder.take();
  }

  *#files(): Generator<FileToHash, void, undefined> {
    for (const file of this.#tree.numbers()) {
      if (this.#tree.typeOf(file) === "file") yield this.#fileAt(file);
    }
  }

  #fileAt(file: number): FileToHash {
    const source = this.#tree.sourceOf(file);
    const listed = this.#tree.listedAs(file);
    const size = this.#tree.sizeOf(file);
    return { file, source, size, ...(listed && { listed }) };
  }

  #kind(number: number): DirEntryKind {
    const { stats } = this;
    const type = this.#tree.typeOf(number);
    switch (type) {
      case "dir":
        stats.dirs++;
        return { type, mode: this.#tree.modeOf(number) };
      case "symlink":
        stats.symlinks++;
        return { type, target: this.#tree.targetOf(number) };
      case "file": {
        const ref = this.#refs.get(number);
        if (ref === undefined) throw new Error("a file has no reference");
        stats.files++;
        stats.totalBytes += ref.size;
        return { type, mode: this.#tree.modeOf(number), blob: ref.encoded };
      }
    }
  }

  /** Tells of a file that is being read, or was the last. */
  #report(file: number): void {
    const { onProgress } = this.#options;
    if (onProgress === undefined) return;
    if (file !== this.#current) this.#done.path = this.#tree.pathOf(file);
    this.#current = file;
    onProgress({ ...this.#done, ...this.#totals });
  }

  #checkSize(bytes: number): void {
    if (bytes <= DIR_MANIFEST_MAX) return;
    throw unreadable(
      this.#tree.root,
      `its manifest has more than ${DIR_MANIFEST_MAX} bytes; publish its parts one by one`,
    );
  }
}
