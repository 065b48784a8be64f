import type { BlobRef } from "../../content/mod.ts";
import {
  type ChunkState,
  decodeChangeQuery,
  encodeContentChanges,
} from "../protocol/change_query.ts";
import type { RpcHandler } from "./rpc_handler.ts";

/** What knows of the content of a node how it was and how it is. */
export interface ChangingContent {
  /** What became of a chunk that was published. */
  stateOf(hash: Uint8Array): ChunkState;
  /**
   * Publishes again what was published under a reference, if that is wanted and
   * something has changed.
   *
   * @param ref BLAKE3 of the encoded reference.
   * @returns What it is published under now; `undefined` when that is nothing
   * new.
   */
  refresh?(ref: Uint8Array): Promise<BlobRef | undefined>;
}

/**
 * Makes the procedure `content.changes` of a node: why a chunk that was
 * published is not held any more, and under which reference its tree was
 * published again.
 *
 * The new reference is told to those that name the old one: who knows the hash
 * of one file learns nothing of the tree it lies in.
 *
 * @param content What the node serves.
 * @returns To be offered as `rpc: { "content.changes": … }`.
 *
 * @example
 * ```ts
 * import type { SourceStore } from "../../store/mod.ts";
 * import { CONTENT_CHANGES } from "../protocol/change_query.ts";
 * import { changeProcedure } from "./change_procedure.ts";
 *
 * const options = (store: SourceStore) => ({
 *   rpc: { [CONTENT_CHANGES]: changeProcedure(store) },
 * });
 * ```
 */
export function changeProcedure(content: ChangingContent): RpcHandler {
  return async (_name, body) => {
    const { ref, hashes } = decodeChangeQuery(body);
    const states = hashes.map((hash) => content.stateOf(hash));
    const successor = await content.refresh?.(ref);
    return encodeContentChanges({
      states,
      ...(successor !== undefined && { successor }),
    });
  };
}
