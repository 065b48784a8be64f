import type { Session } from "../../mesh/mod.ts";
import {
  decodeDownloads,
  type DownloadRow,
  NODE_DOWNLOADS,
} from "../protocol/download_query.ts";
import { UnknownProcedureError } from "../protocol/transfer_error.ts";
import { callRpc, type CallRpcOptions } from "./call_rpc.ts";

/**
 * Lists what is fetched from a node, one row for each fetch.
 *
 * @param session The session with the node.
 * @returns The rows; `undefined` when it knows no such list.
 * @throws {TransferError} Of kind `permission` when it does not let us.
 *
 * @example
 * ```ts
 * import type { Session } from "../../mesh/session.ts";
 * import { listDownloads } from "./list_downloads.ts";
 *
 * async function show(session: Session) {
 *   for (const { name, bytes } of await listDownloads(session) ?? []) {
 *     console.log(name, bytes);
 *   }
 * }
 * ```
 */
export async function listDownloads(
  session: Session,
  options: CallRpcOptions = {},
): Promise<DownloadRow[] | undefined> {
  const none = new Uint8Array();
  try {
    return decodeDownloads(
      await callRpc(session, NODE_DOWNLOADS, none, options),
    );
  } catch (error) {
    if (error instanceof UnknownProcedureError) return undefined;
    throw error;
  }
}
