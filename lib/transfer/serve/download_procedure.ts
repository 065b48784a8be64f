import { equals } from "@std/bytes/equals";
import { PermissionError } from "../../errors.ts";
import {
  type DownloadRow,
  encodeDownloads,
} from "../protocol/download_query.ts";
import type { RpcHandler } from "./rpc_handler.ts";
import { allows, type Principal } from "./transfer_policy.ts";

/** A fetch that a node serves, and whose it is. */
export interface ServedDownload extends DownloadRow {
  /** The key of the peer that fetches. */
  readonly publicKey: Uint8Array;
}

/**
 * Makes the procedure `node.downloads` of a node: what is fetched from it, one
 * row for each fetch.
 *
 * Who is on no list learns what others fetch by its name, which is enough to
 * recognise it and not to fetch it, but not where they are.
 *
 * @param list The fetches as they are now.
 * @param permitted Those that may list: as of `blob.transfers`.
 * @returns To be offered as `rpc: { "node.downloads": … }`.
 *
 * @example
 * ```ts
 * import { NODE_DOWNLOADS } from "../protocol/download_query.ts";
 * import { downloadProcedure } from "./download_procedure.ts";
 *
 * const options = {
 *   rpc: { [NODE_DOWNLOADS]: downloadProcedure(() => []) },
 * };
 * ```
 */
export function downloadProcedure(
  list: () => readonly ServedDownload[],
  permitted?: readonly Principal[],
): RpcHandler {
  const mayList = allows(permitted ?? ["psk"]);
  const mayKnow = allows(permitted ?? []);
  return (_name, _body, { remote: { publicKey } }) => {
    if (!mayList(publicKey)) {
      throw new PermissionError(
        "the node does not let this key list its transfers",
      );
    }
    const rows = list().map(({ publicKey: owner, ...row }) => {
      if (mayKnow(publicKey) || equals(owner, publicKey)) return row;
      return { ...row, address: "" };
    });
    return encodeDownloads(rows);
  };
}
