/**
 * The source that `--from` names: a node behind the one that is attached to.
 *
 * @module
 */

import { TransferError } from "../../errors.ts";
import { attachThrough, type Identity, type Session } from "../../mesh/mod.ts";
import { resolveRelayed } from "../../transfer/mod.ts";
import type { Context } from "../command.ts";
import { inStage } from "../stage.ts";
import type { AttachTarget } from "./attach_target.ts";
import type { NamedNode } from "./node_source.ts";

/**
 * Adds to the failures of an operation which two nodes it needed.
 *
 * @param peer Id of the source.
 * @param relay Id of the node that is attached to; nothing is added when they
 * are the same.
 * @throws {TransferError} What `operation` threw, with the longer hint.
 */
export async function hintingRelay<T>(
  peer: bigint,
  relay: bigint,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (peer === relay || !(error instanceof TransferError)) throw error;
    const { kind, message, hint, fields } = error;
    const both =
      `the source (--from) is node ${peer}, reached by way of node ${relay}: that one must run 'serve --relay', and the source must be attached to it ('serve --via')`;
    throw new TransferError(kind, message, {
      cause: error,
      hint: hint === undefined ? both : `${hint}; ${both}`,
      fields: { ...fields, peer, relay },
    });
  }
}

/**
 * Attaches to the source by way of the attached node.
 *
 * @param relay A session with that node; taken over.
 * @param source The source, another node.
 * @throws {TransferError} Of kind `not_found` when the source is not attached,
 * `permission` when the attached node is no relay, and what attaching throws.
 */
export async function attachToSource(
  relay: Session,
  source: NamedNode,
  target: AttachTarget,
  identity: Identity | undefined,
  context: Context,
): Promise<Session> {
  const { nodeId } = source;
  const { signal, log } = context;
  const timeoutMs = target.requestTimeoutMs;
  const hinting = <T>(operation: () => Promise<T>): Promise<T> =>
    hintingRelay(nodeId, target.nodeId, operation);
  const resolved = await inStage("relay", () =>
    hinting(async () => {
      try {
        return await resolveRelayed(relay, nodeId, { signal, timeoutMs });
      } catch (error) {
        await relay.close();
        throw error;
      }
    }));
  if (source.publicKey === undefined) {
    log.warn("the key of the source is known from the relay alone", {
      node_id: nodeId,
      hint: "name it by its public key or a ticket to be sure",
    });
  }
  const session = await inStage(
    "attach",
    () =>
      hinting(() =>
        attachThrough(relay, {
          publicKey: source.publicKey ?? resolved,
          psk: source.psk ?? target.psk,
          identity,
          connectTimeoutMs: target.connectTimeoutMs,
          signal,
        })
      ),
  );
  log.debug("attached", { address: session.remote.address });
  return session;
}
