import { toHex } from "../text/hex.ts";
import type { ChunkHash } from "./hash_table.ts";

/** Takes what a publisher reads and makes. */
export interface PublishSink {
  /** Takes a chunk of a file; `bytes` are overwritten after the sink has resolved. */
  chunk(
    file: number,
    offset: number,
    hash: Uint8Array,
    bytes: Uint8Array,
  ): void | Promise<void>;
  /**
   * Tells whether the bytes of a file are needed whose hashes are known; without
   * it they are not.
   */
  needsBytes?(chunks: readonly ChunkHash[]): boolean | Promise<boolean>;
  /** Takes a chunk of a file that was not read. */
  known?(
    file: number,
    offset: number,
    chunk: ChunkHash,
    length: number,
  ): void | Promise<void>;
  /** Takes a chunk that lies in no file: of a manifest, or a tree node. */
  node(hash: Uint8Array, bytes: Uint8Array): void | Promise<void>;
}

/** The URI of content that is called by the hash of all its bytes. */
export function contentUri(hash: Uint8Array): string {
  return `mesh://${toHex(hash)}`;
}
