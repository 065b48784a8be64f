import {
  type DirEntry,
  encodeBlobRef,
  encodeDirManifest,
  SEND_URI,
} from "../../lib/content/mod.ts";
import { chunkPayload } from "../../lib/content/testing/chunk_payload.ts";
import { DiskStore } from "../../lib/store/mod.ts";

/** A file of a manifest. */
export function fileEntry(
  path: string,
  blob: Uint8Array,
  mode = 0o644,
): DirEntry {
  return { path, kind: { type: "file", mode, blob } };
}

/** A store in which anything is staged, also what no publisher of ours would. */
export class Stage implements AsyncDisposable {
  private constructor(readonly store: DiskStore) {}

  /** Opens one in a new directory. */
  static async open(dir: string): Promise<Stage> {
    await Deno.mkdir(dir);
    return new Stage(await DiskStore.open(dir));
  }

  /** Stages a blob, or the first of its chunks; gives its reference. */
  async blob(bytes: Uint8Array, keep = Infinity): Promise<Uint8Array> {
    const { ref, chunks } = chunkPayload(bytes, SEND_URI);
    for (const { hash, bytes } of chunks.slice(0, keep)) {
      await this.store.put(hash, bytes);
    }
    return encodeBlobRef(ref);
  }

  /** Stages a manifest; gives its reference. */
  manifest(entries: DirEntry[], version = 1): Promise<Uint8Array> {
    return this.blob(encodeDirManifest({ version, entries }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.store[Symbol.asyncDispose]();
  }
}
