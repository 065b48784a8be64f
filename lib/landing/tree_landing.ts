/** A directory tree that arrives chunk by chunk. */

import { checkManifestPath } from "../content/mod.ts";
import { lookAt } from "../os/os_error.ts";
import type { ParentTrust } from "../os/safe_ancestors.ts";
import { requireGrants } from "./confined_worker.ts";
import { makeLinks, requireOwnTree } from "./make_links.ts";
import { LandingWorker } from "./landing_worker.ts";
import { identityAt } from "./identity_at.ts";
import { resolveTarget } from "./resolve_target.ts";
import { prepareSite, requireSafeTarget } from "./safe_target.ts";
import { lockOutside, namesPrefix, siteOf } from "./install_site.ts";
import { type InstallPlan, planInstall } from "./plan_install.ts";
import {
  type RemovalStage,
  requestOf,
  type TreeLandingOptions,
} from "./tree_landing_options.ts";
import {
  collectedSentence,
  interruptedRemoval,
  removeBySteps,
} from "./removal.ts";
import type { RemovalProgress } from "./worker/removal_queue.ts";
import type { TargetLock } from "./worker/target_lock.ts";
import { joinPath, type Target, type TargetIdentity } from "./worker/target.ts";
import { checkPathLengths } from "./worker/path_lengths.ts";
import { type PlanOptions, planTree } from "./worker/tree_plan.ts";
import type {
  BufferedChunk,
  Kept,
  LeafRange,
  TreeCounts,
  TreeRange,
  UsedBuffer,
} from "./worker/worker_protocol.ts";

/** What {@linkcode TreeLanding.commit} installed. */
export interface TreeLandingResult extends TreeCounts {
  /** Whether it was put in place in one step. */
  atomic: boolean;
  /** Where the tree is, links in what is above it resolved. */
  path: string;
  /** Tells it from others at this path. */
  identity: TargetIdentity;
  /** Things the user should know, such as an old tree that could not be removed. */
  warnings: readonly string[];
}

/**
 * Fills a temporary tree beside the target, which nobody else can enter, then
 * puts it in the target's place.
 *
 * While it is open `.<base>.fetch_lock` in the same directory holds this
 * process's id and a lock that ends with the process: a second landing on the
 * same target, be it of a file, fails at once.
 *
 * @example
 * ```ts
 * import { TreeLanding } from "./tree_landing.ts";
 * import { encodeDirManifest } from "../content/dir_manifest.ts";
 *
 * const manifest = encodeDirManifest({
 *   version: 1,
 *   entries: [{ path: "docs", kind: { type: "dir", mode: 0o755 } }],
 * });
 * const dir = await Deno.makeTempDir();
 * await using landing = await TreeLanding.open({ out: `${dir}/tree`, manifest });
 * const { dirs } = await landing.commit(); // 1
 * ```
 */
export class TreeLanding implements AsyncDisposable {
  private constructor(
    private readonly worker: LandingWorker,
    private readonly target: Target,
    private readonly plan: InstallPlan,
    /** Keeps out landings that work beside the target. */
    private readonly outside: TargetLock | undefined,
    private readonly options: TreeLandingOptions,
    /** What the tree will hold. */
    public counts: TreeCounts,
    private readonly there: Map<number, number>,
    /** The temp tree. */
    private readonly root: string,
    /** Things the user should know about the manifest and the target. */
    readonly warnings: string[],
  ) {}

  /**
   * Checks the whole manifest, then makes the parents of `out`, the temp tree
   * and its directories. What a killed run left is put right and removed
   * first.
   *
   * @param options What and where.
   * @throws {ManifestError | UnsafePathError} When the manifest cannot be
   * installed; nothing was written.
   * @throws {ExistsError} When something is at `out` that may not be replaced.
   * @throws {IoError} When a tree cannot be installed at `out`, or another
   * landing is at it (field `pid`).
   * @throws {PermissionError} When the process may not write there, or may not
   * make the links of the tree.
   * @throws {UsageError} When other users could redirect what is written.
   */
  static async open(options: TreeLandingOptions): Promise<TreeLanding> {
    const { out, signal } = options;
    const target = resolveTarget(out);
    // Planning tries a rename, and that is a use of the path, too.
    requireSafeTarget(out, target.parent, options);
    const plan = options.plan ?? await planInstall(target);
    const request = requestOf(options, target, plan);
    const site = siteOf(target, plan);
    prepareFor(request, site, options);
    const outside = plan.install === "rename"
      ? undefined
      : await lockOutside(target);
    try {
      const { worker, opened } = await LandingWorker.open(
        "open_tree",
        request,
        site,
        signal,
      );
      const { root } = opened;
      requireOwnTree({ root, links: [] }, namesPrefix(target, plan));
      const landing = new TreeLanding(
        worker,
        target,
        plan,
        outside,
        options,
        opened.counts,
        byEntry(opened.takenOver),
        root,
        [...plan.warnings, ...opened.warnings],
      );
      if (opened.hasRemovals) await landing.#collect();
      return landing;
    } catch (error) {
      outside?.release();
      throw error;
    }
  }

  /**
   * Files that an earlier run left, or that are copies of old ones, right or not:
   * their lengths by entry.
   */
  get found(): ReadonlyMap<number, number> {
    return this.there;
  }

  /** Milliseconds for which there was something to verify and write. */
  get busyMs(): number {
    return this.worker.busyMs;
  }

  /**
   * Tells which chunks an earlier run left at their places; these need not be
   * written.
   *
   * @param ranges Chunks of files that were found.
   * @returns For each whether it is there.
   * @throws {IoError} When a file cannot be read.
   */
  async check(ranges: TreeRange[]): Promise<boolean[]> {
    return await this.worker.call("check_tree", { ranges });
  }

  /**
   * Verifies chunks against the manifest's own hashes and writes them: many
   * small files in one message. A chunk that was written before is skipped.
   *
   * @param chunks Which chunks, and where in `buffer`.
   * @param buffer Their bytes; its buffer is transferred.
   * @returns The buffer for reuse, once they are written.
   * @throws {HashMismatchError} When bytes are not the ones asked for (fields
   * `entry`, `chunk`, `path`): chunks before it are written, those behind it
   * are not, and the same call can be made again.
   * @throws {ManifestError} When an entry declares another size.
   * @throws {IoError} When a file cannot be written.
   */
  async writeChunks(
    chunks: BufferedChunk[],
    buffer: Uint8Array,
  ): Promise<UsedBuffer> {
    return await this.worker.call("write_chunks", { chunks, buffer }, buffer);
  }

  /**
   * Verifies and writes a chunk of a file whose entry names a chunk tree.
   *
   * @param leaf The chunk; the buffer of its bytes is transferred.
   * @returns The buffer for reuse, once it is written.
   * @throws As {@linkcode TreeLanding.writeChunks}.
   */
  async writeTreeLeaf(leaf: LeafRange): Promise<UsedBuffer> {
    return await this.worker.call("write_leaf", { leaf }, leaf.bytes);
  }

  /**
   * Takes files from the old tree, which have the same paths there and the
   * content that the manifest says, instead of writing them.
   *
   * @param from The old tree.
   * @param rows A row of `OLD_FILE_COLUMNS` numbers for each.
   * @returns The entries that are still to be written.
   */
  async linkOld(from: string, rows: Float64Array): Promise<number[]> {
    return await this.worker.call("link_old", { from, rows });
  }

  /**
   * Begins files as copies of files of the old tree with the same paths, whatever
   * their content: `found` has them then. It is worth it where the file system
   * shares the blocks of copies.
   *
   * @param from The old tree.
   * @param rows A row of `OLD_FILE_COLUMNS` numbers for each.
   * @returns The entries that were begun.
   */
  async cloneOld(from: string, rows: Float64Array): Promise<number[]> {
    const cloned = byEntry(
      await this.worker.call("clone_old", { from, rows }),
    );
    for (const [entry, size] of cloned) this.there.set(entry, size);
    return [...cloned.keys()];
  }

  /**
   * Begins a file as what somebody puts at its place in the temp tree, whatever
   * its content: `found` has it then.
   *
   * @param entry Its index in the manifest.
   * @param path Its path there.
   * @param make Makes a file at a path and tells its length, or that there is
   * none.
   * @returns The length, if it was begun.
   */
  async begin(
    entry: number,
    path: string,
    make: (to: string) => number | undefined,
  ): Promise<number | undefined> {
    const to = joinPath(this.root, checkManifestPath(path).join("/"));
    if (make(to) === undefined) return undefined;
    const size = await this.worker.call("adopt", { entry });
    if (size !== undefined) this.there.set(entry, size);
    return size;
  }

  /**
   * Does without files that cannot be had; those that are complete stay.
   *
   * @param entries Their indexes in the manifest.
   * @throws {IoError} When what is there of one cannot be removed.
   */
  async leaveOut(entries: number[]): Promise<void> {
    this.counts = await this.worker.call("leave_out", { entries });
  }

  /**
   * Makes the links, applies the modes of directories, puts the tree in place
   * and removes what it replaces.
   *
   * @returns What was installed.
   * @throws {IoError} When a file is not complete or the tree cannot be
   * installed: the target is as the field `target_state` says, and the landing
   * is still to be closed.
   * @throws {TransferError} Of kind `interrupted` when it is aborted while it
   * removes the old tree: the new one is in place, the field `left_behind` says
   * where the rest is.
   */
  async commit(): Promise<TreeLandingResult> {
    const sealed = await this.worker.call("seal_tree", {});
    requireOwnTree(sealed, namesPrefix(this.target, this.plan));
    const lackingLinks = await makeLinks(sealed);
    await this.worker.callThrough("prepare_install", { lackingLinks });
    const { out: path } = this.target;
    // A rename makes no other directory of it.
    const coming = this.plan.install === "rename" ? sealed.root : path;
    await this.options.onInstalling?.(await identityAt(coming));
    const { warnings } = await this.worker.callThrough("install_tree", {});
    const symlinks = this.counts.symlinks - lackingLinks.length;
    const identity = await identityAt(path);
    await this.options.onInstalled?.(identity);
    const kept = await this.#removeOld();
    await this.worker.finish("end_tree", {});
    this.outside?.release();
    return {
      ...this.counts,
      symlinks,
      atomic: this.plan.install === "rename",
      path,
      identity,
      warnings: [...this.warnings, ...warnings, ...kept],
    };
  }

  /**
   * Gives up as the target is known to be what the tree would be, and removes
   * what earlier runs of it have left.
   *
   * @throws {IoError} When something stays behind.
   */
  async leave(): Promise<void> {
    await this.worker.call("remove_superseded", {});
    await this.#collect();
    await this.abort();
  }

  /**
   * Gives up and removes the temp tree.
   *
   * @throws {IoError} When something of it stays behind.
   */
  async abort(): Promise<void> {
    try {
      await this.worker.abort(false);
    } finally {
      this.outside?.release();
    }
  }

  /**
   * Gives up, unless the tree was installed, and leaves what there is for the
   * next run, unless `resume` is off.
   *
   * @returns What that is; nothing when the worker cannot tell.
   */
  async close(): Promise<Kept | undefined> {
    const kept = await this.worker.close(this.options.resume ?? true);
    this.outside?.release();
    return kept;
  }

  /** As {@linkcode TreeLanding.close}; never throws. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Removes what earlier runs left. */
  async #collect(): Promise<void> {
    try {
      const collected = await this.#remove("collecting");
      this.options.signal?.throwIfAborted();
      if (collected.files > 0) {
        this.warnings.push(collectedSentence(this.target.out, collected));
      }
      this.warnings.push(...collected.warnings);
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Removes what was replaced; what cannot be is told of. */
  async #removeOld(): Promise<readonly string[]> {
    const { signal } = this.options;
    const { done, warnings } = await this.#remove("removing");
    if (done) return warnings;
    throw await interruptedRemoval(
      this.worker,
      this.target.out,
      signal?.reason,
    );
  }

  async #remove(stage: RemovalStage): Promise<RemovalProgress> {
    const { onRemoval, signal } = this.options;
    return await removeBySteps(
      this.worker,
      namesPrefix(this.target, this.plan),
      onRemoval && ((files) => onRemoval(stage, files)),
      signal,
    );
  }
}

function byEntry(pairs: Float64Array): Map<number, number> {
  const sizes = new Map<number, number>();
  for (let at = 0; at < pairs.length; at += 2) {
    sizes.set(pairs[at], pairs[at + 1]);
  }
  return sizes;
}

/** Makes the directory that a tree is made in, unless it exists. */
function prepareFor(
  request: PlanOptions & { target: Target },
  site: string,
  options: ParentTrust & { out: string },
): void {
  requireGrants(site);
  if (lookAt(site) === undefined) {
    // Judged first, so that for a bad manifest nothing is made at all.
    checkPathLengths(request.target, planTree(request).longest);
  }
  prepareSite(options.out, site, options);
}
