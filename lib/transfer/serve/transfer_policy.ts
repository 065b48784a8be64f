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
import type {
  TransferRegistry,
  TransferRow,
} from "../protocol/transfer_registry.ts";

/** Bytes of a foreign hash that everybody may see: 16 hex digits. */
const HASH_SHOWN = 8;

/**
 * A peer that is allowed something: none, every attached one (it has the
 * pre-shared key), or the holder of one X25519 public key.
 */
export type Principal = "none" | "psk" | Uint8Array;

/** What principals may do; several of one list add up. */
export interface TransferPolicy {
  /**
   * Those that may list transfers and see their status, with whole hashes.
   *
   * @default {all that attach; of what others caused only how a hash begins}
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
 * A hash is enough to fetch what it names. So without a list peers see of the
 * transfers of others the first {@linkcode HASH_SHOWN} bytes of it, and zeros.
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
  const mayKnow = allows(policy.list ?? []);
  const mayCancel = allows(policy.cancel ?? ["none"]);
  const shown = (row: TransferRow, publicKey: Uint8Array): TransferRow =>
    mayKnow(publicKey) || registry.isOwnedBy(row.transferId, publicKey)
      ? row
      : { ...row, hash: beginning(row.hash) };

  return (_name, body, { remote: { publicKey } }) => {
    const query = transferQuery.decode(body);
    if (query.kind === "list") {
      if (!mayList(publicKey)) throw refusal("list its transfers");
      const rows = registry.list(query.all ? undefined : "fetching")
        .map((row) => shown(row, publicKey));
      return transferList.encode({ count: BigInt(rows.length), rows });
    }
    const { transferId } = query;
    const own = registry.isOwnedBy(transferId, publicKey);
    const row = registry.status(transferId);
    if (query.kind === "status") {
      if (!own && !mayList(publicKey)) throw refusal("look at its transfers");
      return transferStatus.encode(row && shown(row, publicKey));
    }
    const allowed = own || mayCancel(publicKey);
    if (!allowed && (row !== undefined || !mayList(publicKey))) {
      throw refusal("cancel this transfer");
    }
    return transferCancelled.encode(allowed && registry.cancel(transferId));
  };
}

/** As much of a hash as recognises it, and does not fetch it. */
function beginning(hash: Uint8Array): Uint8Array {
  const shown = new Uint8Array(hash.length);
  shown.set(hash.subarray(0, HASH_SHOWN));
  return shown;
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
