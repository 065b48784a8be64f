import type { Semaphore } from "../async/semaphore.ts";
import {
  fill,
  fillSync,
  openOwnSync,
  type RegularFile,
} from "./regular_file.ts";

/**
 * Up to this length a read or a write is made synchronously: it takes less time
 * than handing it to another thread.
 */
export const SYNC_BYTES: number = 256 * 1024;
/** Large chunks a store reads or writes at once: bounds open files and memory. */
export const LARGE_AT_ONCE = 4;

/** Reads from a file of our own; `undefined` when it ends before that. */
export function readSliceSync(
  path: string,
  offset: number,
  length: number,
): Uint8Array | undefined {
  using file = openOwnSync(path);
  const bytes = new Uint8Array(length);
  return fillSync(file, bytes, offset) === length ? bytes : undefined;
}

/** {@linkcode readSliceSync} that does not block the event loop for long. */
export async function readSlice(
  path: string,
  offset: number,
  length: number,
  large: Semaphore,
): Promise<Uint8Array | undefined> {
  if (length <= SYNC_BYTES) return readSliceSync(path, offset, length);
  using _permit = await large.acquire();
  using file = openOwnSync(path);
  return await readOpen(file, offset, length);
}

/** A part of an open file; `undefined` when it ends before that. */
export async function readOpen(
  file: RegularFile,
  offset: number,
  length: number,
): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(length);
  const filled = length <= SYNC_BYTES
    ? fillSync(file, bytes, offset)
    : await fill(file, bytes, offset);
  return filled === length ? bytes : undefined;
}
