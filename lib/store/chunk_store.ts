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
   * Reads a whole chunk and checks its BLAKE3.
   *
   * A chunk that is absent, damaged, or whose file has changed since is not
   * held: the answer is `undefined`, never wrong bytes.
   *
   * @param hash 32 bytes.
   * @returns The bytes, which the caller must not change.
   */
  get(hash: Uint8Array): Promise<Uint8Array | undefined>;
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
