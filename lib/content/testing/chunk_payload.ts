/** Cutting content that is in memory, for tests. */

import { CHUNK_SIZE } from "../../limits.ts";
import {
  type BlobRef,
  type ChunkRef,
  makeManifest,
  makeSmall,
  REPLICATED,
} from "../blob_ref.ts";
import type { Chunk } from "../chunk_stream.ts";
import { blake3 } from "../hash.ts";

/** Chunks that differ, each of this size. */
export function chunkRefs(count: number, size = CHUNK_SIZE): ChunkRef[] {
  return Array.from({ length: count }, (_, i) => {
    const hash = new Uint8Array(32);
    new DataView(hash.buffer).setUint32(0, i);
    return { hash, size };
  });
}

/** The reference and the chunks of some bytes, as views of them. */
export function chunkPayload(
  payload: Uint8Array,
  uri: string,
): { ref: BlobRef; chunks: Chunk[] } {
  const count = Math.max(1, Math.ceil(payload.length / CHUNK_SIZE));
  const chunks = Array.from({ length: count }, (_, i): Chunk => {
    const bytes = payload.subarray(i * CHUNK_SIZE, (i + 1) * CHUNK_SIZE);
    return { hash: blake3(bytes), bytes };
  });
  const list = chunks.map(({ hash, bytes }) => ({ hash, size: bytes.length }));
  const ref = count === 1
    ? makeSmall(uri, list[0].hash, list[0].size)
    : makeManifest(uri, REPLICATED, list);
  return { ref, chunks };
}
