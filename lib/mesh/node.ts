import { HandshakeError } from "../errors.ts";
import type { PskScope } from "../wire/mod.ts";
import { cryptoProvider } from "./aead_backend.ts";
import { parseListenAddress, type SocketAddress } from "./address.ts";
import {
  attach,
  attachKept,
  type AttachOptions,
  carrierOf,
  type KeptAttachOptions,
} from "./attach.ts";
import { DenoSocket } from "./deno_socket.ts";
import { socketBehind } from "./direct_socket.ts";
import { Endpoint } from "./endpoint.ts";
import type { Identity } from "./identity.ts";
import { DEFAULT_PSK_NAME, Keyring } from "./keyring.ts";
import { type NodeRates, RateLimits } from "./rate_limits.ts";
import type { Relay } from "./relay.ts";
import { RelayAttachment, type RelayEvent } from "./relay_attachment.ts";
import type { Session } from "./session.ts";
import { SessionQueues } from "./session_queues.ts";

/** Port a node listens on unless told otherwise. */
export const DEFAULT_PORT = 7700;

/** Options of {@linkcode Node.listen}. */
export interface ListenOptions extends Pick<AttachOptions, "congestion"> {
  /**
   * `host:port` with an IP literal; port 0 takes any free one. @default
   * {"[::]:7700"}
   */
  address?: string;
  /**
   * Pre-shared key, 32 bytes, or several with names, which may be changed while
   * the node listens: without one a peer cannot even tell that there is a node.
   */
  psk: Uint8Array | Keyring;
  /** Keys of this node. */
  identity: Identity;
  /**
   * Whether a peer with this static key may attach. @default {everyone who has
   * the PSK}
   */
  allow?: (publicKey: Uint8Array) => boolean;
  /**
   * Content to send at most, in bytes per second: to all peers together, which
   * get equal parts as far as they want them.
   *
   * @default {no limit}
   */
  limitRate?: number;
  /** The same to each peer. @default {no limit} */
  limitRateSession?: number;
  /** Sessions at once; as many again by way of `via`. @default {CONNECTIONS_MAX} */
  maxConnections?: number;
  /** Passes packets between the nodes that attach. @default {none are} */
  relay?: Relay;
  /** Stays attached to this relay, to be reached by way of it as well. */
  via?: ViaOptions;
  /** Told of what goes wrong but concerns no caller. */
  onProblem?: (message: string) => void;
}

/** Which relay a node stays attached to; its own identity is what it attaches with. */
export interface ViaOptions
  extends Omit<AttachOptions, "identity" | "relay" | "signal"> {
  /** Told when the node is attached and when it no longer is; must not throw. */
  onEvent?: (event: RelayEvent) => void;
  /** Told of each session with the relay, to ask it for more; must not throw. */
  onSession?: (session: Session) => void;
}

/** A listening node. */
export class Node implements AsyncDisposable {
  readonly #endpoint: Endpoint;
  readonly #via: RelayAttachment | undefined;
  readonly #queues: SessionQueues;
  readonly #rates: RateLimits;
  /** The keyring that nobody else has. */
  readonly #keyring: Keyring | undefined;

  /** X25519 static key, 32 bytes: what peers attach with. */
  readonly publicKey: Uint8Array;
  /** Short name of the node for people. */
  readonly nodeId: bigint;
  /** The address it is bound to. */
  readonly address: SocketAddress;

  private constructor(
    identity: Identity,
    endpoint: Endpoint,
    queues: SessionQueues,
    via: RelayAttachment | undefined,
    rates: RateLimits,
    keyring: Keyring | undefined,
  ) {
    this.#keyring = keyring;
    this.#rates = rates;
    this.#endpoint = endpoint;
    this.#queues = queues;
    this.#via = via;
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
    const { identity, psk, address, via } = options;
    const { hostname, port } = parseListenAddress(
      address ?? `[::]:${DEFAULT_PORT}`,
    );
    const queues = new SessionQueues();
    const keyring = psk instanceof Keyring ? psk : keyringOf(psk);
    const own = psk === keyring ? undefined : keyring;
    const rates = new RateLimits({
      total: options.limitRate ?? Infinity,
      session: options.limitRateSession ?? Infinity,
    }, performance.now());
    const common = {
      provider: await cryptoProvider(),
      identity,
      accept: {
        keyring,
        onSession: (session: Session, scope?: PskScope) =>
          queues.push(session, scope),
        allow: options.allow,
        maxConnections: options.maxConnections,
      },
      congestion: options.congestion,
      rates,
      onProblem: options.onProblem,
    };
    const endpoint = new Endpoint({
      ...common,
      socket: bindSocket(hostname, port, address === undefined),
      relay: options.relay,
    });
    const attachment = via && new RelayAttachment({
      onEvent: via.onEvent,
      attach: (signal) =>
        attach({ ...via, identity, connections: 1, signal })
          .then((session) => {
            via.onSession?.(session);
            return carrierOf(session);
          }),
      listen: (carrier) =>
        new Endpoint({
          ...common,
          socket: socketBehind(carrier, via.direct),
        }),
    });
    return new Node(identity, endpoint, queues, attachment, rates, own);
  }

  /**
   * Attaches to a node, and again whenever the connection is lost, until
   * `keepMs` have passed without one. The node is known by its key: another one
   * at the same address is never attached to.
   *
   * @returns A session that owns its sockets: closing it closes everything.
   * @throws {TimeoutError} When nothing answers: no node there, or the key or
   * the PSK is wrong.
   * @throws {HandshakeError} When the name cannot be resolved or the node
   * refuses.
   * @throws {UsageError} When `nodeId` is not the id of `publicKey`, or an
   * address is not `host:port`.
   */
  static attach(options: KeptAttachOptions): Promise<Session> {
    return attachKept(options);
  }

  /** Resolves when the relay of `via` has been tried once, well or not. */
  get viaTried(): Promise<void> {
    return this.#via?.tried ?? Promise.resolve();
  }

  /**
   * The sessions that peers open, in order; ends when the node is closed.
   *
   * @param scope Those whose pre-shared key is for this alone. @default {those
   * whose key is for all that the node offers}
   */
  sessions(scope?: PskScope): AsyncIterable<Session> {
    return this.#queues.of(scope);
  }

  /** The limits on the content that is sent, in bytes per second. */
  get rates(): NodeRates {
    return this.#rates.rates;
  }

  /** Changes the limits, at once and for the peers that are attached, too. */
  limitRates(rates: NodeRates): void {
    this.#rates.set(rates, performance.now());
  }

  /** Tells every peer and stops listening. */
  async close(code = 0, reason = "the node is shutting down"): Promise<void> {
    await this.#via?.close(code, reason);
    await this.#endpoint.close(code, reason);
    this.#queues.end();
    this.#keyring?.[Symbol.dispose]();
  }

  /** Closes the node. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function keyringOf(psk: Uint8Array): Keyring {
  const keyring = new Keyring();
  keyring.add(DEFAULT_PSK_NAME, psk);
  return keyring;
}

/** Binds; the default address on a system without IPv6 to all IPv4 addresses. */
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
