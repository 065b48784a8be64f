import type { HashCache } from "./hash_cache.ts";
import type { PublishNotesOptions } from "./publish_notes.ts";

/**
 * How far {@linkcode storeBlob}, {@linkcode storeDir} or
 * {@linkcode SourceStore.of} has come.
 */
export interface PublishProgress {
  /** Path of what is being read: below the root of a tree, else as it was given. */
  path: string;
  /** Files read to their end. */
  files: number;
  /** Bytes read. */
  bytes: number;
  /** Files in the end, where they were counted beforehand. */
  totalFiles?: number;
  /** Bytes in the end, where they were counted beforehand. */
  totalBytes?: number;
}

/** Options of everything that reads files in order to publish them. */
export interface PublishOptions extends PublishNotesOptions {
  /** Ends the work; its reason is thrown. Chunks stored before stay. */
  signal?: AbortSignal;
  /**
   * Threads that hash, once there is enough to do; 1 is that of the caller.
   *
   * @default {1}
   */
  jobs?: number;
  /**
   * Remembers hashes: files that have not changed since they were hashed are not
   * read again. The caller saves it.
   */
  hashCache?: HashCache;
  /** Told after every chunk and every file. */
  onProgress?: (progress: PublishProgress) => void;
}
