/** Writes. */

import { attempt } from "../../os/os_error.ts";
import { dataRuns } from "./data_runs.ts";
import { checkReadBack } from "./read_back.ts";
import type { TargetFileSystem } from "./target_file_system.ts";

/**
 * Writes all of `bytes` at `offset`.
 *
 * @param file An open file.
 * @param path Its name, for messages.
 * @param offset Where, in bytes.
 * @param bytes What.
 * @param sparse Whether blocks of zeros are left out: only where nothing was
 * written before, and the caller sets the length in the end.
 * @throws {IoError} When the disk is full or fails.
 */
export function writeAt(
  file: Deno.FsFile,
  path: string,
  offset: number,
  bytes: Uint8Array,
  sparse: boolean,
): void {
  const runs = sparse ? dataRuns(bytes) : undefined;
  attempt("write", path, () => {
    if (runs === undefined) writeRun(file, offset, bytes);
    for (const { start, end } of runs ?? []) {
      writeRun(file, offset + start, bytes.subarray(start, end));
    }
  });
}

function writeRun(file: Deno.FsFile, offset: number, bytes: Uint8Array): void {
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length;) {
    done += file.writeSync(bytes.subarray(done));
  }
}

/** A file that is written in one go. */
export interface NewFile {
  /** Its path, in a directory of our own; nothing is there. */
  path: string;
  /** All of its content. */
  bytes: Uint8Array;
  /** BLAKE3 of `bytes`, 32 bytes. */
  hash: Uint8Array;
  /** Its exact mode; without one it is the default. */
  mode: number | undefined;
  /** Whether it is synced. */
  fsync: boolean;
}

/**
 * Writes a file that must not exist yet, in as few system calls as it takes.
 *
 * @param fs Its file system.
 * @param file What and where.
 * @throws {IoError} When it exists, or the disk is full or fails.
 */
export function writeNewFile(fs: TargetFileSystem, file: NewFile): void {
  const { path, bytes, fsync } = file;
  const mode = fs.modeOf(file.mode);
  const isPlain = !fsync && !fs.readsBack &&
    !(fs.sparse && dataRuns(bytes) !== undefined);
  if (isPlain) writePlain(fs, path, bytes, mode);
  else writeWithCare(fs, file, mode);
}

function writePlain(
  fs: TargetFileSystem,
  path: string,
  bytes: Uint8Array,
  mode: number | undefined,
): void {
  // The runtime sets the mode of an open file, too, which may not be possible.
  const options = mode === undefined || !fs.traits.keepsModes
    ? { createNew: true }
    : { createNew: true, mode };
  attempt("write", path, () => Deno.writeFileSync(path, bytes, options));
  // Writing takes set-id bits away again.
  if (mode !== undefined && (mode > 0o777 || !fs.traits.keepsModes)) {
    fs.setMode(path, mode);
  }
}

function writeWithCare(
  fs: TargetFileSystem,
  { path, bytes, hash, fsync }: NewFile,
  mode: number | undefined,
): void {
  const access = mode === undefined ? {} : { mode: 0o600 };
  attempt("write", path, () => {
    const options = { write: true, createNew: true, ...access };
    using file = Deno.openSync(path, options);
    writeAt(file, path, 0, bytes, fs.sparse);
    if (fs.sparse) file.truncateSync(bytes.length);
    if (mode !== undefined && !fs.readsBack) fs.setMode(path, mode);
    if (fsync || fs.failsLate) fs.sync(file, path, fsync);
  });
  if (!fs.readsBack) return;
  const { length } = bytes;
  checkReadBack(path, length, [{ offset: 0, length, hash }]);
  // Last, as it may forbid to read.
  if (mode !== undefined) fs.setMode(path, mode);
}
