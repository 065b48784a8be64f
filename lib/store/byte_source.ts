import { CHUNK_SIZE } from "../limits.ts";
import type { Batch, HashPool } from "./hash_pool.ts";

/** Reads until `target` is full or there are no more bytes; gives how many. */
export type ByteSource = (target: Uint8Array) => Promise<number>;

/** Copies out what a stream gives; `next` gives `undefined` at the end. */
export function streamBytes(
  next: () => Promise<Uint8Array | undefined>,
): ByteSource {
  let rest = new Uint8Array();
  return async (target) => {
    let filled = 0;
    while (filled < target.length) {
      if (rest.length === 0) {
        const bytes = await next();
        if (bytes === undefined) break;
        rest = bytes as Uint8Array<ArrayBuffer>;
      }
      const part = rest.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
    }
    return filled;
  };
}

/** Reads a source chunk by chunk, each a batch of its own. */
export async function* readParts(
  read: ByteSource,
  file: number,
  pool: HashPool,
): AsyncGenerator<Batch, void, undefined> {
  for (let offset = 0;;) {
    const batch = pool.batch("part");
    const length = await read(batch.bytes.subarray(0, CHUNK_SIZE));
    if (length > 0 || offset === 0) {
      batch.chunks.push({ file, offset, start: 0, length });
      yield batch;
    } else {
      pool.recycle(batch);
    }
    offset += length;
    if (length < CHUNK_SIZE) return;
  }
}
