/**
 * What a running download tells its caller; the command line draws it and
 * prints it as it is.
 */

import type { SourceReport } from "../sources/fetch_source.ts";
import type { OpenedSources } from "../sources/open_sources.ts";

/** The download knows its size. */
export interface ProgressStart {
  /** Which event it is. */
  type: "start";
  /** Bytes of content in the end, when they are known beforehand. */
  totalBytes?: bigint;
  /** Those of them that an earlier run left; they count as copied later. */
  bytes?: bigint;
  /** Files in the end; only of a directory. */
  totalFiles?: number;
  /** Files that are in place already; only of a directory. */
  files?: number;
}

/** More bytes have arrived; they are not verified yet. */
export interface ProgressBytes {
  /** Which event it is. */
  type: "bytes";
  /** Bytes of content received so far. */
  fetched: bigint;
  /**
   * Bytes of content taken from the old tree so far, besides whole files, those
   * that an earlier run left, and zeros, which never come.
   */
  copied?: bigint;
}

/** One file of a directory is verified and written. */
export interface ProgressFile {
  /** Which event it is. */
  type: "file";
  /** Its path in the manifest. */
  path: string;
  /** Its size in bytes. */
  size: bigint;
  /** Files finished so far, this one included. */
  files: number;
}

/** The parts of a download that are counted apart from its bytes. */
export type FetchStage =
  /** What the target or an earlier run has of it is looked at. */
  | "checking"
  /** What earlier runs that were stopped have left is removed. */
  | "collecting"
  /** What the new tree has replaced is removed. */
  | "removing";

/**
 * The download is at something that is counted apart: what was there is looked
 * at, or removed. It ends with the next event of another type, or with one that
 * has `finished`.
 */
export interface ProgressStageEvent {
  /** Which event it is. */
  type: "stage";
  /** What is done. */
  stage: FetchStage;
  /** Bytes so far, where bytes are what is counted. */
  bytes?: bigint;
  /** Bytes in the end, when they are known. */
  totalBytes?: bigint;
  /** Files, or entries of any kind, so far. */
  files?: number;
  /** Files in the end, when they are known. */
  totalFiles?: number;
  /** What it is at. */
  path?: string;
  /** Whether the stage is over. */
  finished?: true;
}

/** What is known of every download when it is complete. */
export interface FetchTotals {
  /** Bytes of content in place. */
  bytes: bigint;
  /** Bytes of content that came from the sources, each counted once. */
  bytesFetched: bigint;
  /** Where they came from. */
  sources: readonly SourceReport[];
  /** Bytes of content that were there already. */
  bytesReused: bigint;
  /** Whether some of those were left by an earlier run that did not finish. */
  resumed: boolean;
  /** Time since the call, in milliseconds. */
  durationMs: number;
}

/** Everything is in place. */
export interface ProgressDone extends FetchTotals {
  /** Which event it is. */
  type: "done";
}

/** The download has failed, and the next one to the same target goes on. */
export interface ProgressStopped {
  /** Which event it is. */
  type: "stopped";
  /** Where what is there lies. */
  path: string;
  /** Bytes of content that are there. */
  bytes: bigint;
}

/**
 * One event of a download, in this order: `start`, any number of `bytes`,
 * `file` and `stage`, `done` unless it fails, `stopped` if it fails and the next
 * one goes on; a `stage` may also come before `start`.
 *
 * `bytes` comes at most once per read of some 256 KiB, never per packet, and
 * is not throttled any further: the receiver decides how often to draw.
 */
export type ProgressEvent =
  | ProgressStart
  | ProgressBytes
  | ProgressFile
  | ProgressStageEvent
  | ProgressStopped
  | ProgressDone;

/** Counts what a download receives, and tells its caller. */
export class FetchProgress {
  readonly #tell: (event: ProgressEvent) => void;
  readonly #since = performance.now();
  #fetched = 0;
  #copied = 0;
  #zeros = 0;
  #resumed = 0n;
  #linked = 0n;
  #files = 0;
  /** Whether what is there is still being looked at, while more arrives. */
  #isHeld = false;

  constructor(onProgress: (event: ProgressEvent) => void = () => {}) {
    this.#tell = onProgress;
  }

  start(totals: Omit<ProgressStart, "type" | "bytes">): void {
    const bytes = this.#resumed;
    this.#isHeld = false;
    this.#tell({ type: "start", ...totals, ...(bytes > 0n && { bytes }) });
    if (this.#fetched + this.#copied + this.#zeros > 0) this.#tellBytes();
  }

  /** Tells of nothing that arrives before the start, only of stages. */
  holdBytes(): void {
    this.#isHeld = true;
  }

  /** Notes what an earlier run left, and files that are complete by it. */
  resumed(bytes: bigint, files = 0): void {
    this.#resumed = bytes;
    this.#files += files;
  }

  /** Notes files that are in place already, before the start. */
  linked(files: number, bytes: bigint): void {
    this.#files = files;
    this.#linked = bytes;
  }

  /** Notes bytes that have arrived. */
  readonly onBytes = (count: number): void => {
    this.#fetched += count;
    this.#tellBytes();
  };

  /** Notes zeros, which need not come: they are done, but of no place. */
  readonly onZeros = (count: number): void => {
    this.#zeros += count;
    this.#tellBytes();
  };

  /**
   * Notes bytes of copies of old files, and files that are complete by them,
   * before the start.
   */
  cloned(bytes: number, files = 0): void {
    this.#copied += bytes;
    this.#files += files;
  }

  /** Notes bytes that were taken from the old tree. */
  copied(count: number): void {
    this.#copied += count;
    this.#tellBytes();
  }

  file(path: string, size: number): void {
    const files = ++this.#files;
    this.#tell({ type: "file", path, size: BigInt(size), files });
  }

  /** Tells of what is counted apart; without bound, the receiver draws seldom. */
  stage(
    stage: FetchStage,
    counts: Omit<ProgressStageEvent, "type" | "stage"> = {},
  ): void {
    this.#tell({ type: "stage", stage, ...counts });
  }

  /** @param kept What the next download finds. */
  stopped({ path, bytes }: { path: string; bytes: number }): void {
    this.#tell({ type: "stopped", path, bytes: BigInt(bytes) });
  }

  /** @param bytes Bytes of content in place. */
  done(bytes: bigint, sources: Pick<OpenedSources, "report">): FetchTotals {
    const bytesFetched = BigInt(this.#fetched);
    const totals = {
      bytes,
      bytesFetched,
      sources: sources.report(bytesFetched),
      bytesReused: this.#linked + this.#resumed + BigInt(this.#copied),
      resumed: this.#resumed > 0n,
      durationMs: performance.now() - this.#since,
    };
    this.#tell({ type: "done", ...totals });
    return totals;
  }

  #tellBytes(): void {
    if (this.#isHeld) return;
    const event = { type: "bytes", fetched: BigInt(this.#fetched) } as const;
    const copied = this.#resumed + BigInt(this.#copied + this.#zeros);
    this.#tell(copied === 0n ? event : { ...event, copied });
  }
}
