/** Building Tree blobs, for content that is too large for a list of chunks. */

import { CHUNK_MAX, TREE_DEPTH_MAX, TREE_FANOUT } from "../limits.ts";
import {
  type ChunkRef,
  makeTree,
  refDecodeError,
  REPLICATED,
  type TreeRef,
} from "./blob_ref.ts";
import { blake3 } from "./hash.ts";
import { toHex } from "../text/hex.ts";
import { encodeTreeNode, type TreeChild, type TreeNode } from "./tree_node.ts";

/**
 * Takes a chunk or a tree node. `bytes` stay the giver's: they must not be
 * transferred, and may be overwritten once the sink has resolved.
 */
export type ChunkSink = (
  hash: Uint8Array,
  bytes: Uint8Array,
) => void | Promise<void>;

/**
 * Makes a Tree of chunks as they come. Nodes are filled from the left and handed
 * out as soon as they are full, so that at most 128 entries of each level are
 * held.
 */
export class TreeBuilder {
  readonly #onNode: ChunkSink;
  /** Chunks of the leaf being filled. */
  #chunks: ChunkRef[] = [];
  /** Children of the internal nodes being filled, the lowest level first. */
  readonly #levels: TreeChild[][] = [];
  #total = 0n;

  /**
   * Starts an empty tree.
   *
   * @param onNode Stores a node under its hash, like a chunk; children come
   * before their parents.
   */
  constructor(onNode: ChunkSink) {
    this.#onNode = onNode;
  }

  /**
   * Adds the next chunk of the content.
   *
   * @throws {RefError} When it is empty, larger than 16 MiB, or one too many.
   */
  async add(chunk: ChunkRef): Promise<void> {
    if (chunk.size < 1 || chunk.size > CHUNK_MAX) {
      throw refDecodeError(
        `tree chunk has size ${chunk.size} (expected 1..=${CHUNK_MAX})`,
      );
    }
    this.#chunks.push(chunk);
    this.#total += BigInt(chunk.size);
    if (this.#chunks.length === TREE_FANOUT) await this.#endLeaf();
  }

  /**
   * Ends the content.
   *
   * @returns The reference, once its nodes are handed out; its URI is `mesh://`
   * and the hex of the root's hash.
   * @throws {RefError} When there was no chunk.
   */
  async finish(): Promise<TreeRef> {
    if (this.#chunks.length > 0) await this.#endLeaf();
    for (let level = 0; level < this.#levels.length; level++) {
      const isTop = level === this.#levels.length - 1;
      const children = this.#levels[level];
      if (isTop && children.length === 1) {
        const { hash } = children[0];
        return makeTree(
          `mesh://${toHex(hash)}`,
          REPLICATED,
          hash,
          this.#total,
          level + 1,
        );
      }
      if (children.length > 0) await this.#endInternal(level);
    }
    throw refDecodeError(
      "tree total_size must be > 0; empty payloads use BlobRef::Small",
    );
  }

  async #endLeaf(): Promise<void> {
    const chunks = this.#chunks;
    this.#chunks = [];
    const size = chunks.reduce((sum, chunk) => sum + chunk.size, 0);
    await this.#emit({ kind: "leaf", chunks }, BigInt(size), 0);
  }

  async #endInternal(level: number): Promise<void> {
    const children = this.#levels[level];
    this.#levels[level] = [];
    const size = children.reduce((sum, child) => sum + child.size, 0n);
    await this.#emit({ kind: "internal", children }, size, level + 1);
  }

  /** Hands a node out and enters it as a child of `level`. */
  async #emit(node: TreeNode, size: bigint, level: number): Promise<void> {
    if (level === TREE_DEPTH_MAX) {
      throw refDecodeError(`tree needs a depth above ${TREE_DEPTH_MAX}`);
    }
    const bytes = encodeTreeNode(node);
    const hash = blake3(bytes);
    await this.#onNode(hash, bytes);
    const siblings = this.#levels[level] ??= [];
    siblings.push({ hash, size });
    if (siblings.length === TREE_FANOUT) await this.#endInternal(level);
  }
}
