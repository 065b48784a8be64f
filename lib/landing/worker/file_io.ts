/** Writes, modes and syncs. */

import { attempt, ioErrorOf } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";

import { IoError } from "../../errors.ts";

/**
 * Writes all of `bytes` at `offset`.
 *
 * @param file An open file.
 * @param path Its name, for messages.
 * @param offset Where, in bytes.
 * @param bytes What.
 * @throws {IoError} When the disk is full or fails.
 */
export function writeAt(
  file: Deno.FsFile,
  path: string,
  offset: number,
  bytes: Uint8Array,
): void {
  attempt("write", path, () => {
    file.seekSync(offset, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) {
      done += file.writeSync(bytes.subarray(done));
    }
  });
}

/**
 * Makes what happened to the names in a directory durable. Windows has no such
 * thing: nothing is done there.
 *
 * @param path The directory.
 * @throws {IoError} When it cannot be synced.
 */
export function syncDirectory(path: string): void {
  if (Deno.build.os === "windows") return;
  attempt("sync", path, () => {
    using dir = Deno.openSync(path, { read: true });
    dir.syncSync();
  });
}

/**
 * Writes a file that must not exist yet, in as few system calls as it takes.
 *
 * @param path Its path, in a directory of our own.
 * @param bytes All of its content.
 * @param mode Its exact mode; without one it is the default.
 * @param fsync Whether it is synced.
 * @throws {IoError} When it exists, or the disk is full or fails.
 */
export function writeNewFile(
  path: string,
  bytes: Uint8Array,
  mode: number | undefined,
  fsync: boolean,
): void {
  if (fsync) {
    attempt("write", path, () => {
      using file = Deno.openSync(path, { write: true, createNew: true });
      writeAt(file, path, 0, bytes);
      if (mode !== undefined) setMode(path, mode);
      file.syncSync();
    });
    return;
  }
  const options = mode === undefined
    ? { createNew: true }
    : { createNew: true, mode };
  attempt("write", path, () => Deno.writeFileSync(path, bytes, options));
  // Writing takes set-id bits away again.
  if (mode !== undefined && mode > 0o777) setMode(path, mode);
}

/**
 * Sets the mode of a file or directory; not on Windows, which has no modes.
 *
 * @param path The path, in a directory of our own.
 * @param mode The permission bits.
 * @throws {IoError} When it cannot be set.
 */
export function setMode(path: string, mode: number): void {
  if (Deno.build.os === "windows") return;
  attempt("change the mode of", path, () => Deno.chmodSync(path, mode));
}

/**
 * Makes a directory and those above it, unless it exists.
 *
 * @throws {IoError} When it cannot be made.
 */
export function makeDirectory(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    if (
      error instanceof Deno.errors.AlreadyExists ||
      error instanceof Deno.errors.NotADirectory
    ) {
      throw new IoError(
        `${quoteText(path)} is not a directory, or something above it is not`,
        { fields: { path }, cause: error },
      );
    }
    throw ioErrorOf(error, "create the directory", path);
  }
}
