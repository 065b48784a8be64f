import { toHex } from "../text/hex.ts";

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
  needsBytes?(chunks: readonly Uint8Array[]): boolean | Promise<boolean>;
  /** Takes a chunk of a file that was not read. */
  known?(
    file: number,
    offset: number,
    hash: Uint8Array,
    length: number,
  ): void | Promise<void>;
  /**
   * Told of a file before its first chunk, or between: that its bytes are those
   * of the stamp it was listed with, which every later change will change.
   */
  clean?(file: number): void;
  /** Takes a chunk that lies in no file: of a manifest, or a tree node. */
  node(hash: Uint8Array, bytes: Uint8Array): void | Promise<void>;
}

/** The URI of content that is called by the hash of all its bytes. */
export function contentUri(hash: Uint8Array): string {
  return `mesh://${toHex(hash)}`;
}
