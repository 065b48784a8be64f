/**
 * Asking a relay which nodes are attached to it.
 *
 * The procedure `relay.resolve` takes a node id (postcard `u64`) and returns the
 * X25519 static key of the attached node that has it, 32 bytes.
 */

import { PostcardReader, PostcardWriter } from "../../content/mod.ts";
import {
  HandshakeError,
  NotFoundError,
  PermissionError,
  TransferError,
} from "../../errors.ts";
import { nodeIdOf, type Relay, type Session } from "../../mesh/mod.ts";
import { callRpc, type CallRpcOptions } from "../ask/call_rpc.ts";
import { UnknownProcedureError } from "../protocol/transfer_error.ts";
import type { RpcHandler } from "./rpc_handler.ts";

/** Name of the procedure. */
export const RELAY_RESOLVE = "relay.resolve";

/** Length of a static key, in bytes. */
const KEY_LENGTH = 32;

/**
 * Makes the procedure of a node.
 *
 * @param relay Its relay; without one every call is refused.
 */
export function relayProcedure(
  relay: Pick<Relay, "find"> | undefined,
): RpcHandler {
  return (_name, body) => {
    if (relay === undefined) {
      throw new PermissionError("this node does not relay");
    }
    const nodeId = new PostcardReader(body).u64();
    const found = relay.find(nodeId);
    if (found === undefined) {
      throw new NotFoundError(`node ${nodeId} is not attached`);
    }
    return found.publicKey;
  };
}

/**
 * Asks a relay for the key of a node that is attached to it.
 *
 * @param session A session with the relay.
 * @param nodeId Whose key.
 * @returns A key that has this id, 32 bytes. The id is short: only a
 * caller that knows the key from elsewhere can be sure that it is the right one.
 * @throws {NotFoundError} When no such node is attached.
 * @throws {PermissionError} When the peer is no relay.
 * @throws {HandshakeError} When it names a key that has another id.
 */
export async function resolveRelayed(
  session: Session,
  nodeId: bigint,
  options: CallRpcOptions = {},
): Promise<Uint8Array> {
  const relay = session.remote.nodeId;
  const fields = { peer: nodeId, relay };
  const body = new PostcardWriter();
  body.u64(nodeId);
  let key: Uint8Array;
  try {
    key = await callRpc(session, RELAY_RESOLVE, body.finish(), options);
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
    const { kind } = error;
    const more = { cause: error, fields };
    if (kind === "permission" || error instanceof UnknownProcedureError) {
      throw new PermissionError(`node ${relay} does not relay`, more);
    }
    if (kind === "not_found") {
      throw new NotFoundError(
        `node ${nodeId} is not attached to relay ${relay}`,
        more,
      );
    }
    throw error;
  }
  if (key.length !== KEY_LENGTH || nodeIdOf(key) !== nodeId) {
    throw new HandshakeError(
      `relay ${relay} names a key for node ${nodeId} that has another id`,
      { fields },
    );
  }
  return key;
}
