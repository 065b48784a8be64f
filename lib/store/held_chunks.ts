import { orderedMap } from "../async/ordered_map.ts";
import type { ChunkStore, ReadContext } from "./chunk_store.ts";

/** Chunks looked up in a store at once. */
const AT_ONCE = 64;

/**
 * Tells which of many chunks a store holds, whatever kind of store it is.
 *
 * @param store The store.
 * @param hashes 32 bytes each.
 * @param context For whom.
 * @param onError Told of a chunk of which it cannot be told; it is taken for
 * not held.
 */
export async function heldChunks(
  store: ChunkStore,
  hashes: readonly Uint8Array[],
  context: ReadContext = {},
  onError: (hash: Uint8Array, error: unknown) => void = () => {},
): Promise<boolean[]> {
  if (store.hasEach !== undefined) {
    return await store.hasEach(hashes, context, onError);
  }
  const look = async (hash: Uint8Array) => {
    try {
      return await store.has(hash, context);
    } catch (error) {
      onError(hash, error);
      return false;
    }
  };
  const { signal } = context;
  return await Array.fromAsync(
    orderedMap(hashes, look, { ahead: AT_ONCE, signal }),
  );
}

/**
 * {@linkcode heldChunks} of those that are not held yet.
 *
 * @param held What is known; changed.
 */
export async function lookForMissing(
  held: boolean[],
  hashes: readonly Uint8Array[],
  look: (missing: readonly Uint8Array[]) => Promise<boolean[]>,
): Promise<void> {
  const missing = hashes.filter((_, i) => !held[i]);
  if (missing.length === 0) return;
  const found = (await look(missing)).values();
  for (const [i, isHeld] of held.entries()) {
    if (!isHeld) held[i] = found.next().value === true;
  }
}
