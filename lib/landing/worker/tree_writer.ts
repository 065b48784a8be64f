/**
 * The worker's side of a tree landing: a temp tree of our own that becomes the
 * target.
 */

import { blake3 } from "../../content/mod.ts";
import { IoError } from "../../errors.ts";
import { makeDirectory } from "../../os/make_directory.ts";
import { ioErrorOf, lookAt } from "../../os/os_error.ts";
import { probeBeside } from "./file_system.ts";
import { checkInstalled, type ExpectedEntry } from "./installed_tree.ts";
import { PrivateDir } from "./ownership.ts";
import { checkPathLengths } from "./path_lengths.ts";
import { cloneOldFile, oldEntriesIn } from "./clone_old.ts";
import { discardTree } from "./discard_tree.ts";
import { removeTree } from "./remove_tree.ts";
import { isDiskFull } from "./full_disk.ts";
import { insideTarget } from "./leftovers.ts";
import type { Placement } from "./placement.ts";
import {
  type RemovalProgress,
  RemovalQueue,
  type RemovalRest,
} from "./removal_queue.ts";
import { markForRemoval, type TreeLook } from "./swap.ts";
import { checkTarget, joinPath } from "./target.ts";
import { TargetFileSystem } from "./target_file_system.ts";
import { TargetLock } from "./target_lock.ts";
import { adoptFile } from "./take_over.ts";
import { TreeFiles } from "./tree_files.ts";
import {
  finishDirectories,
  makeDirectories,
  operationsOf,
  placementOf,
  requireFreeInside,
} from "./tree_site.ts";
import { settleUnfinished, treeToken } from "./unfinished.ts";
import { checkNames, planTree, type TreePlan } from "./tree_plan.ts";
import { verifyLinks } from "./verify_links.ts";
import type {
  BufferedChunk,
  Kept,
  LeafRange,
  SealedTree,
  TreeCounts,
  TreeRange,
  TreeRequest,
  Warnings,
} from "./worker_protocol.ts";

/** Fills `.<base>.fetch_<16 hex>` beside the target, then swaps it in. */
export class TreeWriter {
  private readonly files: TreeFiles;
  private open = true;
  /** Whether the temp tree fills a disk that has no room for the rest. */
  private isUseless = false;
  private lackingLinks: readonly string[] = [];

  private constructor(
    private readonly request: TreeRequest,
    private readonly plan: TreePlan,
    private readonly root: PrivateDir,
    private readonly fs: TargetFileSystem,
    private readonly lock: TargetLock,
    private readonly placement: Placement,
    private readonly removals: RemovalQueue,
    /** Things the user should know. */
    readonly warnings: string[],
  ) {
    this.files = new TreeFiles(plan, root.path, fs, request.fsync);
  }

  /** What the tree will hold. */
  get counts(): TreeCounts {
    return this.plan.counts;
  }

  /**
   * Checks the whole manifest, then takes the target, repairs what a killed
   * run left, and makes the temp tree with all its directories.
   *
   * @param request What and where.
   * @throws {ManifestError | UnsafePathError} When the manifest cannot be
   * installed; nothing was written.
   * @throws {IoError} When the target cannot be one.
   */
  static async create(request: TreeRequest): Promise<TreeWriter> {
    const plan = planTree(request);
    const { target, install } = request;
    const inside = install === "rename" ? undefined : insideTarget(target.out);
    const site = (inside ?? target).parent;
    checkPathLengths(target, plan.longest);
    makeDirectory(site);
    const traits = probeBeside(inside ?? target, request.volume);
    checkNames(request, plan, traits);
    const fs = new TargetFileSystem(traits, site, request);
    fs.requireRenames();
    const lock = await TargetLock.acquire(inside ?? target, fs, request);
    let root: PrivateDir | undefined;
    try {
      if (inside === undefined) await requireFreeInside(request, fs);
      const ops = operationsOf(request, fs);
      const placement = placementOf(request, ops);
      const warnings = [
        ...plan.warnings,
        ...placement.repair(),
      ];
      // Not before: who holds the lock may have made what is there, and an old
      // tree may be back.
      checkTarget(target, "tree", request);
      const removals = new RemovalQueue(true, traits.uid);
      for (const path of placement.collect()) removals.add(path);
      const { resume, clean } = request;
      const token = treeToken(blake3(request.manifest));
      const rules = { token, resume, clean };
      const found = settleUnfinished(ops, placement.places(), rules);
      warnings.push(...found.warnings);
      for (const path of found.garbage) removals.add(path);
      root = PrivateDir.create(placement.tempPath(token), fs);
      fs.showAs(root.path, target.out);
      makeDirectories(root.path, plan, fs);
      const writer = new TreeWriter(
        request,
        plan,
        root,
        fs,
        lock,
        placement,
        removals,
        warnings,
      );
      // What it gets is not to be removed with it.
      root = undefined;
      for (const { path, place } of found.sources) {
        writer.files.takeOver(path);
        removals.add(markForRemoval(ops, place, path));
      }
      return writer;
    } catch (error) {
      const failure = root === undefined
        ? error
        : discardTree(root.path, error);
      lock.release();
      throw ioErrorOf(failure, "prepare", target.out);
    }
  }

  /**
   * Verifies chunks against the manifest and writes them.
   *
   * @param chunks Which chunks, and where in `buffer`.
   * @param buffer Their bytes.
   * @throws What {@linkcode TreeFiles.writeChunk} throws, at the first chunk
   * that fails: the chunks before it are written, those behind it are not.
   */
  writeChunks(chunks: BufferedChunk[], buffer: Uint8Array): void {
    this.write(() => {
      for (const chunk of chunks) this.files.writeChunk(chunk, buffer);
    });
  }

  /**
   * Verifies and writes a chunk of a file whose entry names a chunk tree.
   *
   * @param leaf The chunk.
   * @throws What {@linkcode TreeFiles.writeLeaf} throws.
   */
  writeLeaf(leaf: LeafRange): void {
    this.write(() => this.files.writeLeaf(leaf));
  }

  /** The files that an earlier run left: entry and length, in turn. */
  get takenOver(): Float64Array {
    return this.files.takenOver;
  }

  /**
   * Tells which chunks an earlier run left at their places.
   *
   * @param ranges The chunks.
   */
  check(ranges: readonly TreeRange[]): boolean[] {
    this.assertOpen();
    this.root.verify();
    return ranges.map((range) => this.files.check(range));
  }

  /**
   * Takes files from the old tree instead of writing them.
   *
   * @param from The old tree.
   * @param rows A row of `OLD_FILE_COLUMNS` numbers for each file.
   * @returns The entries that are still to be written.
   */
  linkOld(from: string, rows: Float64Array): number[] {
    this.assertOpen();
    this.root.verify();
    const refused: number[] = [];
    for (const { entry, stamp } of oldEntriesIn(rows)) {
      if (!this.files.linkOld(entry, from, stamp)) refused.push(entry);
    }
    return refused;
  }

  /**
   * Begins files as copies of files of the old tree.
   *
   * @param from The old tree.
   * @param rows A row of `OLD_FILE_COLUMNS` numbers for each file.
   * @returns Those that were begun: entry and length, in turn.
   */
  cloneOld(from: string, rows: Float64Array): Float64Array {
    this.assertOpen();
    this.root.verify();
    const [place] = this.placement.places();
    const cloned: number[] = [];
    for (const { entry, stamp } of oldEntriesIn(rows)) {
      const size = this.files.begin(entry, (to, path) => {
        const old = { path: joinPath(from, path), stamp };
        return cloneOldFile(old, to, place, this.fs);
      });
      if (size !== undefined) cloned.push(entry, size);
    }
    return Float64Array.from(cloned);
  }

  /** The temp tree. */
  get path(): string {
    return this.root.path;
  }

  /** Goes on with a file that the main side has put at its place, if it can. */
  adopt(entry: number): number | undefined {
    this.assertOpen();
    this.root.verify();
    return this.files.begin(entry, (to) => adoptFile(to, this.fs));
  }

  /**
   * Does without files that cannot be had.
   *
   * @param entries Their indexes in the manifest.
   * @returns What the tree will hold now.
   */
  leaveOut(entries: readonly number[]): TreeCounts {
    this.assertOpen();
    for (const entry of entries) this.files.leaveOut(entry);
    return this.counts;
  }

  /**
   * Checks that every file is complete and closes them all.
   *
   * @returns The links to be made in the temp tree before
   * {@linkcode TreeWriter.install}.
   * @throws {IoError} When a file is not complete.
   */
  seal(): SealedTree {
    this.assertOpen();
    this.files.seal();
    this.root.verify();
    return { root: this.root.path, links: this.plan.links };
  }

  /** Whether something is to be removed. */
  get hasRemovals(): boolean {
    return this.removals.hasWork;
  }

  /**
   * Removes for a while what is to be removed.
   *
   * @param ms For how long about.
   * @param mountless Whether it is known that nothing is mounted in it.
   */
  remove(ms: number, mountless: boolean): RemovalProgress {
    return this.removals.step(ms, mountless);
  }

  /** Has old trees removed, as the target is known to be whole. */
  removeSuperseded(): void {
    for (const path of this.placement.superseded()) this.removals.add(path);
  }

  /** Counts what is left of what is to be removed. */
  countRest(): RemovalRest | undefined {
    return this.removals.rest();
  }

  /**
   * Checks the links, applies the modes of directories and does all that comes
   * before the first change of the target.
   *
   * @param lackingLinks The paths of links that the file system cannot hold.
   * @throws {IoError} When the tree is not as it should be; the temp tree is
   * still there.
   */
  prepare(lackingLinks: readonly string[] = []): void {
    this.assertOpen();
    this.root.verify();
    this.lackingLinks = lackingLinks;
    verifyLinks(this.root.path, this.plan.links, new Set(lackingLinks));
    for (const path of lackingLinks) this.fs.note("links", path);
    const { fsync, install } = this.request;
    finishDirectories(this.root.path, this.plan, this.fs, fsync);
    if (fsync && install === "in_place") {
      this.fs.syncDirectory(this.root.path);
    }
    this.placement.prepare(this.root.path);
  }

  /**
   * Puts the tree in place, which was prepared. What was there is to be removed
   * then, and the target is still locked.
   *
   * @returns What the user should know.
   * @throws {IoError} When it cannot be installed: the target is as the field
   * `target_state` says, and the temp tree is still there.
   */
  install(): Warnings {
    this.assertOpen();
    this.root.verify();
    const { target, fsync, install } = this.request;
    // Else it stays ours alone, as its entries leave it one by one; and inside
    // it stands the new tree.
    if (install === "rename") {
      this.root.openUp(lookAt(target.out));
      if (fsync) this.fs.syncDirectory(this.root.path);
      checkTarget(target, "tree", this.request);
    }
    const { old, warnings } = this.placement.install(
      this.root.path,
      this.fs.readsBack ? this.lookAgain(this.lackingLinks) : undefined,
    );
    this.open = false;
    for (const path of old) this.removals.add(path);
    return { warnings: [...warnings, ...this.fs.warnings()] };
  }

  /** Gives the target free, once the tree is in place. */
  end(): void {
    this.lock.release();
  }

  /**
   * Gives up, unless the tree was installed.
   *
   * @param keep Whether the temp tree stays, if something is in it.
   * @returns Where it is.
   * @throws {IoError} When something stays behind that was not to be kept.
   */
  abort(keep: boolean): Kept | undefined {
    const { path } = this.root;
    const bytes = this.files.bytesThere;
    const wasOpen = this.open;
    this.open = false;
    this.files.close();
    try {
      if (!wasOpen) return undefined;
      for (const left of this.placement.cancel()) removeTree(left);
      if (lookAt(path) === undefined) return undefined;
      if (keep && bytes > 0 && !this.isUseless) return { path, bytes };
      removeTree(path);
      return undefined;
    } finally {
      this.lock.release();
    }
  }

  private write(work: () => void): void {
    this.assertOpen();
    this.root.verify();
    try {
      work();
    } catch (error) {
      this.isUseless ||= isDiskFull(error);
      throw error;
    }
  }

  /** Looks whether all that was made is there, wherever it is now. */
  private lookAgain(lackingLinks: readonly string[]): TreeLook {
    const lacking = new Set(lackingLinks);
    const { plan, files } = this;
    function* made(): Generator<ExpectedEntry, void, void> {
      yield* files.written();
      for (const [path] of plan.dirs) yield { path, type: "directory" };
      for (const { path } of plan.links) {
        if (!lacking.has(path)) yield { path, type: "link" };
      }
    }
    return (root) => checkInstalled(root, made());
  }

  private assertOpen(): void {
    if (!this.open) throw new IoError("the tree is no longer open");
  }
}
