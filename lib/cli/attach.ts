/**
 * Attaches to the node that the options and the profile name.
 *
 * @module
 */

import { loadIdentity, Node, type Session } from "../mesh/mod.ts";
import { formatHostPort } from "./address.ts";
import {
  type AttachTarget,
  type AttachValues,
  resolveAttachTarget,
} from "./attach_target.ts";
import type { Context } from "./command.ts";

/** A session, and what it was made from. */
export interface Attachment extends AsyncDisposable {
  /** The session. */
  readonly session: Session;
  /** The node. */
  readonly target: AttachTarget;
}

/**
 * Attaches.
 *
 * @param values The parsed attach options.
 * @param verb The verb, for messages.
 * @throws {UsageError} When no node is named, or not completely.
 * @throws {HandshakeError} When the node refused, or could not be understood.
 * @throws {TimeoutError} When the node did not answer in time.
 */
export async function attach(
  values: AttachValues,
  verb: string,
  context: Context,
): Promise<Attachment> {
  const target = await resolveAttachTarget(values, verb, context);
  const identity = target.identity === undefined
    ? undefined
    : await loadIdentity(target.identity, {
      insecurePermissions: values.insecurePermissions,
    });
  const { signal } = context;
  const address = formatHostPort(target.address);
  context.enter("attach");
  context.log.info("attaching", { address, node_id: target.nodeId });
  const session = await Node.attach({
    address,
    publicKey: target.publicKey,
    nodeId: target.nodeId,
    psk: target.psk,
    identity,
    signal,
    connectTimeoutMs: target.connectTimeoutMs,
  });
  context.log.debug("attached", { address: session.remote.address });
  return {
    session,
    target,
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
