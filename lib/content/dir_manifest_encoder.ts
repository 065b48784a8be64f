/**
 * Encoding a directory manifest entry by entry.
 *
 * @module
 */

import {
  DIR_MANIFEST_VERSION,
  type DirEntry,
  writeDirEntry,
} from "./dir_manifest.ts";
import { PostcardWriter } from "./postcard.ts";

/** Room an encoder has at most for what comes, in bytes. */
const SPARE_MAX = 128 * 1024;

/**
 * Encodes a manifest whose entries come one at a time, and gives it away in
 * parts, so that it is never in memory whole.
 *
 * @example
 * ```ts
 * import { DirManifestEncoder } from "./dir_manifest_encoder.ts";
 *
 * const encoder = new DirManifestEncoder(1);
 * encoder.add({ path: "docs", kind: { type: "dir", mode: 0o40755 } });
 * encoder.take(); // all, or what was added since the last time
 * ```
 */
export class DirManifestEncoder {
  #writer = new PostcardWriter();

  /**
   * Begins a manifest.
   *
   * @param count How many entries will be added.
   */
  constructor(count: number) {
    this.#writer.u8(DIR_MANIFEST_VERSION);
    this.#writer.u64(count);
  }

  /** Bytes that {@linkcode DirManifestEncoder.take} would give. */
  get length(): number {
    return this.#writer.length;
  }

  /** Adds the next entry. */
  add(entry: DirEntry): void {
    writeDirEntry(this.#writer, entry);
  }

  /** Gives away the bytes since the last time. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#writer.finish();
    this.#writer = new PostcardWriter(Math.min(bytes.length, SPARE_MAX));
    return bytes;
  }
}
