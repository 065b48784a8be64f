/**
 * A node: this program's end of the mesh. It listens for sessions, or attaches
 * to another node.
 *
 * @module
 */

import { HandshakeError, UsageError } from "../errors.ts";
import { ATTACH_BUDGET_MS } from "../limits.ts";
import { cryptoProvider } from "./aead_backend.ts";
import { DenoSocket } from "./deno_socket.ts";
import { Endpoint } from "./endpoint.ts";
import { firstOf } from "./first_of.ts";
import { formatAddress, isLoopback } from "./format_address.ts";
import { ephemeralIdentity, type Identity } from "./identity.ts";
import { nodeIdOf } from "./node_id.ts";
import type { Relay } from "./relay.ts";
import { RelayAttachment, type RelayEvent } from "./relay_attachment.ts";
import { RelaySocket } from "./relay_socket.ts";
import {
  parseHostPort,
  resolveHost,
  type SocketAddress,
} from "./resolve_host.ts";
import type { Session } from "./session.ts";
import { SessionBundle } from "./session_bundle.ts";
import { SessionQueue } from "./session_queue.ts";
import type { CongestionAlgorithm } from "../wire/mod.ts";
import { WireSession } from "./wire_session.ts";

/** Port a node listens on unless told otherwise. */
export const DEFAULT_PORT = 7700;

/** Connections to a node on this machine: see {@linkcode SessionBundle} for why one is too few. */
const LOOPBACK_CONNECTIONS = 3;

/** Milliseconds after which the next address of a name is tried beside the first (RFC 8305 §5). */
const NEXT_ADDRESS_MS = 250;

/** Options of {@linkcode Node.listen}. */
export interface ListenOptions {
  /** `host:port` with an IP literal; port 0 takes any free one. @default {"[::]:7700"} */
  address?: string;
  /** Pre-shared key, 32 bytes: who lacks it cannot even tell that somebody listens. */
  psk: Uint8Array;
  /** Keys of this node. */
  identity: Identity;
  /** Whether a peer with this static key may attach. @default {everyone who has the PSK} */
  allow?: (publicKey: Uint8Array) => boolean;
  /** Sessions at once; as many again by way of `via`. @default {CONNECTIONS_MAX} */
  maxConnections?: number;
  /** Passes packets between the nodes that attach. @default {none are} */
  relay?: Relay;
  /** Stays attached to this relay, to be reached by way of it as well. */
  via?: ViaOptions;
  /**
   * Congestion control of what this end sends: BBR keeps its rate where packets
   * are lost at random, CUBIC shares fairly with other traffic.
   *
   * @default {"cubic"}
   */
  congestion?: CongestionAlgorithm;
  /** Told of what goes wrong but concerns no caller. */
  onProblem?: (message: string) => void;
}

/** Which relay a node stays attached to; its own identity is what it attaches with. */
export interface ViaOptions extends Omit<AttachOptions, "identity" | "signal"> {
  /** Told when the node is attached and when it no longer is; must not throw. */
  onEvent?: (event: RelayEvent) => void;
}

/** Options of {@linkcode Node.attach}. */
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

/** A listening node. */
export class Node implements AsyncDisposable {
  readonly #endpoint: Endpoint;
  readonly #via: RelayAttachment | undefined;
  readonly #queue: SessionQueue;

  /** X25519 static key, 32 bytes: what peers attach with. */
  readonly publicKey: Uint8Array;
  /** Short name of the node for people. */
  readonly nodeId: bigint;
  /** The address it is bound to. */
  readonly address: SocketAddress;

  private constructor(
    endpoint: Endpoint,
    via: RelayAttachment | undefined,
    queue: SessionQueue,
    identity: Identity,
  ) {
    this.#endpoint = endpoint;
    this.#via = via;
    this.#queue = queue;
    this.publicKey = identity.x25519Public;
    this.nodeId = identity.nodeId;
    this.address = endpoint.local;
  }

  /**
   * Starts to listen.
   *
   * @throws {HandshakeError} When the address is in use or not ours.
   * @throws {PermissionError} When the sandbox has no net grant for it.
   *
   * @example
   * ```ts
   * import { ephemeralIdentity, Node } from "./mod.ts";
   *
   * const psk = crypto.getRandomValues(new Uint8Array(32));
   * await using node = await Node.listen({
   *   address: "127.0.0.1:0",
   *   psk,
   *   identity: ephemeralIdentity(),
   * });
   * console.log(node.address.port);
   * ```
   */
  static async listen(options: ListenOptions): Promise<Node> {
    const { identity, psk } = options;
    const { hostname, port } = parseListenAddress(
      options.address ?? `[::]:${DEFAULT_PORT}`,
    );
    const provider = await cryptoProvider();
    const queue = new SessionQueue();
    const common = {
      provider,
      keys: { secret: identity.x25519Secret, public: identity.x25519Public },
      psk,
      accept: {
        onSession: (session: Session) => queue.push(session),
        allow: options.allow,
        maxConnections: options.maxConnections,
      },
      congestion: options.congestion,
      onProblem: options.onProblem,
    };
    const endpoint = new Endpoint({
      ...common,
      socket: bindSocket(hostname, port, options.address === undefined),
      relay: options.relay,
    });
    const via = options.via && stayAttached(
      { ...options.via, identity },
      (carrier) =>
        new Endpoint({ ...common, socket: new RelaySocket(carrier) }),
    );
    return new Node(endpoint, via, queue, identity);
  }

  /**
   * Attaches to a node.
   *
   * @returns A session that owns its socket: closing it closes everything.
   * @throws {TimeoutError} When nothing answers: nobody there, or the key or
   * the PSK is wrong.
   * @throws {HandshakeError} When the name cannot be resolved or the node
   * answers that it will not do.
   * @throws {UsageError} When `nodeId` is not the id of `publicKey`, or an
   * address is none.
   */
  static async attach(options: AttachOptions): Promise<Session> {
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

  /** Sessions that are not over. */
  get sessionCount(): number {
    return this.#endpoint.sessions + (this.#via?.sessions ?? 0);
  }

  /** Resolves when the relay of `via` has been tried once, well or not. */
  get viaTried(): Promise<void> {
    return this.#via?.tried ?? Promise.resolve();
  }

  /** The sessions that peers open, in order; ends when the node is closed. */
  sessions(): AsyncIterable<Session> {
    return this.#queue.iterate();
  }

  /** Tells every peer and stops listening. */
  async close(code = 0, reason = "the node is shutting down"): Promise<void> {
    await this.#via?.close(code, reason);
    await this.#endpoint.close(code, reason);
    this.#queue.end();
  }

  /** Closes the node. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function parseListenAddress(text: string): SocketAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65_535) {
    throw new UsageError(
      `"${text}" is not an address to listen on: expected IP:port or [IPv6]:port`,
    );
  }
  return { hostname: match[1] ?? match[2], port: Number(match[3]) };
}

/** Binds, on a system without IPv6 to all IPv4 addresses when nobody asked for more. */
function bindSocket(
  hostname: string,
  port: number,
  fallback: boolean,
): DenoSocket {
  try {
    return DenoSocket.bind(hostname, port);
  } catch (error) {
    const inUse = error instanceof HandshakeError &&
      error.cause instanceof Deno.errors.AddrInUse;
    if (!fallback || inUse) throw error;
    return DenoSocket.bind("0.0.0.0", port);
  }
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
  const attach = (ms: number | undefined, until?: AbortSignal) =>
    attachOnce(address, { ...options, identity }, identity, ms, until);
  const first = await attach(budgetMs, signal);
  const connections = options.connections ??
    (isLoopback(address.hostname) ? LOOPBACK_CONNECTIONS : 1);
  if (connections === 1) return first;
  return new SessionBundle(
    first,
    () => attach(options.connectTimeoutMs),
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

/** Keeps a node attached to a relay. */
function stayAttached(
  options: ViaOptions & { identity: Identity },
  listen: (carrier: WireSession) => Endpoint,
): RelayAttachment {
  return new RelayAttachment({
    onEvent: options.onEvent,
    listen,
    attach: async (signal) => {
      const session = await Node.attach({
        ...options,
        connections: 1,
        signal,
      });
      if (session instanceof WireSession) return session;
      throw new TypeError("a session that is not over a network");
    },
  });
}

/** `host:port` of an address, for people and for `--node-addr`. */
export function addressText(address: SocketAddress): string {
  return formatAddress(address.hostname, address.port);
}
