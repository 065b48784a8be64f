import { blake3 } from "../../content/mod.ts";
import { CHUNK_SIZE } from "../../limits.ts";

/** Measures how many bytes a second BLAKE3 takes on one thread. */
export function hashRate(forMs: number): number {
  const chunk = new Uint8Array(CHUNK_SIZE);
  blake3(chunk);
  const since = performance.now();
  let bytes = 0;
  let elapsed = 0;
  while (elapsed < forMs) {
    blake3(chunk);
    bytes += chunk.length;
    elapsed = performance.now() - since;
  }
  return bytes / elapsed * 1000;
}
