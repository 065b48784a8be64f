/** What a place without a session must be able to do to be a source. */

/** How {@linkcode ChunkReader.read} reads. */
export interface ReadChunkOptions {
  /** Ends the reading. */
  readonly signal?: AbortSignal;
  /** Told how many more bytes have come; less than nothing when it begins anew. */
  readonly onBytes?: (count: number) => void;
}

/**
 * Reads chunks by hash from somewhere: a mirror, an object store, another
 * program.
 *
 * Nothing it gives is believed: every chunk is verified before it is used.
 *
 * @example
 * ```ts
 * import type { ChunkReader } from "./chunk_reader.ts";
 * import { toHex } from "../../text/hex.ts";
 *
 * // Chunks that lie in a directory, each in a file by the name of its hash.
 * const reader: ChunkReader = {
 *   name: "/mnt/chunks",
 *   async read(hash, _size, { signal, onBytes } = {}) {
 *     const path = `/mnt/chunks/${toHex(hash)}`;
 *     try {
 *       const bytes = await Deno.readFile(path, { signal });
 *       onBytes?.(bytes.length);
 *       return bytes;
 *     } catch (error) {
 *       if (error instanceof Deno.errors.NotFound) return undefined;
 *       throw error;
 *     }
 *   },
 * };
 * ```
 */
export interface ChunkReader {
  /** What it is called in messages and results: without secrets. */
  readonly name: string;
  /**
   * Reads a chunk.
   *
   * @param hash 32 bytes.
   * @param size Its length, where that is known.
   * @param options How.
   * @returns Its bytes, which need not be verified; `undefined` when it is not
   * there.
   * @throws {TransferError} When it cannot be told: a `protocol` or
   * `hash_mismatch` error is a lie, `timeout` and `peer_closed` mean that the
   * place is out of reach.
   */
  read(
    hash: Uint8Array,
    size: number | undefined,
    options?: ReadChunkOptions,
  ): Promise<Uint8Array | undefined>;
  /**
   * Tells cheaply whether a chunk is there. Without it a preview takes every
   * chunk to be.
   *
   * @param hash 32 bytes.
   * @param options Its signal ends the asking.
   */
  has?(
    hash: Uint8Array,
    options?: { readonly signal?: AbortSignal },
  ): Promise<boolean>;
}
