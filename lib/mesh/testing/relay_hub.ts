/**
 * Carriers of RELAY packets in memory, and a relay between them that does what
 * a test wants.
 */

import type { CryptoProvider } from "../../wire/mod.ts";
import { cryptoProvider } from "../aead_backend.ts";
import { Endpoint } from "../endpoint.ts";
import type { ConnectOptions } from "../handshakes.ts";
import { ephemeralIdentity, type Identity } from "../identity.ts";
import { Keyring } from "../keyring.ts";
import { RelayAddress, RelaySocket } from "../relay_socket.ts";
import type {
  CloseInfo,
  RelayCarrier,
  RemotePeer,
  Session,
} from "../session.ts";
import { Queue } from "../queue.ts";

/** What the client of a {@linkcode RelayedPair} attaches with. */
const PSK = new Uint8Array(32).fill(9);

/** One packet on its way through the hub. */
export interface HubPacket {
  /** Its sender. */
  from: bigint;
  /** The node it is for. */
  to: bigint;
  /** The packet. */
  bytes: Uint8Array;
}

/** Id of the relay that the carriers claim to be sessions with. */
export const HUB_ID = 1n;

/**
 * A relay in memory; {@linkcode RelayHub.treat} decides what becomes of each
 * packet.
 */
export class RelayHub {
  readonly #carriers = new Map<bigint, MemoryCarrier>();
  /** What is delivered instead of a packet; as it is, unless a test says otherwise. */
  treat: (packet: HubPacket) => HubPacket[] = (packet) => [packet];

  /** Attaches a node. */
  attach(nodeId: bigint): MemoryCarrier {
    const carrier = new MemoryCarrier((to, bytes) => {
      for (const packet of this.treat({ from: nodeId, to, bytes })) {
        this.deliver(packet);
      }
    });
    this.#carriers.set(nodeId, carrier);
    return carrier;
  }

  /** Hands a packet to a node, now or never. */
  deliver({ from, to, bytes }: HubPacket): void {
    const target = this.#carriers.get(to);
    // Never inside the call that sent it, as on a network.
    queueMicrotask(() => target?.onRelayed?.(from, bytes));
  }
}

/** One end of a {@linkcode RelayHub}. */
export class MemoryCarrier implements RelayCarrier {
  readonly #send: (to: bigint, bytes: Uint8Array) => void;
  readonly #closed = Promise.withResolvers<CloseInfo>();
  #over = false;
  readonly remote: RemotePeer = {
    nodeId: HUB_ID,
    publicKey: new Uint8Array(32),
    address: "the hub",
  };
  readonly closed: Promise<CloseInfo> = this.#closed.promise;
  onRelayed: ((nodeId: bigint, packet: Uint8Array) => void) | undefined;

  /** Sends by calling `send`. */
  constructor(send: (to: bigint, bytes: Uint8Array) => void) {
    this.#send = send;
  }

  sendRelay(nodeId: bigint, packet: Uint8Array): void {
    if (!this.#over) this.#send(nodeId, packet);
  }

  async relayFlushed(): Promise<void> {}

  close(): Promise<void> {
    this.end({ by: "local", code: 0, reason: "" });
    return Promise.resolve();
  }

  /** The session with the relay is over. */
  end(info: CloseInfo): void {
    this.#over = true;
    this.#closed.resolve(info);
  }
}

/** A holder and a client that reach each other by way of a hub. */
export class RelayedPair implements AsyncDisposable {
  readonly #holding: Endpoint;
  readonly #connecting: Endpoint;
  readonly #sessions = new Queue<Session>();
  readonly #keyring = new Keyring();
  /** Keys of the holder. */
  readonly holder: Identity = ephemeralIdentity();
  /** Keys of the client. */
  readonly client: Identity = ephemeralIdentity();
  /** How many sessions the holder got. */
  accepted = 0;
  /** The client's session with the relay. */
  readonly carrier: MemoryCarrier;

  /** Use {@linkcode RelayedPair.of}. */
  private constructor(hub: RelayHub, provider: CryptoProvider) {
    this.#keyring.add("hub", PSK);
    const common = { provider };
    this.carrier = hub.attach(this.client.nodeId);
    this.#holding = new Endpoint({
      ...common,
      socket: new RelaySocket(hub.attach(this.holder.nodeId)),
      identity: this.holder,
      accept: {
        keyring: this.#keyring,
        onSession: (session) => {
          this.accepted++;
          this.#sessions.push(session);
        },
      },
    });
    this.#connecting = new Endpoint({
      ...common,
      socket: new RelaySocket(this.carrier),
      identity: this.client,
    });
  }

  /** Attaches a holder and a client to a hub. */
  static async of(hub: RelayHub): Promise<RelayedPair> {
    return new RelayedPair(hub, await cryptoProvider());
  }

  /** Waits for the next session that the holder gets. */
  async accept(): Promise<Session> {
    const session = await this.#sessions.next();
    return session!;
  }

  /** Connects the client to the holder, or to the node with `publicKey`. */
  connect(
    options: Partial<ConnectOptions> = {},
  ): Promise<Session> {
    return this.#connecting.connect({
      address: new RelayAddress(this.holder.nodeId, HUB_ID),
      publicKey: this.holder.x25519Public,
      psk: PSK,
      ...options,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connecting.close();
    await this.#holding.close();
  }
}
