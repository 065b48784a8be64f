import { join } from "@std/path";
import { attemptAsync } from "../../os/os_error.ts";
import { randomToken } from "../../os/random_token.ts";

/** Bytes written first; each further step is twice as long. */
const FIRST_BYTES = 1024 * 1024;
const STEP_BYTES_MAX = 16 * 1024 * 1024;
/** Most bytes that are written in all. */
const BYTES_MAX = 64 * 1024 * 1024;
/** Most bytes that `getRandomValues` fills at once. */
const RANDOM_BYTES = 65_536;

/** How fast a file is written. */
export interface DiskFigures {
  readonly bytes: number;
  /** Bytes in a second until they are on the disk. */
  readonly flushedRate: number;
  /** Bytes in a second until the system has them. */
  readonly writtenRate: number;
}

function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += RANDOM_BYTES) {
    crypto.getRandomValues(bytes.subarray(at, at + RANDOM_BYTES));
  }
  return bytes;
}

/**
 * Measures how fast a file is written and flushed, in steps that become longer
 * while they fit the time; the file is removed.
 *
 * @param dir Where; it exists.
 * @param forMs About how long, in milliseconds.
 */
export async function measureDisk(
  dir: string,
  forMs: number,
  signal: AbortSignal,
): Promise<DiskFigures> {
  const path = join(dir, `.net_transfer_doctor_${randomToken()}`);
  const measured = await attemptAsync("write into", dir, async () => {
    using file = await Deno.open(path, {
      ...{ write: true, createNew: true },
      mode: 0o600,
    });
    try {
      return await measure(file, forMs, signal);
    } finally {
      await Deno.remove(path);
    }
  });
  signal.throwIfAborted();
  return measured;
}

async function measure(
  file: Deno.FsFile,
  forMs: number,
  signal: AbortSignal,
): Promise<DiskFigures> {
  // Noise, so that no file system compresses it away.
  const block = noise(FIRST_BYTES);
  let bytes = 0;
  let writingMs = 0;
  let flushingMs = 0;
  let step = FIRST_BYTES;
  for (;;) {
    const start = performance.now();
    for (let left = step; left > 0;) {
      left -= await file.write(block.subarray(0, Math.min(left, block.length)));
    }
    const written = performance.now();
    await file.syncData();
    const flushed = performance.now();
    bytes += step;
    writingMs += written - start;
    flushingMs += flushed - written;
    step = Math.min(2 * step, STEP_BYTES_MAX);
    const spent = writingMs + flushingMs;
    const isLast = bytes + step > BYTES_MAX ||
      spent * (1 + step / bytes) > forMs;
    if (isLast || signal.aborted) break;
  }
  return {
    bytes,
    flushedRate: bytes / (writingMs + flushingMs) * 1000,
    writtenRate: bytes / writingMs * 1000,
  };
}
