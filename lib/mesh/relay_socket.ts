import { deadline } from "@std/async";
import { PeerClosedError } from "../errors.ts";
import {
  RELAY_QUEUE_MAX,
  RELAYED_DATAGRAM_MAX,
  RELAYED_DATAGRAM_MIN,
} from "../limits.ts";
import type { RemoteAddress } from "../wire/mod.ts";
import type { DatagramHandler, DatagramSocket } from "./datagram_socket.ts";
import { Queue } from "./queue.ts";
import type { RelayCarrier } from "./session.ts";

/**
 * Longest wait for the last packets to leave when the socket is closed, in
 * milliseconds.
 */
const FLUSH_MS = 500;

/** Where a node behind a relay is. */
export class RelayAddress implements RemoteAddress {
  /** Both ids, for people. */
  readonly hostname: string;
  readonly port = 0;

  constructor(
    readonly nodeId: bigint,
    relayId: bigint,
  ) {
    this.hostname = `node ${nodeId} behind relay ${relayId}`;
  }
}

/**
 * A socket whose datagrams travel in the RELAY frames of a session, which it owns: connections
 * on it are end to end with nodes behind the session's peer, which reads nothing.
 */
export class RelaySocket implements DatagramSocket {
  readonly #carrier: RelayCarrier;
  readonly #received = new Queue<{ nodeId: bigint; packet: Uint8Array }>();
  #closed = false;
  #closing: Promise<void> | undefined;
  #lastSendError: Error | undefined;

  readonly local: RemoteAddress = { hostname: "relayed", port: 0 };
  /** The session underneath has a socket that counts them. */
  readonly drops = undefined;
  readonly receiveBufferBytes: number = RELAY_QUEUE_MAX * RELAYED_DATAGRAM_MAX;
  /** What fits the smallest outer datagram, and what fits one of Ethernet. */
  readonly sizes: DatagramSocket["sizes"] = {
    floor: RELAYED_DATAGRAM_MIN,
    ceiling: (to) =>
      to instanceof RelayAddress ? RELAYED_DATAGRAM_MAX : undefined,
  };

  constructor(carrier: RelayCarrier) {
    this.#carrier = carrier;
    carrier.onRelayed = (nodeId, packet) => this.#onPacket(nodeId, packet);
    carrier.closed.then(({ by, reason }) => {
      const why = reason === "" ? by : reason;
      this.#lastSendError ??= new PeerClosedError(
        `the session with relay ${carrier.remote.nodeId} ended: ${why}`,
      );
      this.#end();
    });
  }

  get lastSendError(): Error | undefined {
    return this.#lastSendError;
  }

  async receive(take: DatagramHandler): Promise<void> {
    for await (const { nodeId, packet } of this.#received) {
      if (this.#closed) return;
      const from = new RelayAddress(nodeId, this.#carrier.remote.nodeId);
      take(packet, packet.length, from);
    }
  }

  send(
    bytes: Uint8Array,
    segmentSize: number,
    to: RemoteAddress,
  ): Promise<void> | void {
    if (this.#closed || !(to instanceof RelayAddress)) return;
    let busy: Promise<void> | void = undefined;
    for (let at = 0; at < bytes.length; at += segmentSize) {
      busy = this.#carrier.sendRelay(
        to.nodeId,
        bytes.slice(at, at + segmentSize),
      );
    }
    return busy;
  }

  /** Closes the session, as soon as what was sent has left. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#end();
    await deadline(this.#carrier.relayFlushed(), FLUSH_MS).catch(() => {
      // What has not left by now is lost, as any datagram may be.
    });
    await this.#carrier.close();
  }

  #onPacket(nodeId: bigint, packet: Uint8Array): void {
    if (this.#closed || packet.length > RELAYED_DATAGRAM_MAX) return;
    if (packet.length === 0 || this.#received.size >= RELAY_QUEUE_MAX) return;
    this.#received.push({ nodeId, packet: packet.slice() });
  }

  #end(): void {
    this.#closed = true;
    this.#received.end();
  }
}
