/** A directory's manifest, where no node is asked for it. */

import { concat } from "@std/bytes/concat";
import {
  type BlobRef,
  blobRefSize,
  checkManifestStart,
  hasHash,
} from "../../content/mod.ts";
import { ManifestError, NotFoundError } from "../../errors.ts";
import { DIR_MANIFEST_MAX } from "../../limits.ts";
import type { ChunkStore } from "../chunk_store.ts";
import { expectedSlices, isBareHash } from "./expected_slices.ts";

/**
 * Reads a manifest from a store.
 *
 * @param ref The reference of a directory.
 * @returns Its bytes, which were checked; `undefined` when the store lacks some
 * of them.
 * @throws {ManifestError} When the reference is none of a directory.
 */
export async function readManifestIn(
  store: Pick<ChunkStore, "get">,
  ref: BlobRef,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  checkLength(ref);
  const parts: Uint8Array[] = [];
  try {
    for await (const { hash, length } of expectedSlices(ref, store)) {
      signal?.throwIfAborted();
      const bytes = await store.get(hash);
      if (bytes === undefined) return undefined;
      if (!isBareHash(ref) && bytes.length !== length) return undefined;
      if (parts.length === 0) {
        const size = Number(blobRefSize(ref));
        checkManifestStart(bytes, Math.max(size, bytes.length));
      }
      parts.push(bytes);
    }
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
  return concat(parts);
}

/**
 * Takes bytes for the manifest that a reference names, if they are.
 *
 * @param bytes Of somewhere.
 * @returns The same; `undefined` when they are others, or the reference is one
 * of content that only its own nodes tell.
 * @throws {ManifestError} When the reference is none of a directory.
 */
export async function manifestOf(
  ref: BlobRef,
  bytes: Uint8Array,
): Promise<Uint8Array | undefined> {
  checkLength(ref);
  if (isBareHash(ref)) {
    const isIt = ref.kind === "small" && hasHash(bytes, ref.hash);
    if (!isIt) return undefined;
  } else {
    if (BigInt(bytes.length) !== blobRefSize(ref)) return undefined;
    try {
      for await (const slice of expectedSlices(ref, undefined)) {
        const { offset, length, hash } = slice;
        if (!hasHash(bytes.subarray(offset, offset + length), hash)) {
          return undefined;
        }
      }
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }
  checkManifestStart(bytes, bytes.length);
  return bytes;
}

function checkLength(ref: BlobRef): void {
  const size = blobRefSize(ref);
  if (size <= BigInt(DIR_MANIFEST_MAX)) return;
  throw new ManifestError(
    `a directory manifest of ${size} bytes is larger than the limit of ${DIR_MANIFEST_MAX}`,
    { hint: "the reference is probably one of a file" },
  );
}
