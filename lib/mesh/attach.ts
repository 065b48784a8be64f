/**
 * Attaching to a node: every address that is known of it is tried, and the
 * first session wins.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { ATTACH_BUDGET_MS } from "../limits.ts";
import type { CongestionAlgorithm } from "../wire/mod.ts";
import { cryptoProvider } from "./aead_backend.ts";
import { DenoSocket } from "./deno_socket.ts";
import { Endpoint } from "./endpoint.ts";
import { firstOf } from "./first_of.ts";
import { isLoopback } from "./format_address.ts";
import { ephemeralIdentity, type Identity } from "./identity.ts";
import { nodeIdOf } from "./node_id.ts";
import {
  parseHostPort,
  resolveHost,
  type SocketAddress,
} from "./resolve_host.ts";
import type { Session } from "./session.ts";
import { SessionBundle } from "./session_bundle.ts";

/** Connections to a node on this machine: see {@linkcode SessionBundle} for why one is too few. */
const LOOPBACK_CONNECTIONS = 3;

/** Milliseconds after which the next address of a name is tried beside the first (RFC 8305 §5). */
const NEXT_ADDRESS_MS = 250;

/** Options of {@linkcode attach}. */
export interface AttachOptions {
  /** `host:port`, or several of the same node; all of them, and all addresses of a name, are tried. */
  address: string | readonly string[];
  /** X25519 static key of the node, 32 bytes. */
  publicKey: Uint8Array;
  /** Pre-shared key, 32 bytes. */
  psk: Uint8Array;
  /** Node id, checked against `publicKey` when given. */
  nodeId?: bigint;
  /** Keys of this end. @default {fresh ones} */
  identity?: Identity;
  /**
   * Congestion control of what this end sends: BBR keeps its rate where packets
   * are lost at random, CUBIC shares fairly with other traffic.
   *
   * @default {"cubic"}
   */
  congestion?: CongestionAlgorithm;
  /**
   * Connections to spread streams over, at most; further ones are made when
   * there is work for them.
   *
   * @default {3 inside this machine, 1 elsewhere}
   */
  connections?: number;
  /** Gives up after this many milliseconds. @default {ATTACH_BUDGET_MS} */
  connectTimeoutMs?: number;
  /** Gives up when aborted. */
  signal?: AbortSignal;
}

/**
 * Attaches to a node; see `Node.attach`, which is this.
 *
 * @throws {TimeoutError} When nothing answers.
 * @throws {HandshakeError} When the name cannot be resolved or the node
 * answers that it will not do.
 * @throws {UsageError} When `nodeId` is not the id of `publicKey`, or an
 * address is none.
 */
export async function attach(options: AttachOptions): Promise<Session> {
  const { publicKey, nodeId, signal } = options;
  if (nodeId !== undefined && nodeId !== nodeIdOf(publicKey)) {
    throw new UsageError(
      `node id ${nodeId} does not belong to the public key: that one's is ${
        nodeIdOf(publicKey)
      }`,
      { hint: "leave the node id out: it follows from the public key" },
    );
  }
  signal?.throwIfAborted();
  const { address, connectTimeoutMs = ATTACH_BUDGET_MS } = options;
  const texts = typeof address === "string" ? [address] : address;
  for (const text of texts) parseHostPort(text);
  if (texts.length === 0) throw new UsageError("no address to attach to");
  const deadline = performance.now() + connectTimeoutMs;
  return await tryInTurn(
    texts,
    connectTimeoutMs,
    signal,
    (text, mine) => attachToName(text, options, deadline, mine),
  );
}

/** Tries the candidates a little apart; the first session wins. */
function tryInTurn<C>(
  candidates: readonly C[],
  budgetMs: number,
  signal: AbortSignal | undefined,
  attempt: (candidate: C, signal: AbortSignal) => Promise<Session>,
): Promise<Session> {
  // However many there are, the last one gets most of the time.
  const share = budgetMs / (4 * candidates.length);
  return firstOf(candidates, {
    signal,
    staggerMs: Math.min(NEXT_ADDRESS_MS, share),
    attempt,
    discard: (late) => late.close(),
  });
}

async function attachToName(
  text: string,
  options: AttachOptions,
  deadline: number,
  signal: AbortSignal,
): Promise<Session> {
  const leftMs = () => Math.max(1, deadline - performance.now());
  const found = await resolveHost(text, { signal, timeoutMs: leftMs() });
  return await tryInTurn(
    found,
    leftMs(),
    signal,
    (address, mine) => attachTo(address, options, leftMs(), mine),
  );
}

async function attachTo(
  address: SocketAddress,
  options: AttachOptions,
  budgetMs: number,
  signal: AbortSignal,
): Promise<Session> {
  const identity = options.identity ?? ephemeralIdentity();
  const once = (ms: number | undefined, until?: AbortSignal) =>
    attachOnce(address, { ...options, identity }, identity, ms, until);
  const first = await once(budgetMs, signal);
  const connections = options.connections ??
    (isLoopback(address.hostname) ? LOOPBACK_CONNECTIONS : 1);
  if (connections === 1) return first;
  return new SessionBundle(
    first,
    () => once(options.connectTimeoutMs),
    connections,
  );
}

async function attachOnce(
  address: SocketAddress,
  options: AttachOptions,
  identity: Identity,
  budgetMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Session> {
  const provider = await cryptoProvider();
  const endpoint = new Endpoint({
    socket: DenoSocket.bind(
      address.hostname.includes(":") ? "::" : "0.0.0.0",
      0,
    ),
    provider,
    keys: { secret: identity.x25519Secret, public: identity.x25519Public },
    psk: options.psk,
    congestion: options.congestion,
    single: true,
  });
  try {
    return await endpoint.connect({
      address,
      publicKey: options.publicKey,
      budgetMs,
      signal,
    });
  } catch (error) {
    await endpoint.close();
    throw error;
  }
}
