/** A file that arrives in ranges. */

import type { ParentTrust } from "../os/safe_ancestors.ts";
import { requireGrants } from "./confined_worker.ts";
import { LandingWorker } from "./landing_worker.ts";
import { resolveTarget } from "./resolve_target.ts";
import { prepareSite } from "./safe_target.ts";
import { partialPath } from "./worker/temp_names.ts";
import type { WantedRange } from "./worker/content_check.ts";
import type { BlobRange, Kept, UsedBuffer } from "./worker/worker_protocol.ts";

/** Options of {@linkcode BlobLanding.open}. */
export interface BlobLandingOptions extends ParentTrust {
  /** Path of the file to make or replace. */
  out: string;
  /**
   * Whether the file, then its directory, are synced to the disk before
   * {@linkcode BlobLanding.commit} resolves.
   *
   * @default {true}
   */
  fsync?: boolean;
  /**
   * Whether runs of zeros are left out of the file, where the file system has
   * holes.
   *
   * @default {true}
   */
  sparse?: boolean;
  /**
   * Whether what an earlier run left in the partial file is kept, and
   * {@linkcode BlobLanding.check} finds it.
   *
   * @default {true}
   */
  resume?: boolean;
  /**
   * Whether a file or a link at `out` is replaced, as cp and scp do.
   *
   * @default {true}
   */
  replace?: boolean;
  /** Rejects what is pending when it is aborted; the landing is still to be closed. */
  signal?: AbortSignal;
}

/**
 * Writes `<out>.partial` in the directory of `out`, and renames it over `out`
 * when all is there.
 *
 * While it is open `.<base>.fetch_lock` in the same directory holds this
 * process's id and a lock that ends with the process: a second landing on the
 * same target, be it of a tree, fails at once.
 *
 * @example
 * ```ts
 * import { BlobLanding } from "./blob_landing.ts";
 * import { blake3 } from "../content/hash.ts";
 *
 * const bytes = new TextEncoder().encode("hello\n");
 * const dir = await Deno.makeTempDir();
 * await using landing = await BlobLanding.open({ out: `${dir}/hello.txt` });
 * await landing.write({ offset: 0, hash: blake3(bytes), bytes });
 * await landing.commit(6);
 * ```
 */
export class BlobLanding implements AsyncDisposable {
  private constructor(
    private readonly worker: LandingWorker,
    private there: number,
    private readonly partial: string,
    /** Things the user should know about the target. */
    readonly warnings: readonly string[],
  ) {}

  /**
   * Makes the parents of `out` and opens the partial file.
   *
   * @param options Where and how.
   * @throws {ExistsError} When something is at `out` that may not be replaced.
   * @throws {IoError} When a file cannot be installed at `out`, another
   * landing is at it (field `pid`), or the partial file's name is taken by
   * something that no earlier run made.
   * @throws {PermissionError} When the process may not write there.
   * @throws {UsageError} When other users could redirect what is written.
   */
  static async open(options: BlobLandingOptions): Promise<BlobLanding> {
    const {
      out,
      fsync = true,
      sparse = true,
      resume = true,
      replace = true,
      signal,
    } = options;
    const target = resolveTarget(out);
    requireGrants(target.parent);
    prepareSite(out, target.parent, options);
    const { worker, opened } = await LandingWorker.open(
      "open_blob",
      { target, fsync, sparse, resume, replace },
      target.parent,
      signal,
    );
    const { found, warnings } = opened;
    return new BlobLanding(worker, found, partialPath(target), warnings);
  }

  /**
   * Bytes that an earlier run left in the partial file, or that it began with,
   * right or not.
   */
  get found(): number {
    return this.there;
  }

  /**
   * Begins the file, of which nothing is there, as what somebody puts into it.
   *
   * @param make Fills an empty file and tells its length, or that it did not.
   * @returns Whether it was begun.
   */
  async begin(make: (to: string) => number | undefined): Promise<boolean> {
    if (make(this.partial) === undefined) return false;
    this.there = await this.worker.call("measure_blob", {});
    return this.there > 0;
  }

  /** Milliseconds for which there was something to verify and write. */
  get busyMs(): number {
    return this.worker.busyMs;
  }

  /**
   * Tells which ranges an earlier run left as they are to be; these need not be
   * written.
   *
   * @param ranges What is wanted.
   * @returns For each whether it is there.
   * @throws {IoError} When the partial file cannot be read.
   */
  async check(ranges: WantedRange[]): Promise<boolean[]> {
    return await this.worker.call("check_blob", { ranges });
  }

  /**
   * Verifies a range and writes it. Many may be in flight, in any order.
   *
   * @param range The range; the buffer of its bytes is transferred.
   * @returns The buffer for reuse, once it is written, so that the caller can
   * bound what is in memory.
   * @throws {HashMismatchError} When the bytes are not the ones asked for;
   * nothing was written, and the right ones can follow.
   * @throws {IoError} When they cannot be written.
   */
  async write(range: BlobRange): Promise<UsedBuffer> {
    return await this.worker.call("write_blob", { range }, range.bytes);
  }

  /**
   * Installs the file.
   *
   * @param size Its size, in bytes.
   * @returns Things the user should know about the file.
   * @throws {IoError} When a byte was never written or the file cannot be
   * installed: `out` is untouched and the partial file stays.
   */
  async commit(size: number): Promise<readonly string[]> {
    const { warnings } = await this.worker.finish("commit_blob", { size });
    return warnings;
  }

  /** Gives up; the verified ranges stay in the partial file. */
  async abort(): Promise<void> {
    await this.worker.abort(true);
  }

  /**
   * As {@linkcode BlobLanding.abort}, unless the file was installed; never throws.
   *
   * @returns What stays for the next run.
   */
  async close(): Promise<Kept | undefined> {
    return await this.worker.close(true);
  }

  /** As {@linkcode BlobLanding.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
