/**
 * A socket whose datagrams travel in the RELAY frames of a session: an
 * endpoint on it has connections with nodes behind the session's peer, end to
 * end, and the peer reads nothing.
 *
 * @module
 */

import { PeerClosedError } from "../errors.ts";
import {
  RELAY_QUEUE_MAX,
  RELAYED_DATAGRAM_MAX,
  RELAYED_DATAGRAM_MIN,
} from "../limits.ts";
import type { RemoteAddress } from "../wire/mod.ts";
import type {
  DatagramSizes,
  DatagramSocket,
  ReceivedDatagrams,
} from "./datagram_socket.ts";
import type { CloseInfo, RemotePeer } from "./session.ts";

/** Longest wait for the last packets to leave when the socket is closed, in milliseconds. */
const FLUSH_MS = 500;

/** The session whose RELAY frames a {@linkcode RelaySocket} uses. */
export interface RelayCarrier {
  /** The relay. */
  readonly remote: RemotePeer;
  /** Resolves when the session is over. */
  readonly closed: Promise<CloseInfo>;
  /** Called with each packet that comes; it must be copied to be kept. */
  onRelayed: ((nodeId: bigint, packet: Uint8Array) => void) | undefined;
  /**
   * Sends a packet to a node behind the relay; it may get lost.
   *
   * @param packet Must not change any more.
   * @returns A promise while many packets wait.
   */
  sendRelay(nodeId: bigint, packet: Uint8Array): Promise<void> | void;
  /** Resolves when no packet waits to be sent. */
  relayFlushed(): Promise<void>;
  /** Ends the session. */
  close(): Promise<void>;
}

/** Where a node behind a relay is. */
export class RelayAddress implements RemoteAddress {
  /** Both ids, for people. */
  readonly hostname: string;
  /** None. */
  readonly port = 0;

  /** Names a node and the relay that it is attached to. */
  constructor(
    /** The node. */
    readonly nodeId: bigint,
    relayId: bigint,
  ) {
    this.hostname = `node ${nodeId} behind relay ${relayId}`;
  }
}

/** A {@linkcode DatagramSocket} over a session, which it owns. */
export class RelaySocket implements DatagramSocket {
  readonly #carrier: RelayCarrier;
  readonly #received: { nodeId: bigint; packet: Uint8Array }[] = [];
  #wake: (() => void) | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;
  #lastSendError: Error | undefined;

  /** This end has no address of its own. */
  readonly local: RemoteAddress = { hostname: "relayed", port: 0 };
  /** What is kept unread. */
  readonly receiveBufferBytes: number = RELAY_QUEUE_MAX * RELAYED_DATAGRAM_MAX;
  /** Too large ones vanish instead of arriving in pieces. */
  readonly forbidsFragments = true;
  /** What fits the smallest outer datagram, and what fits one of Ethernet. */
  readonly sizes: DatagramSizes = {
    floor: RELAYED_DATAGRAM_MIN,
    ceiling: RELAYED_DATAGRAM_MAX,
  };

  /** Takes the session over. */
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

  /** Why nothing can be sent any more. */
  get lastSendError(): Error | undefined {
    return this.#lastSendError;
  }

  /** Waits for a datagram. */
  async receive(buffer: Uint8Array): Promise<ReceivedDatagrams | undefined> {
    for (;;) {
      if (this.#closed) return undefined;
      const next = this.#received.shift();
      if (next !== undefined) {
        const { nodeId, packet } = next;
        buffer.set(packet);
        return {
          length: packet.length,
          segmentSize: packet.length,
          from: new RelayAddress(nodeId, this.#carrier.remote.nodeId),
        };
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Sends one datagram, or several of `segmentSize` bytes each, to a {@linkcode RelayAddress}. */
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
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([
      this.#carrier.relayFlushed(),
      new Promise<void>((resolve) => timer = setTimeout(resolve, FLUSH_MS)),
    ]);
    clearTimeout(timer);
    await this.#carrier.close();
  }

  #onPacket(nodeId: bigint, packet: Uint8Array): void {
    if (this.#closed || packet.length > RELAYED_DATAGRAM_MAX) return;
    if (packet.length === 0 || this.#received.length >= RELAY_QUEUE_MAX) return;
    this.#received.push({ nodeId, packet: packet.slice() });
    this.#wake?.();
  }

  #end(): void {
    this.#closed = true;
    this.#received.length = 0;
    this.#wake?.();
  }
}
