/** What the tree that is replaced has of the one that replaces it. */

import { equals } from "@std/bytes/equals";
import {
  type BlobRef,
  decodeBlobRef,
  indexDirEntries,
  readDirEntry,
  sameContent,
} from "../../content/mod.ts";
import {
  checkTree,
  findOldTree,
  keepsModes,
  OLD_FILE_COLUMNS,
  type TreeLanding,
  type TreeOptions,
} from "../../landing/mod.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import {
  type ExistingFile,
  ExistingTree,
  type HashCache,
  type KnownFile,
} from "../../store/mod.ts";
import type { ChunkPlace } from "./chunk_place.ts";
import { compareTrees, type TreeComparison } from "./compare_trees.ts";
import type { FetchProgress } from "./progress.ts";

/** How the old tree is looked at. */
export interface ReuseOptions extends TreeOptions {
  /** Threads that hash. */
  jobs?: number;
  /** Knows files that need not be read. */
  hashCache?: HashCache;
  signal?: AbortSignal;
  /** Whether nothing may be tried on the disk. */
  dryRun?: boolean;
}

/** From this length on a copy that shares blocks is worth a message. */
export const CLONED_MIN = 1024 * 1024;
/** Files that are linked with one message. */
const LINKED_AT_ONCE = 4096;
/**
 * A file is linked only if nobody wrote to it for so many milliseconds: what is
 * written within one tick of the file system's clock does not show.
 */
const QUIET_MS = 100;

/** A file of the old tree that is one of the new tree. */
type SameFile = Pick<ExistingFile, "stamp"> & { readonly entry: number };

/**
 * The old tree, whose content was hashed just now, or is as it was when it was:
 * nothing that the old tree says of itself is believed.
 */
export class Reuse implements ChunkPlace {
  readonly #root: string;
  readonly #tree: ExistingTree;
  readonly #same: readonly SameFile[];
  /** Files at the path of one of the new tree, and its entry. */
  readonly #pairs: ReadonlyMap<number, number>;
  readonly #entries: ReadonlySet<number>;
  /** Entries of the manifest that need no writing. */
  readonly #linked = new Set<number>();

  private constructor(
    root: string,
    tree: ExistingTree,
    same: readonly SameFile[],
    pairs: ReadonlyMap<number, number>,
    /** Whether it is what would be put in its place, modes and links too. */
    readonly isWhole: boolean,
    /** What the new tree holds, and what is to be said of it. */
    readonly summary: ReturnType<typeof checkTree>,
  ) {
    this.#root = root;
    this.#tree = tree;
    this.#same = same;
    this.#pairs = pairs;
    this.#entries = new Set(same.map(({ entry }) => entry));
  }

  /**
   * Looks at the tree that is to be replaced, if there is one that may be.
   *
   * @param out The target as typed.
   * @param rule What may be replaced.
   * @param manifest Of the new tree.
   * @throws {ManifestError | UnsafePathError} When that cannot be installed.
   */
  static async look(
    out: string,
    rule: Parameters<typeof findOldTree>[1],
    manifest: Uint8Array,
    options: ReuseOptions,
    progress: FetchProgress,
  ): Promise<Reuse | undefined> {
    const { signal, jobs, hashCache, links = "inside" } = options;
    const root = findOldTree(out, rule);
    if (root === undefined) return undefined;
    const summary = checkTree({ manifest, links });
    const tree = await ExistingTree.list(root, signal);
    if (tree === undefined) return undefined;
    const same: SameFile[] = [];
    /** Those that have to be hashed. */
    const numbers: number[] = [];
    const comparison = compareTrees(
      tree.entries(),
      manifest,
      summary.isSorted,
      options,
      (number, entry, wanted) => {
        // What is remembered of a file does not tell the root of its tree.
        const known = wanted.kind === "tree"
          ? undefined
          : hashCache && tree.takeKnown(number, hashCache);
        if (known === undefined) numbers.push(number);
        else if (wanted.kind !== "tree" && hasChunks(wanted, known)) {
          same.push({ entry, stamp: known.stamp });
        }
      },
    );
    const { samePlace, others } = comparison;
    for (const number of others) {
      const known = hashCache && tree.takeKnown(number, hashCache);
      if (known === undefined) numbers.push(number);
    }
    const starts = numbers.length > 0 ? indexDirEntries(manifest) : [];
    const wantedAt = (entry: number) => {
      const { kind } = readDirEntry(manifest, starts[entry]);
      return kind.type === "file" ? decodeBlobRef(kind.blob) : undefined;
    };
    let bytes = 0n;
    const onChunk = (count: number) => {
      bytes += BigInt(count);
      progress.stage("checking", { bytes });
    };
    const files = tree.hash(numbers, { jobs, hashCache, signal, onChunk });
    for await (const { number, ref, stamp } of files) {
      const entry = samePlace.get(number);
      const wanted = entry === undefined ? undefined : wantedAt(entry);
      if (entry === undefined || wanted === undefined) continue;
      if (sameContent(ref, wanted)) same.push({ entry, stamp });
    }
    if (numbers.length > 0) progress.stage("checking", { finished: true });
    const isWhole = same.length === summary.counts.files && !tree.hasMore &&
      await isSame(root, comparison, options);
    return new Reuse(root, tree, same, comparison.pairs, isWhole, summary);
  }

  /** Files whose content is what it will be, at the same path. */
  get filesUnchanged(): number {
    return this.#same.length;
  }

  /** Whether the content of an entry is what it will be, at the same path. */
  isSame(entry: number): boolean {
    return this.#entries.has(entry);
  }

  /**
   * Has the landing begin long files that are not in place as copies of what is
   * there at their paths.
   *
   * @returns Their entries.
   */
  async clone(landing: TreeLanding): Promise<number[]> {
    const begun: number[] = [];
    for (const [number, entry] of this.#pairs) {
      if (this.#linked.has(entry)) continue;
      const stamp = this.#tree.stampOf(number);
      if (stamp === undefined || stamp.size < CLONED_MIN) continue;
      const rows = rowsOf([{ entry, stamp }]);
      begun.push(...await landing.cloneOld(this.#root, rows));
    }
    return begun;
  }

  /** Has the landing take over the files that it can. */
  async link(landing: TreeLanding): Promise<void> {
    const now = Date.now();
    const some = this.#same.filter(({ stamp }) =>
      stamp !== undefined && stamp.mtimeMs + QUIET_MS <= now
    );
    for (let start = 0; start < some.length; start += LINKED_AT_ONCE) {
      const files = some.slice(start, start + LINKED_AT_ONCE);
      const rows = rowsOf(files);
      for (const { entry } of files) this.#linked.add(entry);
      for (const entry of await landing.linkOld(this.#root, rows)) {
        this.#linked.delete(entry);
      }
    }
  }

  /** Whether the file of an entry is in place. */
  isLinked(entry: number): boolean {
    return this.#linked.has(entry);
  }

  /** How many files are in place. */
  get filesLinked(): number {
    return this.#linked.size;
  }

  /** Whether a chunk was there when the old tree was hashed. */
  has(hash: Uint8Array): boolean {
    return this.#tree.has(hash);
  }

  /** Reads a chunk; it may have changed since, and is verified by who writes it. */
  read(hash: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#tree.read(hash);
  }
}

/** A message about old files. */
function rowsOf(files: readonly SameFile[]): Float64Array {
  const rows = new Float64Array(files.length * OLD_FILE_COLUMNS);
  for (const [index, { entry, stamp }] of files.entries()) {
    if (stamp === undefined) continue;
    const { dev, ino, size, mtimeMs, ctimeMs } = stamp;
    const row = [entry, dev, ino, size, mtimeMs, ctimeMs];
    rows.set(row, index * OLD_FILE_COLUMNS);
  }
  return rows;
}

/** Whether a file of the length that is wanted has the content that is wanted. */
function hasChunks(
  wanted: Exclude<BlobRef, { kind: "tree" }>,
  { chunks, stamp: { size } }: KnownFile,
): boolean {
  const last = chunks.length - 1;
  const parts = wanted.kind === "small"
    ? [{ hash: wanted.hash, size }]
    : wanted.chunks;
  return parts.length === chunks.length &&
    parts.every((part, i) =>
      part.size === (i < last ? CHUNK_SIZE : size - last * CHUNK_SIZE) &&
      equals(part.hash, chunks[i])
    );
}

/** Whether two trees with the same files have all else in common, too. */
async function isSame(
  root: string,
  { sameEntries, sameModes }: TreeComparison,
  { dryRun }: ReuseOptions,
): Promise<boolean> {
  if (!sameEntries) return false;
  return sameModes || !dryRun && !await keepsModes(root);
}
