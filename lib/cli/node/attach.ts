/**
 * Attaches to the node that the options and the profile name.
 *
 * @module
 */

import { UsageError } from "../../errors.ts";
import { loadIdentity, Node, type Session } from "../../mesh/mod.ts";
import type { Context } from "../command.ts";
import { inStage } from "../stage.ts";
import {
  type AttachTarget,
  type AttachValues,
  resolveAttachTarget,
} from "./attach_target.ts";
import { type NodeSource, readNodeSource } from "./node_source.ts";
import { attachToSource, hintingRelay } from "./source.ts";

/** A session, and what it was made from. */
export interface Attachment extends AsyncDisposable {
  /** The session with the source. */
  readonly session: Session;
  /** The node that was attached to, the relay if there is one. */
  readonly target: AttachTarget;
  /** Id of the source. */
  readonly peer: bigint;
  /** Does something with the session; failures name the relay, if there is one. */
  use<T>(operation: () => Promise<T>): Promise<T>;
}

/**
 * Attaches.
 *
 * @param values The parsed attach options, and the source behind the node.
 * @param verb The verb, for messages.
 * @throws {UsageError} When no node is named, or not completely.
 * @throws {UsageError} When the public key is none.
 * @throws {HandshakeError} When the node refused, or could not be understood.
 * @throws {TimeoutError} When the node did not answer in time.
 */
export async function attach(
  values: AttachValues & { readonly from?: NodeSource },
  verb: string,
  context: Context,
): Promise<Attachment> {
  const target = await resolveAttachTarget(values, verb, context);
  return await attachTo(target, values, context);
}

/**
 * Attaches to a node that is known already.
 *
 * @param target What {@linkcode resolveAttachTarget} found.
 * @throws {UsageError} When the public key is none.
 * @throws {HandshakeError} When the node refused, or could not be understood.
 * @throws {TimeoutError} When the node did not answer in time.
 */
export async function attachTo(
  target: AttachTarget,
  values: Pick<AttachValues, "insecurePermissions"> & {
    readonly from?: NodeSource;
  },
  context: Context,
): Promise<Attachment> {
  const { from, insecurePermissions } = values;
  const identity = await inStage(
    "setup",
    () =>
      target.identity === undefined
        ? undefined
        : loadIdentity(target.identity, { insecurePermissions }),
  );
  const source = await inStage(
    "setup",
    () =>
      from === undefined
        ? { nodeId: target.nodeId }
        : readNodeSource(from, insecurePermissions),
  );
  const { signal } = context;
  const { addresses } = target;
  context.log.info("attaching", { addresses, node_id: target.nodeId });
  const attached = await inStage("attach", () =>
    Node.attach({
      address: addresses,
      publicKey: target.publicKey,
      nodeId: target.nodeId,
      psk: target.psk,
      identity,
      signal,
      connectTimeoutMs: target.connectTimeoutMs,
    }).catch((error: unknown) => {
      // Some values of the right length are no keys.
      if (!(error instanceof RangeError)) throw error;
      throw new UsageError(`cannot attach: ${error.message}`, {
        cause: error,
        hint: "copy the public key that 'net-transfer serve' printed",
      });
    }));
  context.log.debug("attached", { address: attached.remote.address });
  const peer = source.nodeId;
  const session = peer === target.nodeId
    ? attached
    : await attachToSource(attached, source, target, identity, context);
  return {
    session,
    target,
    peer,
    use: (operation) => hintingRelay(peer, target.nodeId, operation),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
