/** Building the reference of content from its chunks as they come. */

import { BLOB_SIZE_MAX } from "../limits.ts";
import {
  type BlobRef,
  type ChunkRef,
  makeManifest,
  makeSmall,
  refDecodeError,
  REPLICATED,
} from "./blob_ref.ts";
import { type ChunkSink, TreeBuilder } from "./build_tree.ts";

/**
 * Makes the reference that content of fixed-size chunks has: a Small of one
 * chunk, a Manifest of several, and above 16 GiB a Tree.
 */
export class RefBuilder {
  readonly #uri: string;
  readonly #onNode: ChunkSink | undefined;
  #chunks: ChunkRef[] = [];
  #tree: TreeBuilder | undefined;
  #total = 0;

  /**
   * Starts without a chunk.
   *
   * @param uri What a Small or a Manifest says where it comes from; a Tree says
   * `mesh://` and the hash of its root.
   * @param onNode Stores the nodes of a Tree, like chunks. Without it content
   * above 16 GiB is refused.
   */
  constructor(uri: string, onNode?: ChunkSink) {
    this.#uri = uri;
    this.#onNode = onNode;
  }

  /**
   * Adds the next chunk: 4 MiB, or less if it is the last one; empty content is
   * one empty chunk.
   *
   * @throws {RefError} When the content thereby passes 16 GiB and there is no
   * `onNode`.
   */
  async add(chunk: ChunkRef): Promise<void> {
    this.#total += chunk.size;
    if (this.#tree === undefined && this.#total > BLOB_SIZE_MAX) {
      await this.#startTree();
    }
    if (this.#tree === undefined) this.#chunks.push(chunk);
    else await this.#tree.add(chunk);
  }

  /**
   * Ends the content.
   *
   * @throws {RefError} When the chunks do not make a reference.
   */
  async finish(): Promise<BlobRef> {
    if (this.#tree !== undefined) return await this.#tree.finish();
    const [first, ...more] = this.#chunks;
    return first !== undefined && more.length === 0
      ? makeSmall(this.#uri, first.hash, first.size)
      : makeManifest(this.#uri, REPLICATED, this.#chunks);
  }

  async #startTree(): Promise<void> {
    if (this.#onNode === undefined) {
      throw refDecodeError(
        `payload of ${this.#total} bytes or more exceeds cap ${BLOB_SIZE_MAX}`,
      );
    }
    this.#tree = new TreeBuilder(this.#onNode);
    for (const chunk of this.#chunks) await this.#tree.add(chunk);
    this.#chunks = [];
  }
}
