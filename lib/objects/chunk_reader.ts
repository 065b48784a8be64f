/** What a mirror or an object store offers to who verifies chunks itself. */

import type { ChunkStore } from "../store/mod.ts";

/** How {@linkcode ChunkReader.read} reads. */
export interface ReadChunkOptions {
  /** Ends the reading. */
  readonly signal?: AbortSignal;
  /** Told how many more bytes have come; less than nothing when it begins anew. */
  readonly onBytes?: (count: number) => void;
  /**
   * Called before the bytes are taken from the network, with the most that they
   * can be: a caller that bounds its memory waits here. Called again when the
   * request has to be made again.
   */
  readonly beforeBody?: (most: number) => Promise<void>;
}

/** Chunks over HTTP. */
export interface ChunkReader extends ChunkStore {
  /** What it is called in messages and results: a URL without secrets. */
  readonly name: string;
  /**
   * Reads a chunk without hashing it, for a caller that verifies what it writes
   * anyway.
   *
   * @param hash 32 bytes.
   * @param size Its length, where that is known: then nothing longer is taken,
   * and nothing shorter returned.
   * @returns The bytes, which nobody has verified; `undefined` when it is not
   * held.
   * @throws {TimeoutError} When nothing comes for too long.
   * @throws {PeerClosedError} When it cannot be reached, or fails again and
   * again.
   * @throws {PermissionError} When it does not let us, or our own sandbox does
   * not.
   * @throws {ProtocolError} When what comes is no chunk, or of another length.
   */
  read(
    hash: Uint8Array,
    size: number | undefined,
    options?: ReadChunkOptions,
  ): Promise<Uint8Array | undefined>;
}
