/** Where a reference cuts its content, and what the parts should be. */

import { equals } from "@std/bytes/equals";
import {
  blake3,
  type BlobRef,
  blobRefSize,
  type ChunkRef,
  walkTree,
} from "../../content/mod.ts";
import { NotFoundError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { toHex } from "../../text/hex.ts";
import type { ChunkStore } from "../chunk_store.ts";
import type { ExpectedSlice } from "./wrong_slices.ts";

/** Where the nodes of Trees are, if they are at hand. */
export type NodeStore = Pick<ChunkStore, "get">;

/**
 * Whether a reference was given as a bare hash, so that nobody knows how long
 * its content is.
 */
export function isBareHash(ref: BlobRef): boolean {
  return ref.kind === "small" && ref.size === 0n &&
    !equals(ref.hash, blake3(new Uint8Array()));
}

/**
 * Whether content is cut as everything is that is published here, so that a
 * reading in such chunks tells which of them differ.
 */
export function isCutAsOurs(ref: BlobRef): boolean {
  return ref.kind === "manifest" ||
    ref.kind === "small" && ref.size <= BigInt(CHUNK_SIZE) && !isBareHash(ref);
}

/**
 * The parts of the content of a reference that says how long it is.
 *
 * @param nodes Where the nodes of a Tree are.
 * @throws {NotFoundError} When a node is not there.
 * @throws {ManifestError} When one breaks the format.
 */
export async function* expectedSlices(
  ref: BlobRef,
  nodes: NodeStore | undefined,
): AsyncGenerator<ExpectedSlice, void, undefined> {
  let offset = 0;
  for await (const { hash, size } of chunksOf(ref, nodes)) {
    yield { offset, length: size, hash };
    offset += size;
  }
}

function chunksOf(
  ref: BlobRef,
  nodes: NodeStore | undefined,
): Iterable<ChunkRef> | AsyncIterable<ChunkRef> {
  switch (ref.kind) {
    case "small":
      return [{ hash: ref.hash, size: Number(blobRefSize(ref)) }];
    case "manifest":
      return ref.chunks;
    case "tree":
      return walkTree(ref, async (hash) => {
        const node = await nodes?.get(hash);
        if (node !== undefined) return node;
        throw new NotFoundError(`tree node ${toHex(hash)} is not at hand`);
      });
  }
}
