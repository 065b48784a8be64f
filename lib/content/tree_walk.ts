/**
 * Reading Tree blobs: from the root to the list of data chunks, every node
 * checked before anything in it is believed.
 */

import { ManifestError } from "../errors.ts";
import { TREE_CHUNK_LEAST, TREE_FANOUT } from "../limits.ts";
import type { ChunkRef, TreeRef } from "./blob_ref.ts";
import { verifyHash } from "./verify_hash.ts";
import { toHex } from "../text/hex.ts";
import {
  contentChunks,
  coveredBytes,
  decodeTreeNode,
  type TreeNode,
} from "./tree_node.ts";

/**
 * Walks a Tree and gives its data chunks in the order of the content. Each is
 * to be fetched and checked against its hash and size by the caller; parity
 * chunks are skipped.
 *
 * Holds one node of each level, and fetches a node when its chunks are next.
 *
 * @param ref The Tree.
 * @param fetchNode Gets the bytes stored under a hash; they are checked here.
 * @throws {HashMismatchError} When the bytes of a node are not the ones asked
 * for.
 * @throws {ManifestError} When a node is malformed, is at the wrong depth, or
 * covers other than the declared number of bytes; or when chunks are so short
 * that they would be far more requests than the content is worth.
 */
export async function* walkTree(
  ref: TreeRef,
  fetchNode: (hash: Uint8Array) => Promise<Uint8Array>,
): AsyncGenerator<ChunkRef, void, undefined> {
  const count = { chunks: 0, bytes: 0 };
  const chunks = walk(ref.rootHash, ref.totalSize, ref.depth, fetchNode);
  for await (const chunk of chunks) {
    count.chunks++;
    count.bytes += chunk.size;
    // So it is known before the request is made that is one too many.
    if (count.chunks > TREE_FANOUT + count.bytes / TREE_CHUNK_LEAST) {
      throw tooShort(ref, count);
    }
    yield chunk;
  }
}

function tooShort(
  { rootHash, totalSize }: TreeRef,
  { chunks, bytes }: { chunks: number; bytes: number },
): ManifestError {
  return new ManifestError(
    `tree walk: the tree cuts ${totalSize} bytes into too many chunks: the ` +
      `first ${chunks} have ${bytes} bytes together`,
    {
      hint: "Publish the content again, with send-blob or send-dir.",
      fields: { hash: toHex(rootHash), chunks },
    },
  );
}

/** Walks the node `hash`, which must cover `size` bytes in `residual` levels. */
async function* walk(
  hash: Uint8Array,
  size: bigint,
  residual: number,
  fetchNode: (hash: Uint8Array) => Promise<Uint8Array>,
): AsyncGenerator<ChunkRef, void, undefined> {
  const node = readNode(hash, await fetchNode(hash));
  const covered = coveredBytes(node);
  if (covered !== size) {
    throw badTree(hash, `covers ${covered} bytes instead of ${size}`);
  }
  if (node.kind !== "internal") {
    if (residual !== 1) {
      throw badTree(hash, `is a leaf ${residual - 1} levels too high`);
    }
    for (const chunk of contentChunks(node)) {
      yield { hash: chunk.hash, size: chunk.size };
    }
    return;
  }
  if (residual <= 1) {
    throw badTree(hash, "is an internal node where the leaves should be");
  }
  for (const child of node.children) {
    yield* walk(child.hash, child.size, residual - 1, fetchNode);
  }
}

function readNode(hash: Uint8Array, bytes: Uint8Array): TreeNode {
  verifyHash(bytes, hash);
  try {
    return decodeTreeNode(bytes);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw badTree(hash, `is malformed: ${error.message}`, error);
  }
}

function badTree(
  hash: Uint8Array,
  reason: string,
  cause?: unknown,
): ManifestError {
  const node = toHex(hash);
  return new ManifestError(`tree walk: node ${node} ${reason}`, {
    cause,
    fields: { hash: node },
  });
}
