import {
  type BlobRef,
  chunkStream,
  createBlake3,
  type DirEntryKind,
  DirManifestEncoder,
  encodeBlobRef,
  prepareStreamingBlake3,
} from "../content/mod.ts";
import { DIR_MANIFEST_MAX } from "../limits.ts";
import {
  contentUri,
  type FileToHash,
  hashFiles,
  type PublishSink,
} from "./hash_files.ts";
import type { HashPool } from "./hash_pool.ts";
import type { PublishOptions } from "./publish_progress.ts";
import type { SourceTree } from "./source_tree.ts";
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

/** What a published tree holds. */
export interface DirStats {
  /** Number of regular files. */
  files: number;
  /** Number of directories, without the root. */
  dirs: number;
  /** Number of symbolic links. */
  symlinks: number;
  /** Lengths of all files together, in bytes. */
  totalBytes: bigint;
  /** Paths of sockets, FIFOs and devices, which were left out. */
  skipped: string[];
  /**
   * Paths that stand for several entries, because names that are not UTF-8
   * became equal.
   */
  collisions: string[];
  /** Paths whose last name is not UTF-8: it is published with U+FFFD. */
  lossyNames: string[];
}

/** The parts of a manifest that are handed on, in bytes: at least so many. */
const MANIFEST_PART = 64 * 1024;

export interface PublishDirOptions extends Omit<PublishOptions, "jobs"> {
  pool: HashPool;
}

/** Reads a tree once and hands everything a holder of it needs to `sink`. */
export async function publishDir(
  tree: SourceTree,
  sink: PublishSink,
  options: PublishDirOptions,
): Promise<StoredDir> {
  await prepareStreamingBlake3();
  const publisher = new DirPublisher(tree, sink, options);
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
    stats: publisher.stats,
  };
}

/** Reads the files of a tree in order, and writes its manifest meanwhile. */
class DirPublisher {
  readonly stats: DirStats;
  readonly #tree: SourceTree;
  readonly #sink: PublishSink;
  readonly #options: PublishDirOptions;
  readonly #totals = { totalFiles: 0, totalBytes: 0 };
  #bytesRead = 0;
  #current = "";

  constructor(tree: SourceTree, sink: PublishSink, options: PublishDirOptions) {
    this.#tree = tree;
    this.#sink = sink;
    this.#options = options;
    this.stats = {
      files: 0,
      dirs: 0,
      symlinks: 0,
      totalBytes: 0n,
      skipped: tree.skipped,
      collisions: tree.collisions,
      lossyNames: [],
    };
    for (const number of tree.numbers()) {
      if (tree.typeOf(number) === "file") this.#totals.totalFiles++;
      this.#totals.totalBytes += tree.sizeOf(number);
    }
  }

  /** Hashes file after file and gives the parts of the manifest. */
  async *manifest(): AsyncGenerator<Uint8Array, void, undefined> {
    const encoder = new DirManifestEncoder(this.#tree.length);
    const sink: PublishSink = {
      chunk: async (file, offset, hash, bytes) => {
        await this.#sink.chunk(file, offset, hash, bytes);
        this.#bytesRead += bytes.length;
        this.#report();
      },
      node: (hash, bytes) => this.#sink.node(hash, bytes),
    };
    const refs = hashFiles(this.#files(), sink, this.#options);
    const slice = new TimeSlice();
    let total = 0;
    try {
      for (const number of this.#tree.numbers()) {
        const path = this.#current = this.#tree.pathOf(number);
        // A path without it needs no second look at the bytes of its name.
        if (path.includes("\ufffd") && this.#tree.isLossy(number)) {
          this.stats.lossyNames.push(path);
        }
        encoder.add({ path, kind: await this.#kind(number, refs) });
        if (encoder.length >= MANIFEST_PART) {
          const part = encoder.take();
          total += part.length;
          this.#checkSize(total);
          yield part;
        }
        if (slice.isOver) await slice.giveWay(this.#options.signal);
      }
    } finally {
      await refs.return();
    }
    this.#report();
    this.#checkSize(total + encoder.length);
    yield encoder.take();
  }

  *#files(): Generator<FileToHash, void, undefined> {
    for (const file of this.#tree.numbers()) {
      if (this.#tree.typeOf(file) !== "file") continue;
      const source = this.#tree.sourceOf(file);
      yield { file, source, size: this.#tree.sizeOf(file) };
    }
  }

  async #kind(
    number: number,
    refs: AsyncGenerator<BlobRef, void, undefined>,
  ): Promise<DirEntryKind> {
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
        const { value: ref } = await refs.next();
        if (ref === undefined) throw new Error("a file has no reference");
        stats.files++;
        stats.totalBytes += BigInt(this.#tree.sizeOf(number));
        const mode = this.#tree.modeOf(number);
        return { type, mode, blob: encodeBlobRef(ref) };
      }
    }
  }

  #report(): void {
    this.#options.onProgress?.({
      path: this.#current,
      files: this.stats.files,
      bytes: this.#bytesRead,
      ...this.#totals,
    });
  }

  #checkSize(bytes: number): void {
    if (bytes <= DIR_MANIFEST_MAX) return;
    throw unreadable(
      this.#tree.root,
      `its manifest has more than ${DIR_MANIFEST_MAX} bytes; publish its parts one by one`,
    );
  }
}
