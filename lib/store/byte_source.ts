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

/**
 * Reads a source chunk by chunk, each a batch of its own.
 *
 * @param ahead Whether the next chunk is read while one is hashed. Only for a
 * source of which every read ends: whoever gives up waits for it.
 * @param isInHole Whether what was read last is known to be zeros.
 */
export async function* readParts(
  read: ByteSource,
  file: number,
  pool: HashPool,
  ahead = false,
  isInHole = () => false,
): AsyncGenerator<Batch, void, undefined> {
  const begin = async () => {
    const batch = pool.batch("part");
    const length = await read(batch.bytes.subarray(0, CHUNK_SIZE));
    batch.isZeros = length === CHUNK_SIZE && isInHole();
    return { batch, length };
  };
  let next: ReturnType<typeof begin> | undefined;
  try {
    for (let offset = 0;;) {
      const { batch, length } = await (next ?? begin());
      next = undefined;
      const more = length === CHUNK_SIZE;
      if (more && ahead) {
        next = begin();
        // It counts when it is its turn.
        next.catch(() => {});
      }
      if (length > 0 || offset === 0) {
        batch.chunks.push({ file, offset, start: 0, length });
        yield batch;
      } else {
        pool.recycle(batch);
      }
      offset += length;
      if (!more) return;
    }
  } finally {
    await next?.catch(() => {});
  }
}
