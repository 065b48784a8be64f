/** Queries of what a node is transferring. */

import type { Session } from "../../mesh/mod.ts";
import { callRpc, type CallRpcOptions } from "./call_rpc.ts";
import {
  BLOB_TRANSFERS,
  transferCancelled,
  type TransferList,
  transferList,
  type TransferQuery,
  transferQuery,
  transferStatus as statusMessage,
} from "../protocol/transfer_query.ts";
import type { TransferRow } from "../protocol/transfer_registry.ts";

/** How {@linkcode listTransfers} asks. */
export interface ListTransfersOptions extends CallRpcOptions {
  /**
   * Whether those that the node serves are wanted, too.
   *
   * @default {false}
   */
  all?: boolean;
}

function send(
  session: Session,
  query: TransferQuery,
  options: CallRpcOptions,
): Promise<Uint8Array> {
  return callRpc(session, BLOB_TRANSFERS, transferQuery.encode(query), options);
}

/**
 * Lists the transfers that run on the peer.
 *
 * @throws {TransferError} Of kind `permission` when it does not let us.
 *
 * @example
 * ```ts
 * import type { Session } from "../../mesh/session.ts";
 * import { listTransfers } from "./query_transfers.ts";
 *
 * async function show(session: Session) {
 *   const { rows } = await listTransfers(session, { all: true });
 *   for (const { transferId, bytesReceived } of rows) {
 *     console.log(transferId, bytesReceived);
 *   }
 * }
 * ```
 */
export async function listTransfers(
  session: Session,
  options: ListTransfersOptions = {},
): Promise<TransferList> {
  const query: TransferQuery = { kind: "list", all: options.all ?? false };
  return transferList.decode(await send(session, query, options));
}

/**
 * Looks at one transfer of the peer.
 *
 * @returns Its row, or `undefined` when none of that id runs.
 * @throws {TransferError} Of kind `permission` when it does not let us.
 */
export async function transferStatus(
  session: Session,
  transferId: bigint,
  options: CallRpcOptions = {},
): Promise<TransferRow | undefined> {
  const query: TransferQuery = { kind: "status", transferId };
  return statusMessage.decode(await send(session, query, options));
}

/**
 * Ends one transfer of the peer, and with it the download that it belongs to.
 *
 * @returns Whether one of that id ran.
 * @throws {TransferError} Of kind `permission` when it does not let us.
 */
export async function cancelTransfer(
  session: Session,
  transferId: bigint,
  options: CallRpcOptions = {},
): Promise<boolean> {
  const query: TransferQuery = { kind: "cancel", transferId };
  return transferCancelled.decode(await send(session, query, options));
}
