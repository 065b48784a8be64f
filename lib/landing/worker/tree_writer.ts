/**
 * The worker's side of a tree landing: a temp tree of our own that becomes the
 * target.
 */

import { checkManifestPath, readDirEntries } from "../../content/mod.ts";
import { IoError, TransferError } from "../../errors.ts";
import { makeDirectory } from "../../os/make_directory.ts";
import { attempt, ioErrorOf, lookAt } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import { probeFileSystem } from "./file_system.ts";
import { checkInstalled, type ExpectedEntry } from "./installed_tree.ts";
import { PrivateDir } from "./ownership.ts";
import { checkPathLengths } from "./path_lengths.ts";
import { removeTree } from "./remove_tree.ts";
import { InPlace } from "./in_place.ts";
import { inPlaceOperations } from "./in_place_operations.ts";
import { insideTarget } from "./leftovers.ts";
import type { Placement } from "./placement.ts";
import {
  type RemovalProgress,
  RemovalQueue,
  type RemovalRest,
} from "./removal_queue.ts";
import { SwapPlacement } from "./swap_placement.ts";
import type { TreeLook } from "./swap.ts";
import { checkTarget, joinPath } from "./target.ts";
import { TargetFileSystem } from "./target_file_system.ts";
import { TargetLock } from "./target_lock.ts";
import { TreeFiles } from "./tree_files.ts";
import { checkNames, planTree, type TreePlan } from "./tree_plan.ts";
import {
  type BufferedChunk,
  type LeafRange,
  OLD_FILE_COLUMNS,
  type SealedTree,
  type TreeCounts,
  type TreeRequest,
  type Warnings,
} from "./worker_protocol.ts";

/** Fills `.<base>.fetch_<16 hex>` beside the target, then swaps it in. */
export class TreeWriter {
  private readonly files: TreeFiles;
  private open = true;

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
    const traits = probeFileSystem(site, request.volume);
    checkNames(request, plan, traits);
    const fs = new TargetFileSystem(traits, site, request);
    fs.requireRenames();
    const lock = await TargetLock.acquire(inside ?? target, fs, request);
    let root: PrivateDir | undefined;
    try {
      if (inside === undefined) await requireFreeInside(request, fs);
      const placement = placementOf(request, fs);
      const warnings = [
        ...plan.warnings,
        ...placement.repair(),
      ];
      // Not before: who holds the lock may have made what is there, and an old
      // tree may be back.
      checkTarget(target, "tree", request);
      const removals = new RemovalQueue(true, traits.uid);
      for (const path of placement.collect()) removals.add(path);
      root = PrivateDir.create(() => placement.tempPath(), fs);
      fs.showAs(root.path, target.out);
      for (const [dir, mode] of plan.dirs) {
        const path = joinPath(root.path, dir);
        // For us alone until its mode is set.
        const options = fs.modeOf(mode) === undefined ? {} : { mode: 0o700 };
        attempt(
          "create the directory",
          path,
          () => Deno.mkdirSync(path, options),
        );
      }
      return new TreeWriter(
        request,
        plan,
        root,
        fs,
        lock,
        placement,
        removals,
        warnings,
      );
    } catch (error) {
      const failure = root === undefined ? error : discard(root, error);
      lock.release();
      throw failure;
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
    this.assertOpen();
    this.root.verify();
    for (const chunk of chunks) this.files.writeChunk(chunk, buffer);
  }

  /**
   * Verifies and writes a chunk of a file whose entry names a chunk tree.
   *
   * @param leaf The chunk.
   * @throws What {@linkcode TreeFiles.writeLeaf} throws.
   */
  writeLeaf(leaf: LeafRange): void {
    this.assertOpen();
    this.root.verify();
    this.files.writeLeaf(leaf);
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
    for (let at = 0; at < rows.length; at += OLD_FILE_COLUMNS) {
      const row = rows.subarray(at, at + OLD_FILE_COLUMNS);
      const [entry, dev, ino, size, mtimeMs, ctimeMs] = row;
      const stamp = { dev, ino, size, mtimeMs, ctimeMs };
      if (!this.files.linkOld(entry, from, stamp)) refused.push(entry);
    }
    return refused;
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

  /** Counts what is left of what is to be removed. */
  countRest(): RemovalRest | undefined {
    return this.removals.rest();
  }

  /**
   * Checks the links, applies the modes of directories and puts the tree in
   * place. What was there is to be removed then, and the target is still
   * locked.
   *
   * @param lackingLinks The paths of links that the file system cannot hold.
   * @returns What the user should know.
   * @throws {IoError} When it cannot be installed: the temp tree is
   * removed, the target is as the field `target_state` says.
   */
  install(lackingLinks: readonly string[] = []): Warnings {
    this.assertOpen();
    this.open = false;
    try {
      this.root.verify();
      this.verifyLinks(new Set(lackingLinks));
      for (const path of lackingLinks) this.fs.note("links", path);
      this.applyDirModes();
      const { target, fsync, install } = this.request;
      // Else it stays ours alone, as its entries leave it one by one.
      if (install === "rename") this.root.openUp(lookAt(target.out));
      if (fsync) this.fs.syncDirectory(this.root.path);
      // Inside it stands the new tree.
      if (install === "rename") checkTarget(target, "tree", this.request);
      const { old, warnings } = this.placement.install(
        this.root.path,
        this.fs.readsBack ? this.lookAgain(lackingLinks) : undefined,
      );
      for (const path of old) this.removals.add(path);
      return { warnings: [...warnings, ...this.fs.warnings()] };
    } catch (error) {
      this.lock.release();
      throw discard(this.root, error);
    }
  }

  /** Gives the target free, once the tree is in place. */
  end(): void {
    this.lock.release();
  }

  /**
   * Removes the temp tree, unless it was installed.
   *
   * @throws {IoError} When something of it stays behind.
   */
  abort(): void {
    if (!this.open) {
      this.lock.release();
      return;
    }
    this.open = false;
    this.files.close();
    try {
      removeTree(this.root.path);
    } finally {
      this.lock.release();
    }
  }

  private verifyLinks(lacking: ReadonlySet<string>): void {
    for (const { path, target } of this.plan.links) {
      if (lacking.has(path)) continue;
      const full = joinPath(this.root.path, path);
      const found = attempt("read", full, () => Deno.readLinkSync(full));
      if (found !== target) {
        throw new IoError(`${quoteText(path)} is not the link it was`);
      }
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

  /** Deepest first: a mode may forbid what is still to be done inside. */
  private applyDirModes(): void {
    for (const [dir, listed] of [...this.plan.dirs].reverse()) {
      const path = joinPath(this.root.path, dir);
      const mode = this.fs.modeOf(listed);
      // Before its own mode, which may forbid to open it.
      if (this.request.fsync) this.fs.syncDirectory(path);
      if (mode !== undefined) this.fs.setMode(path, mode);
    }
  }

  private assertOpen(): void {
    if (!this.open) throw new IoError("the tree is no longer open");
  }
}

/** A landing that works inside the target may have its lock there alone. */
async function requireFreeInside(
  request: TreeRequest,
  fs: TargetFileSystem,
): Promise<void> {
  const { out } = request.target;
  const inside = insideTarget(out);
  if (lookAt(out)?.isDirectory !== true || !TargetLock.exists(inside)) return;
  const lock = await TargetLock.acquire(inside, fs, request);
  lock.release();
}

function placementOf(
  { target, install, isVolume, fsync, manifest }: TreeRequest,
  fs: TargetFileSystem,
): Placement {
  const settle = (dir: string) => fs.syncDirectory(dir);
  const sync = (dir: string) => {
    if (fsync) settle(dir);
  };
  const ops = inPlaceOperations(fs.traits, sync, settle);
  if (install === "rename") return new SwapPlacement(target, ops);
  const place = new InPlace(target.out, ops, isVolume);
  place.check(topNames(manifest));
  return place;
}

function* topNames(manifest: Uint8Array): Generator<string, void, void> {
  for (const { path } of readDirEntries(manifest)) {
    yield checkManifestPath(path)[0];
  }
}

/** Removes the temp tree after a failure, and says so where that fails too. */
function discard(root: PrivateDir, error: unknown): unknown {
  try {
    removeTree(root.path);
    return error;
  } catch (second) {
    const { kind, message, hint, fields } = ioErrorOf(
      error,
      "install",
      root.path,
    );
    return new TransferError(
      kind,
      `${message}; then ${ioErrorOf(second, "remove", root.path).message}`,
      { cause: error, hint, fields: { ...fields, left_behind: root.path } },
    );
  }
}
