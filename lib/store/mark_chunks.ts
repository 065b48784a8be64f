/** Which chunks of a store a reference needs. */

import { concat } from "@std/bytes/concat";
import {
  type BlobRef,
  blobRefSize,
  checkManifestStart,
  decodeBlobRef,
  decodeDirManifest,
  type DirManifest,
  walkTree,
} from "../content/mod.ts";
import { ManifestError, StoreError } from "../errors.ts";
import { DIR_MANIFEST_MAX } from "../limits.ts";
import { toHex } from "../text/hex.ts";
import type { ChunkStore } from "./chunk_store.ts";

/** A store, as far as it is needed here. */
type Reading = Pick<ChunkStore, "get">;

/**
 * Adds the hashes of all chunks that a reference needs, as hexadecimal digits.
 * A reference does not say whether it is one of a file or of a directory: where
 * its content is a directory manifest, what that names is needed, too.
 *
 * @param given Where the manifests and the nodes of chunk trees are read.
 * @param ref The reference.
 * @param marked What is added to.
 * @param signal Ends the reading.
 * @throws {StoreError} When the store lacks what would have to be read, so that
 * nobody can tell.
 */
export async function markChunks(
  given: ChunkStore,
  ref: BlobRef,
  marked: Set<string>,
  signal?: AbortSignal,
): Promise<void> {
  const store = { get: (hash: Uint8Array) => given.get(hash, { signal }) };
  const hashes = await markBlob(store, ref, marked);
  const manifest = await readAsManifest(store, ref, hashes);
  for (const { kind } of manifest?.entries ?? []) {
    if (kind.type !== "file") continue;
    const file = decodeBlobRef(kind.blob);
    if (file !== undefined) await markBlob(store, file, marked);
  }
}

/** Marks the chunks of one blob; returns their hashes in order. */
async function markBlob(
  store: Reading,
  ref: BlobRef,
  marked: Set<string>,
): Promise<readonly Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  switch (ref.kind) {
    case "small":
      hashes.push(ref.hash);
      break;
    case "manifest":
      for (const { hash } of ref.chunks) hashes.push(hash);
      break;
    case "tree": {
      const readNode = (hash: Uint8Array) => {
        marked.add(toHex(hash));
        return needed(store, hash);
      };
      for await (const { hash } of walkTree(ref, readNode)) hashes.push(hash);
    }
  }
  for (const hash of hashes) marked.add(toHex(hash));
  return hashes;
}

/** The content of a blob as a directory manifest, if it is one. */
async function readAsManifest(
  store: Reading,
  ref: BlobRef,
  hashes: readonly Uint8Array[],
): Promise<DirManifest | undefined> {
  const size = blobRefSize(ref);
  if (size > BigInt(DIR_MANIFEST_MAX) || hashes.length === 0) return undefined;
  const first = await needed(store, hashes[0]);
  const whole = [first];
  try {
    checkManifestStart(first, Math.max(Number(size), first.length));
  } catch (error) {
    if (error instanceof ManifestError) return undefined;
    throw error;
  }
  for (const hash of hashes.slice(1)) whole.push(await needed(store, hash));
  try {
    return decodeDirManifest(concat(whole));
  } catch (error) {
    // A file that begins as manifests do.
    if (error instanceof ManifestError) return undefined;
    throw error;
  }
}

async function needed(
  store: Reading,
  hash: Uint8Array,
): Promise<Uint8Array> {
  const bytes = await store.get(hash);
  if (bytes !== undefined) return bytes;
  throw new StoreError(
    `the store lacks chunk ${
      toHex(hash)
    }, which says what else a reference needs`,
    {
      hint: "store its content again, or give other references",
      fields: { hash: toHex(hash) },
    },
  );
}
