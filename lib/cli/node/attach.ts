/** Attaches to the node that the options and the profile name. */

import { TransferError, UsageError } from "../../errors.ts";
import { attachThrough, Node, type Session } from "../../mesh/mod.ts";
import { resolveRelayed } from "../../transfer/mod.ts";
import type { Context } from "../command.ts";
import { withHint } from "../failure.ts";
import { inStage } from "../stage.ts";
import type { AttachTarget } from "./read_settings.ts";

/** A session with the source. */
export interface Attachment extends AsyncDisposable {
  readonly session: Session;
  readonly peer: bigint;
  /** Does something with the session; failures name the relay, if there is one. */
  use<T>(operation: () => Promise<T>): Promise<T>;
}

/** Attaches to a node, or by way of it to the source behind it. */
export async function attach(
  target: AttachTarget,
  context: Context,
): Promise<Attachment> {
  const { options: { nodeId }, source: { nodeId: peer } } = target;
  const use = <T>(operation: () => Promise<T>): Promise<T> =>
    peer === nodeId ? operation() : hintingRelay(peer, nodeId, operation);
  const node = await attachToNode(target, context);
  const session = peer === nodeId
    ? node
    : await attachToSource(node, target, use, context);
  return {
    session,
    peer,
    use,
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

async function attachToNode(
  { options }: AttachTarget,
  { log, signal }: Context,
): Promise<Session> {
  const { addresses, nodeId } = options;
  log.info("attaching", { addresses, node_id: nodeId });
  const session = await inStage("attach", async () => {
    try {
      return await Node.attach({ ...options, address: addresses, signal });
    } catch (error) {
      // Not every value of the right length is a key.
      if (!(error instanceof RangeError)) throw error;
      throw new UsageError(`cannot attach: ${error.message}`, {
        cause: error,
        hint: "copy the public key that 'net-transfer serve' printed",
      });
    }
  });
  log.debug("attached", { address: session.remote.address });
  return session;
}

/** Attaches by way of a relay, whose session is taken over. */
async function attachToSource(
  relay: Session,
  { source, options, requestTimeoutMs }: AttachTarget,
  use: Attachment["use"],
  { log, signal }: Context,
): Promise<Session> {
  const timeoutMs = requestTimeoutMs.value;
  const publicKey = await inStage("relay", () =>
    use(async () => {
      try {
        const { nodeId } = source;
        return await resolveRelayed(relay, nodeId, { signal, timeoutMs });
      } catch (error) {
        await relay.close();
        throw error;
      }
    }));
  if (source.publicKey === undefined) {
    log.warn("the key of the source is known from the relay alone", {
      node_id: source.nodeId,
      hint: "name it by its public key or a ticket to be sure",
    });
  }
  const session = await inStage("attach", () =>
    use(() =>
      attachThrough(relay, {
        ...options,
        publicKey: source.publicKey ?? publicKey,
        psk: source.psk ?? options.psk,
        signal,
      })
    ));
  log.debug("attached", { address: session.remote.address });
  return session;
}

/** Adds to the failures of an operation which two nodes it needed. */
async function hintingRelay<T>(
  peer: bigint,
  relay: bigint,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
    const { hint, fields } = error;
    const both =
      `the source (--from) is node ${peer}, reached by way of node ${relay}: that one must run 'serve --relay', and the source must be attached to it ('serve --via')`;
    throw withHint(
      error,
      hint === undefined ? both : `${hint}; ${both}`,
      { ...fields, peer, relay },
    );
  }
}
