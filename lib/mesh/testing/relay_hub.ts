/**
 * Carriers of RELAY packets in memory, and a relay between them that does what
 * a test wants.
 *
 * @module
 */

import { cryptoProvider } from "../aead_backend.ts";
import { Endpoint } from "../endpoint.ts";
import { ephemeralIdentity, type Identity } from "../identity.ts";
import { RelayAddress, RelaySocket } from "../relay_socket.ts";
import type {
  CloseInfo,
  RelayCarrier,
  RemotePeer,
  Session,
} from "../session.ts";
import { SessionQueue } from "../session_queue.ts";

/** One packet on its way through the hub. */
export interface HubPacket {
  /** Who sent it. */
  from: bigint;
  /** Whom it is for. */
  to: bigint;
  /** The packet. */
  bytes: Uint8Array;
}

/** Id of the relay that the carriers claim to be sessions with. */
export const HUB_ID = 1n;

/** A relay in memory; {@linkcode RelayHub.treat} decides what becomes of each packet. */
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
  #resolveClosed!: (info: CloseInfo) => void;
  #over = false;
  /** The relay. */
  readonly remote: RemotePeer = {
    nodeId: HUB_ID,
    publicKey: new Uint8Array(32),
    address: "the hub",
  };
  /** Resolves when it is over. */
  readonly closed: Promise<CloseInfo>;
  /** See {@linkcode RelayCarrier.onRelayed}. */
  onRelayed: ((nodeId: bigint, packet: Uint8Array) => void) | undefined;

  /** Sends by calling `send`. */
  constructor(send: (to: bigint, bytes: Uint8Array) => void) {
    this.#send = send;
    this.closed = new Promise((resolve) => this.#resolveClosed = resolve);
  }

  /** See {@linkcode RelayCarrier.sendRelay}. */
  sendRelay(nodeId: bigint, packet: Uint8Array): void {
    if (!this.#over) this.#send(nodeId, packet);
  }

  /** See {@linkcode RelayCarrier.relayFlushed}. */
  relayFlushed(): Promise<void> {
    return Promise.resolve();
  }

  /** See {@linkcode RelayCarrier.close}. */
  close(): Promise<void> {
    this.end({ by: "local", code: 0, reason: "" });
    return Promise.resolve();
  }

  /** The session with the relay is over. */
  end(info: CloseInfo): void {
    this.#over = true;
    this.#resolveClosed(info);
  }
}

/** A holder and a client that reach each other by way of a hub. */
export interface RelayedPair extends AsyncDisposable {
  /** Keys of the holder. */
  readonly holder: Identity;
  /** Keys of the client. */
  readonly client: Identity;
  /** Waits for the next session that the holder gets. */
  accept(): Promise<Session>;
  /** Sessions that the holder got. */
  readonly accepted: readonly Session[];
  /** The client's session with the relay. */
  readonly carrier: MemoryCarrier;
  /** Connects the client to the holder, or to whoever has `publicKey`. */
  connect(
    options?: { publicKey?: Uint8Array; budgetMs?: number },
  ): Promise<Session>;
}

/** Attaches a holder and a client to a hub. */
export async function relayedPair(
  hub: RelayHub,
  psk: Uint8Array,
): Promise<RelayedPair> {
  const provider = await cryptoProvider();
  const holder = ephemeralIdentity();
  const client = ephemeralIdentity();
  const accepted: Session[] = [];
  const queue = new SessionQueue();
  const sessions = queue.iterate();
  const carrier = hub.attach(client.nodeId);
  const holding = new Endpoint({
    socket: new RelaySocket(hub.attach(holder.nodeId)),
    provider,
    identity: holder,
    psk,
    accept: {
      onSession(session) {
        accepted.push(session);
        queue.push(session);
      },
    },
  });
  const connecting = new Endpoint({
    socket: new RelaySocket(carrier),
    provider,
    identity: client,
    psk,
  });
  return {
    holder,
    client,
    carrier,
    accept: async () => (await sessions.next()).value,
    accepted,
    connect: ({ publicKey = holder.x25519Public, budgetMs } = {}) =>
      connecting.connect({
        address: new RelayAddress(holder.nodeId, HUB_ID),
        publicKey,
        budgetMs,
      }),
    async [Symbol.asyncDispose]() {
      await connecting.close();
      await holding.close();
    },
  };
}
