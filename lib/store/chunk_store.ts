/** What a holder serves from: chunks by the BLAKE3 of their bytes. */

/** For whom a chunk is read. Stores that get chunks from elsewhere look at it. */
export interface ReadContext {
  /**
   * X25519 key of the peer that asked, 32 bytes; without one it is this node
   * itself.
   */
  readonly publicKey?: Uint8Array;
  /**
   * Of which each request to another node takes a unit: bounds how many run at
   * once for one session.
   */
  readonly requests?: {
    acquire(units: number, signal?: AbortSignal): Promise<Disposable>;
  };
  /** Ends the reading. */
  readonly signal?: AbortSignal;
}

/** Where chunks can be read, by hash. */
export interface ChunkStore extends AsyncDisposable {
  /**
   * Tells cheaply whether the chunk is held; its bytes are not checked.
   *
   * @param hash 32 bytes.
   */
  has(hash: Uint8Array, context?: ReadContext): Promise<boolean>;
  /**
   * The same for many chunks. Stores for which asking costs a request to
   * another node answer so for all of them with one.
   *
   * @param hashes At most `GET_MANY_MAX`, 32 bytes each.
   * @param onError Told of a chunk of which it cannot be told; it is taken for
   * not held.
   * @returns For each in order whether it is held.
   */
  hasEach?(
    hashes: readonly Uint8Array[],
    context?: ReadContext,
    onError?: (hash: Uint8Array, error: unknown) => void,
  ): Promise<boolean[]>;
  /**
   * Reads a whole chunk and checks it: by its BLAKE3, or by the identity of a
   * file that cannot have changed since this store took that itself.
   *
   * A chunk that is absent, damaged, or whose file has changed since is not
   * held: the answer is `undefined`, never wrong bytes.
   *
   * @param hash 32 bytes.
   * @returns The bytes, which the caller must not change.
   */
  get(
    hash: Uint8Array,
    context?: ReadContext,
  ): Promise<Uint8Array | undefined>;
  /**
   * Tells how much memory reading a chunk takes, without reading it. A caller
   * that bounds its memory asks before `get`. Never throws.
   *
   * @param hash 32 bytes.
   * @returns Bytes at most, 0 when the chunk is not held, `undefined` when only
   * reading can tell.
   */
  sizeOf?(hash: Uint8Array): number | undefined;
  /**
   * Gets chunks at hand, where they may have to come from elsewhere first. A
   * caller that takes memory or a turn to read them calls this before, so that
   * `get` does not keep it waiting. Stores that have all their chunks at hand
   * do without.
   *
   * @param hashes 32 bytes each.
   * @param context Its signal ends the work, which is ahead of the iteration by
   * a bounded number of bytes.
   * @returns For each hash in order, as soon as it is known, whether it is worth
   * calling `get`.
   */
  prepare?(
    hashes: readonly Uint8Array[],
    context: ReadContext,
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
