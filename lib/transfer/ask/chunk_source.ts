/** What a fetch needs of a place that has chunks, be it one or several. */

import type {
  FetchChunkOptions,
  ReceivedChunks,
  WantedChunk,
} from "./chunk_fetcher.ts";

/** A chunk that is looked for. */
export interface SoughtChunk {
  readonly hash: Uint8Array;
  /** Its length; `undefined` where only who has it can tell. */
  readonly size: number | undefined;
  /** Longest that it may be, where its length is not known. @default {CHUNK_MAX} */
  readonly maxSize?: number;
}

/** What becomes of many chunks that are looked for one by one. */
export interface EachChunk {
  /** Takes the bytes of one; fails when they are not the ones wanted. */
  use(index: number, bytes: Uint8Array): Promise<void>;
  /** Told why one cannot be had; its own failure ends the rest. */
  lose(index: number, error: unknown): Promise<void>;
}

/**
 * Where the chunks of a fetch come from. Any number of calls may run at once.
 *
 * Bytes are handed to a function as they came: nobody has verified them before
 * it does. One that fails with a `HashMismatchError` says that they are wrong,
 * and is called again with others where there are any; whatever else it fails
 * with ends the call. So wrong bytes are led back to who sent them without being
 * hashed twice.
 */
export interface ChunkSource {
  /** Fetches one chunk; zeros need no request. */
  fetchChunk<T>(
    wanted: SoughtChunk,
    options: FetchChunkOptions,
    use: (bytes: Uint8Array) => T | Promise<T>,
  ): Promise<T>;
  /** Fetches many small chunks at once. */
  fetchMany<T>(
    wanted: readonly WantedChunk[],
    options: FetchChunkOptions,
    use: (received: ReceivedChunks) => T | Promise<T>,
  ): Promise<T>;
  /**
   * Fetches many small chunks of which some may not be there. Those that fail
   * for a reason of their own are done without.
   */
  fetchEach(
    wanted: readonly WantedChunk[],
    options: FetchChunkOptions,
    each: EachChunk,
  ): Promise<void>;
  /** Tells which of up to `GET_MANY_MAX` chunks are said to be there. */
  have(
    hashes: Uint8Array[],
    options: FetchChunkOptions,
  ): Promise<boolean[]>;
}

/** What is used as it is, by who verifies it later. */
export function asReceived<T>(received: T): T {
  return received;
}
