/**
 * Which principals may look at the transfers of a node, and which may end them.
 */

import { PermissionError } from "../../errors.ts";
import { toHex } from "../../text/hex.ts";
import type { RpcHandler } from "./rpc_handler.ts";
import {
  transferCancelled,
  transferList,
  transferQuery,
  transferStatus,
} from "../protocol/transfer_query.ts";
import type { TransferRegistry } from "../protocol/transfer_registry.ts";

/**
 * A peer that is allowed something: none, every attached one (it has the
 * pre-shared key), or the holder of one X25519 public key.
 */
export type Principal = "none" | "psk" | Uint8Array;

/** What principals may do; several of one list add up. */
export interface TransferPolicy {
  /**
   * Those that may list transfers and see their status.
   *
   * @default {["psk"]}
   */
  list?: readonly Principal[];
  /**
   * Those that may cancel the transfers that others caused.
   *
   * @default {["none"]}
   */
  cancel?: readonly Principal[];
}

/**
 * Makes the procedure `blob.transfers` of a node.
 *
 * A peer is known by the key that its handshake proved. A transfer that it
 * alone caused it may always look at and cancel. A peer that may not list is
 * not told whether an id exists either.
 *
 * @param registry What runs on the node.
 * @returns To be offered as `rpc: { "blob.transfers": … }`.
 *
 * @example
 * ```ts
 * import { BLOB_TRANSFERS } from "../protocol/transfer_query.ts";
 * import { transferProcedure } from "./transfer_policy.ts";
 * import { TransferRegistry } from "../protocol/transfer_registry.ts";
 *
 * const registry = new TransferRegistry();
 * const options = {
 *   registry,
 *   rpc: { [BLOB_TRANSFERS]: transferProcedure(registry) },
 * };
 * ```
 */
export function transferProcedure(
  registry: TransferRegistry,
  policy: TransferPolicy = {},
): RpcHandler {
  const mayList = allows(policy.list ?? ["psk"]);
  const mayCancel = allows(policy.cancel ?? ["none"]);

  return (_name, body, { remote: { publicKey } }) => {
    const query = transferQuery.decode(body);
    if (query.kind === "list") {
      if (!mayList(publicKey)) throw refusal("list its transfers");
      const rows = registry.list(query.all ? undefined : "fetching");
      return transferList.encode({ count: BigInt(rows.length), rows });
    }
    const { transferId } = query;
    const own = registry.isOwnedBy(transferId, publicKey);
    const row = registry.status(transferId);
    if (query.kind === "status") {
      if (!own && !mayList(publicKey)) throw refusal("look at its transfers");
      return transferStatus.encode(row);
    }
    const allowed = own || mayCancel(publicKey);
    if (!allowed && (row !== undefined || !mayList(publicKey))) {
      throw refusal("cancel this transfer");
    }
    return transferCancelled.encode(allowed && registry.cancel(transferId));
  };
}

/** Tells of a key whether it is on a list. */
export function allows(
  list: readonly Principal[],
): (publicKey: Uint8Array) => boolean {
  if (list.includes("psk")) return () => true;
  const keys = new Set(
    list.filter((principal) => principal instanceof Uint8Array).map(toHex),
  );
  return (publicKey) => keys.has(toHex(publicKey));
}

function refusal(what: string): PermissionError {
  return new PermissionError(`the node does not let this key ${what}`);
}
