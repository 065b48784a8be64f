import type { NodeRates, Session } from "../../mesh/mod.ts";
import {
  decodeRates,
  encodeRateQuery,
  NODE_RATES,
} from "../protocol/rate_query.ts";
import { callRpc, type CallRpcOptions } from "./call_rpc.ts";

/**
 * Looks at the limits on what the peer sends, or changes them while it runs.
 *
 * @param session The session with the node.
 * @param change The limits to change, in bytes per second, infinite for none;
 * without it they are looked at.
 * @returns The limits as they are now.
 * @throws {TransferError} Of kind `permission` when it does not let us.
 *
 * @example
 * ```ts
 * import type { Session } from "../../mesh/session.ts";
 * import { limitRates } from "./limit_rates.ts";
 *
 * async function slowDown(session: Session) {
 *   const { total } = await limitRates(session, { total: 1024 * 1024 });
 *   console.log(total); // 1048576
 * }
 * ```
 */
export async function limitRates(
  session: Session,
  change: Partial<NodeRates> = {},
  options: CallRpcOptions = {},
): Promise<NodeRates> {
  const query = encodeRateQuery(change);
  return decodeRates(await callRpc(session, NODE_RATES, query, options));
}
