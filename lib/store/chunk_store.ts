/**
 * What a holder serves from: chunks by the BLAKE3 of their bytes.
 *
 * @module
 */

/** Where chunks can be read, by hash. */
export interface ChunkStore extends AsyncDisposable {
  /**
   * Tells cheaply whether the chunk is held; its bytes are not checked.
   *
   * @param hash 32 bytes.
   */
  has(hash: Uint8Array): Promise<boolean>;
  /**
   * Reads a whole chunk and checks it: its BLAKE3, or a checksum of the bytes
   * whose BLAKE3 this store has taken itself.
   *
   * A chunk that is absent, damaged, or whose file has changed since is not
   * held: the answer is `undefined`, never wrong bytes.
   *
   * @param hash 32 bytes.
   * @returns The bytes, which the caller must not change.
   */
  get(hash: Uint8Array): Promise<Uint8Array | undefined>;
  /**
   * Gets chunks at hand, where they may have to come from elsewhere first. Who
   * has to hold memory or a place in a queue while it reads them calls this
   * before, so that `get` does not keep it waiting. A store that has all its
   * chunks at hand does without.
   *
   * @param hashes 32 bytes each.
   * @param signal Ends the work, which is ahead of who iterates by a bounded
   * number of bytes.
   * @returns For each hash in order, as soon as it is known, whether it is worth
   * calling `get`.
   */
  prepare?(
    hashes: readonly Uint8Array[],
    signal: AbortSignal,
  ): AsyncIterable<boolean>;
}

/** A {@linkcode ChunkStore} that takes new chunks. */
export interface WritableChunkStore extends ChunkStore {
  /**
   * Stores a chunk; storing one that is held is no work and no error.
   *
   * @param hash The BLAKE3 of `bytes`, as the caller has computed it.
   * @param bytes At most {@linkcode CHUNK_MAX} bytes, not changed and not kept.
   * @throws {StoreError} When it cannot be written; nothing half-written is
   * ever visible.
   */
  put(hash: Uint8Array, bytes: Uint8Array): Promise<void>;
}
