import type { Semaphore } from "../async/semaphore.ts";

/**
 * Up to this length a read or a write is made synchronously: it takes less time
 * than handing it to another thread.
 */
export const SYNC_BYTES: number = 256 * 1024;
/** Large chunks a store reads or writes at once: bounds open files and memory. */
export const LARGE_AT_ONCE = 4;

/** `undefined` when the file ends before that. */
export function readSliceSync(
  path: string,
  offset: number,
  length: number,
): Uint8Array | undefined {
  using file = Deno.openSync(path);
  if (offset > 0) file.seekSync(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  return fillSync(file, bytes) === length ? bytes : undefined;
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
  using file = await Deno.open(path);
  if (offset > 0) await file.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  return await fill(file, bytes) === length ? bytes : undefined;
}

/** Reads until `target` is full or the file ends. */
export function fillSync(file: Deno.FsFile, target: Uint8Array): number {
  let filled = 0;
  while (filled < target.length) {
    const read = file.readSync(target.subarray(filled));
    if (read === null || read === 0) break;
    filled += read;
  }
  return filled;
}

export async function fill(
  file: Deno.FsFile,
  target: Uint8Array,
): Promise<number> {
  let filled = 0;
  while (filled < target.length) {
    const read = await file.read(target.subarray(filled));
    if (read === null || read === 0) break;
    filled += read;
  }
  return filled;
}
