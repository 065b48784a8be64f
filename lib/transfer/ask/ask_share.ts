import type { Session } from "../../mesh/mod.ts";
import {
  CONTENT_FETCHED,
  CONTENT_NAME,
  decodeContentName,
  decodeFetchedVerdict,
  encodeContentHash,
} from "../protocol/share_query.ts";
import { callRpc, type CallRpcOptions } from "./call_rpc.ts";

/**
 * Asks for the name of content whose ticket has none.
 *
 * @param session The session with the holder.
 * @param hash What the ticket names.
 * @throws {TransferError} When the holder does not say.
 */
export async function askContentName(
  session: Session,
  hash: Uint8Array,
  options: CallRpcOptions = {},
): Promise<string> {
  const body = encodeContentHash(hash);
  return decodeContentName(
    await callRpc(session, CONTENT_NAME, body, options),
  );
}

/**
 * Tells a holder that all of some content has arrived.
 *
 * @param session The session with the holder.
 * @param hash What the ticket names.
 * @returns Whether the holder counts it.
 * @throws {TransferError} When it does not want to know.
 */
export async function tellFetched(
  session: Session,
  hash: Uint8Array,
  options: CallRpcOptions = {},
): Promise<boolean> {
  const body = encodeContentHash(hash);
  return decodeFetchedVerdict(
    await callRpc(session, CONTENT_FETCHED, body, options),
  );
}
