/**
 * What a running download tells its caller; the command line draws it and
 * prints it as it is.
 *
 * @module
 */

/** The download knows its size. */
export interface ProgressStart {
  /** Discriminant. */
  type: "start";
  /** Bytes of content in the end, when they are known beforehand. */
  totalBytes?: bigint;
  /** Files in the end; only of a directory. */
  totalFiles?: number;
}

/** More bytes have arrived; they are not verified yet. */
export interface ProgressBytes {
  /** Discriminant. */
  type: "bytes";
  /** Bytes of content received so far. */
  fetched: bigint;
}

/** One file of a directory is verified and written. */
export interface ProgressFile {
  /** Discriminant. */
  type: "file";
  /** Its path in the manifest. */
  path: string;
  /** Its size in bytes. */
  size: bigint;
  /** Files finished so far, this one included. */
  files: number;
}

/** Everything is in place. */
export interface ProgressDone {
  /** Discriminant. */
  type: "done";
  /** Bytes of content in place. */
  bytes: bigint;
  /** Bytes of content that came from the holder. */
  bytesFetched: bigint;
  /** Time since the call, in milliseconds. */
  durationMs: number;
}

/**
 * One event of a download, in this order: `start`, any number of `bytes` and
 * `file`, `done` unless it fails.
 *
 * `bytes` comes at most once per read of some 256 KiB, never per packet, and
 * is not throttled any further: whoever draws decides how often.
 */
export type ProgressEvent =
  | ProgressStart
  | ProgressBytes
  | ProgressFile
  | ProgressDone;
