/**
 * What an endpoint is made of and asked for; see `endpoint.ts`.
 *
 * @module
 */

import type {
  CongestionAlgorithm,
  CryptoProvider,
  RemoteAddress,
} from "../wire/mod.ts";
import type { DatagramSocket } from "./datagram_socket.ts";
import type { Relay } from "./relay.ts";
import type { WireSession } from "./wire_session.ts";

/** Keys of this node, 32 bytes each. */
export interface StaticKeys {
  /** X25519 secret. */
  secret: Uint8Array;
  /** X25519 public key. */
  public: Uint8Array;
}

/** What an endpoint that takes sessions does about them. */
export interface AcceptOptions {
  /** Called for each authenticated session. */
  onSession: (session: WireSession) => void;
  /** Whether a peer with this static key may attach. @default {everyone} */
  allow?: (publicKey: Uint8Array) => boolean;
  /** Sessions at once; more are told that the node is busy. @default {CONNECTIONS_MAX} */
  maxConnections?: number;
}

/** Options of an endpoint. */
export interface EndpointOptions {
  /** The socket, owned by the endpoint from now on. */
  socket: DatagramSocket;
  /** Sealing and randomness. */
  provider: CryptoProvider;
  /** This node's keys. */
  keys: StaticKeys;
  /** Pre-shared key, 32 bytes. */
  psk: Uint8Array;
  /** Lives as long as the one session it makes. @default {false} */
  single?: boolean;
  /** Takes sessions; without it the endpoint only makes them. */
  accept?: AcceptOptions;
  /** Passes packets between the sessions it takes. @default {none are} */
  relay?: Relay;
  /** Congestion control of what this end sends. @default {"cubic"} */
  congestion?: CongestionAlgorithm;
  /** Told of what goes wrong but concerns no caller. */
  onProblem?: (message: string) => void;
}

/** Who to connect to. */
export interface ConnectOptions {
  /** Where the node is, in the terms of the socket. */
  address: RemoteAddress;
  /** The node's X25519 static key. */
  publicKey: Uint8Array;
  /** Gives up after this many milliseconds. @default {ATTACH_BUDGET_MS} */
  budgetMs?: number;
  /** Gives up when aborted. */
  signal?: AbortSignal;
}
