import {
  blake3,
  type BlobRef,
  chunkStream,
  combineTrees,
  type NamedPart,
} from "../content/mod.ts";
import { StoreError } from "../errors.ts";
import type { WritableChunkStore } from "./chunk_store.ts";
import { contentUri } from "./publish_sink.ts";
import type { PublishedRef, SourceStore } from "./source_store.ts";
import { readManifestIn } from "./verify/manifest_at_hand.ts";

/** Something that is published, and what it is called in the one tree. */
export interface NamedSource
  extends Pick<PublishedRef, "kind" | "ref">, Pick<NamedPart, "name" | "mode"> {
}

/**
 * Makes one directory of several files and directories that are published.
 *
 * @param store What publishes them.
 * @param sources What it is to hold, each under its own name.
 * @param made Takes the chunks of its manifest; serve it with the rest.
 * @returns The reference of the directory.
 * @throws {ManifestError} When there is too much of it for one directory.
 */
export async function combineSources(
  store: Pick<SourceStore, "get">,
  sources: readonly NamedSource[],
  made: WritableChunkStore,
): Promise<BlobRef> {
  const parts: NamedPart[] = [];
  for (const { name, mode, kind, ref } of sources) {
    if (kind === "blob") {
      parts.push({ name, mode, kind, ref });
      continue;
    }
    const manifest = await readManifestIn(store, ref);
    if (manifest === undefined) {
      throw new StoreError("a manifest that was just made is not there");
    }
    parts.push({ name, mode, kind, manifest });
  }
  const manifest = combineTrees(parts);
  const put = (hash: Uint8Array, bytes: Uint8Array) =>
    made.put(hash, bytes.slice());
  const ref = await chunkStream(ReadableStream.from([manifest]), "", put);
  return { ...ref, uri: contentUri(blake3(manifest)) };
}
