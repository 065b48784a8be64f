/**
 * Attaching to a node behind a relay.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { cryptoProvider } from "./aead_backend.ts";
import { Endpoint } from "./endpoint.ts";
import { ephemeralIdentity, type Identity } from "./identity.ts";
import { nodeIdOf } from "./node_id.ts";
import { RelayAddress, RelaySocket } from "./relay_socket.ts";
import { SessionBundle } from "./session_bundle.ts";
import type { Session } from "./session.ts";
import { WireSession } from "./wire_session.ts";

/** Options of {@linkcode attachThrough}. */
export interface AttachThroughOptions {
  /** X25519 static key of the node behind the relay, 32 bytes. */
  publicKey: Uint8Array;
  /** Pre-shared key of that node, 32 bytes. */
  psk: Uint8Array;
  /** Keys of this end. @default {fresh ones} */
  identity?: Identity;
  /** Gives up after this many milliseconds. @default {ATTACH_BUDGET_MS} */
  connectTimeoutMs?: number;
  /** Gives up when aborted. */
  signal?: AbortSignal;
}

/**
 * Attaches to a node by way of another one, which both are attached to and
 * which must be a relay. The handshake and everything after it are between
 * this end and the node; the relay can only hold packets back.
 *
 * @param relay A session of `Node.attach`. It is taken over: it is closed with
 * the session that is returned, and when there is none.
 * @returns A session with the node.
 * @throws {TimeoutError} When nothing answers: the relay does not forward, the
 * node is not attached to it, or its key or PSK is another one.
 * @throws {HandshakeError} When the node answers that it will not do, or the
 * relay is gone.
 * @throws {UsageError} When `relay` is itself relayed, or not over a network.
 */
export async function attachThrough(
  relay: Session,
  options: AttachThroughOptions,
): Promise<Session> {
  const carrier = relay instanceof SessionBundle ? relay.primary : relay;
  if (!(carrier instanceof WireSession) || carrier.relayed) {
    await relay.close();
    throw new UsageError("a relay must be attached to directly");
  }
  const { publicKey, psk, signal, connectTimeoutMs: budgetMs } = options;
  const identity = options.identity ?? ephemeralIdentity();
  const endpoint = new Endpoint({
    socket: new RelaySocket(carrier),
    provider: await cryptoProvider(),
    keys: { secret: identity.x25519Secret, public: identity.x25519Public },
    psk,
    single: true,
  });
  const address = new RelayAddress(nodeIdOf(publicKey), carrier.remote.nodeId);
  try {
    carrier.throwIfClosed();
    return await endpoint.connect({ address, publicKey, budgetMs, signal });
  } catch (error) {
    await endpoint.close();
    throw error;
  }
}
