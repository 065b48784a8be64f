import type { ParentTrust } from "../os/safe_ancestors.ts";

/** Options of `DiskStore.open`. */
export interface DiskStoreOptions extends ParentTrust {
  /**
   * Whether every chunk is on the disk, not only in the system's cache, before
   * `put` resolves. Without it a killed process loses nothing, and after a power
   * failure the newest chunks may be gone or damaged; those are then not held
   * and storing them again repairs them.
   *
   * @default {false}
   */
  fsync?: boolean;
  /**
   * Whether a directory that does not exist is an error; else the first chunk
   * makes it.
   *
   * @default {false}
   */
  mustExist?: boolean;
  /** Told, in one sentence, when a chunk turns out to be damaged. */
  onProblem?: (message: string) => void;
}
