/**
 * Where a download gets its chunks from. The bytes are as the source gave
 * them: whoever writes or uses them checks their BLAKE3.
 *
 * @module
 */

import type { ErrorField } from "../../errors.ts";

/** One chunk wanted, with its declared length. */
export interface WantedChunk {
  /** BLAKE3 of the chunk, 32 bytes. */
  readonly hash: Uint8Array;
  /** Its length in bytes. */
  readonly size: number;
}

/** How a chunk is called in errors. */
export interface ChunkLabel {
  /** For people, for example `chunk 3 of docs/a.txt`. */
  readonly text: string;
  /** For machine-readable output. */
  readonly fields: Readonly<Record<string, ErrorField>>;
}

/** How chunks are fetched. */
export interface FetchChunkOptions {
  /** Ends the request at once. */
  signal?: AbortSignal;
  /** Names the chunk in errors; `index` counts in the list asked for. */
  label?: (index: number) => ChunkLabel;
  /** Told how many bytes of content a read has brought. */
  onBytes?: (count: number) => void;
  /**
   * Gives the buffer an answer is received into.
   *
   * @default {a new one}
   */
  allocate?: (length: number) => Uint8Array;
}

/** Chunks received behind each other in one buffer. */
export interface ReceivedChunks {
  /** The answers as they came, headers included. */
  readonly buffer: Uint8Array;
  /** Where in `buffer` each wanted chunk begins, in the order of asking. */
  readonly starts: number[];
}

/** Something that has chunks. */
export interface ChunkSource {
  /**
   * Fetches one chunk of known length into `target`, which it fills exactly.
   *
   * @throws {NotFoundError} When the source does not hold it.
   * @throws {ChunkLengthError} When it is announced with another length.
   */
  fetchInto(
    hash: Uint8Array,
    target: Uint8Array,
    options?: FetchChunkOptions,
  ): Promise<void>;
  /**
   * Fetches one chunk of unknown length.
   *
   * @param maxSize Longest chunk accepted, in bytes.
   * @throws {NotFoundError} When the source does not hold it.
   * @throws {ProtocolError} When more than `maxSize` is announced.
   */
  fetchChunk(
    hash: Uint8Array,
    maxSize: number,
    options?: FetchChunkOptions,
  ): Promise<Uint8Array>;
  /**
   * Fetches many small chunks with one request.
   *
   * @throws {NotFoundError} When the source lacks one.
   * @throws {ChunkLengthError} When one is announced with another length.
   */
  fetchMany(
    wanted: readonly WantedChunk[],
    options?: FetchChunkOptions,
  ): Promise<ReceivedChunks>;
}
