import { HASH_LENGTH } from "../content/mod.ts";
import { StoreError } from "../errors.ts";
import { CHUNK_MAX } from "../limits.ts";

/** Refuses what no store, and no receiver, would take. */
export function checkChunk(hash: Uint8Array, bytes: Uint8Array): void {
  if (hash.length !== HASH_LENGTH) {
    throw new StoreError(
      `Cannot store a chunk: its hash has ${hash.length} bytes, not ${HASH_LENGTH}`,
    );
  }
  if (bytes.length > CHUNK_MAX) {
    throw new StoreError(
      `Cannot store a chunk of ${bytes.length} bytes: the limit is ${CHUNK_MAX}`,
    );
  }
}
