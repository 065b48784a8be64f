import { blake3, type BlobRef, encodeBlobRef } from "../../content/mod.ts";
import { TransferError } from "../../errors.ts";
import { GET_MANY_MAX } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import {
  CONTENT_CHANGES,
  type ContentChanges,
  decodeContentChanges,
  encodeChangeQuery,
} from "../protocol/change_query.ts";
import { callRpc, type CallRpcOptions } from "./call_rpc.ts";

/**
 * Asks what has become of content that the peer lacks a part of.
 *
 * @param session The holder.
 * @param ref The reference of the content.
 * @param hashes Chunks that it does not have; about the first
 * {@linkcode GET_MANY_MAX} it is asked.
 * @returns `undefined` when it does not say.
 */
export async function askChanges(
  session: Session,
  ref: BlobRef,
  hashes: readonly Uint8Array[],
  options: CallRpcOptions = {},
): Promise<ContentChanges | undefined> {
  const some = hashes.slice(0, GET_MANY_MAX);
  const query = { ref: blake3(encodeBlobRef(ref)), hashes: some };
  const body = encodeChangeQuery(query);
  try {
    const answer = await callRpc(session, CONTENT_CHANGES, body, options);
    return decodeContentChanges(answer, some.length);
  } catch (error) {
    // What is missing is missing, whether or not anybody says why.
    if (error instanceof TransferError) return undefined;
    throw error;
  }
}
