import { PermissionError } from "../../errors.ts";
import type { Node } from "../../mesh/mod.ts";
import { decodeRateQuery, encodeRates } from "../protocol/rate_query.ts";
import type { RpcHandler } from "./rpc_handler.ts";
import { allows, type Principal } from "./transfer_policy.ts";

/** Who may do what with the limits of a node. */
export interface RatePolicy {
  /**
   * Those that may look at them.
   *
   * @default {["psk"]}
   */
  look?: readonly Principal[];
  /**
   * Those that may change them, and look at them.
   *
   * @default {["none"]}
   */
  change?: readonly Principal[];
}

/**
 * Makes the procedure `node.rates` of a node: the limits on what it sends, and
 * their change while it runs.
 *
 * @param node Whose limits.
 * @param policy Who may; a peer is known by the key that its handshake proved.
 * @param onChange Told of each change and of the key that caused it.
 * @returns To be offered as `rpc: { "node.rates": … }`.
 *
 * @example
 * ```ts
 * import type { Node } from "../../mesh/mod.ts";
 * import { NODE_RATES } from "../protocol/rate_query.ts";
 * import { rateProcedure } from "./rate_procedure.ts";
 *
 * const options = (node: Node) => ({
 *   rpc: { [NODE_RATES]: rateProcedure(node, { change: ["psk"] }) },
 * });
 * ```
 */
export function rateProcedure(
  node: Pick<Node, "rates" | "limitRates">,
  policy: RatePolicy = {},
  onChange: (publicKey: Uint8Array) => void = () => {},
): RpcHandler {
  const mayLook = allows(policy.look ?? ["psk"]);
  const mayChange = allows(policy.change ?? ["none"]);

  return (_name, body, { remote: { publicKey } }) => {
    const change = decodeRateQuery(body);
    const isChange = Object.keys(change).length > 0;
    if (!mayChange(publicKey) && (isChange || !mayLook(publicKey))) {
      throw new PermissionError(
        `the node does not let this key ${
          isChange ? "change" : "look at"
        } its limits`,
      );
    }
    if (isChange) {
      node.limitRates({ ...node.rates, ...change });
      onChange(publicKey);
    }
    return encodeRates(node.rates);
  };
}
