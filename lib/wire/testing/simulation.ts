/**
 * Two connections on a virtual clock over a link that may lose, delay,
 * reorder, repeat and damage datagrams. The same seed gives the same run.
 *
 * @module
 */

import { concat } from "@std/bytes/concat";
import {
  Connection,
  type ConnectionClose,
  type ConnectionOptions,
} from "../connection.ts";
import {
  connectionIdKey,
  decodePacketHeader,
} from "../packet/packet_header.ts";
import { PacketProtection } from "../packet/packet_protection.ts";
import type { RemoteAddress } from "../packet/remote_address.ts";
import type { Stream } from "../streams/stream.ts";
import type { TransportParameters } from "../handshake/transport_parameters.ts";
import { testProvider } from "./crypto.ts";
import { seededRandom } from "./random.ts";

/** How one direction of the link behaves. */
export interface LinkOptions {
  /** One-way delay in milliseconds. @default {10} */
  delay?: number;
  /** Bytes per millisecond; infinite for no limit. @default {Infinity} */
  rate?: number;
  /** Bytes the queue before the bottleneck holds. @default {Infinity} */
  queue?: number;
  /** Share of datagrams lost. @default {0} */
  loss?: number;
  /** Share of datagrams delayed by up to one more delay. @default {0} */
  reorder?: number;
  /** Share of datagrams that arrive twice. @default {0} */
  duplicate?: number;
  /** Share of datagrams with one byte changed. @default {0} */
  corrupt?: number;
  /** Larger datagrams vanish. @default {65507} */
  mtu?: number;
}

/** One end of the simulation. */
export interface End {
  /** The connection. */
  connection: Connection;
  /** Its address; change it to simulate a move. */
  address: RemoteAddress;
  /** Streams the peer opened. */
  incoming: Stream[];
  /** Set when the connection is over. */
  closed: ConnectionClose | undefined;
  /** Relayed payloads that came. */
  relayed: { nodeId: bigint; payload: Uint8Array }[];
  /** What leaves this end goes through this. */
  link: LinkOptions;
  /** Datagrams sent, received and largest size. */
  counters: { sent: number; bytes: number; largest: number };
}

interface Delivery {
  at: number;
  order: number;
  to: End;
  from: RemoteAddress;
  bytes: Uint8Array;
}

/** Transport parameters for tests. */
export const TEST_PARAMETERS: TransportParameters = {
  maxIdleTimeoutMs: 30_000,
  initialMaxData: 1 << 20,
  initialMaxStreamData: 1 << 18,
  initialMaxStreamsBidi: 16,
  maxAckDelayMs: 25,
  maxDatagramSize: 65_507,
  receiveBufferBytes: 212_992,
};

/** What the client and the server seal with. */
export const TEST_KEYS: readonly Uint8Array[] = [
  new Uint8Array(32).fill(1),
  new Uint8Array(32).fill(2),
];
/** What packets to the client and to the server carry. */
export const TEST_IDS: readonly Uint8Array[] = [
  new Uint8Array(8).fill(0xc1),
  new Uint8Array(8).fill(0x5e),
];

/** Two connections that have finished their handshake. */
export class Simulation {
  /** The present, in milliseconds. */
  now = 1000;
  /** The end that began. */
  readonly client: End;
  /** The end that answered. */
  readonly server: End;
  readonly #random: () => number;
  readonly #deliveries: Delivery[] = [];
  readonly #buffer = new Uint8Array(65_507);
  readonly #busyUntil = new Map<End, number>();
  #order = 0;
  /** Called for each datagram put on the link: lets a test drop it. */
  filter: ((from: End, bytes: Uint8Array) => boolean) | undefined;
  /** Called for each datagram that passes: what arrives in its place. */
  tamper: ((from: End, bytes: Uint8Array) => Uint8Array[]) | undefined;

  /** Makes both ends. */
  constructor(options: {
    seed?: number;
    link?: LinkOptions;
    client?: Partial<ConnectionOptions>;
    server?: Partial<ConnectionOptions>;
    clientParameters?: Partial<TransportParameters>;
    serverParameters?: Partial<TransportParameters>;
    rekeyPackets?: number;
    keys?: readonly Uint8Array[];
  } = {}) {
    this.#random = seededRandom(options.seed ?? 1);
    const provider = testProvider();
    const keys = options.keys ?? TEST_KEYS;
    const ids = TEST_IDS;
    const parameters = [
      { ...TEST_PARAMETERS, ...options.clientParameters },
      { ...TEST_PARAMETERS, ...options.serverParameters },
    ];
    const addresses = [{ hostname: "192.0.2.1", port: 1000 }, {
      hostname: "192.0.2.2",
      port: 2000,
    }];
    const makeEnd = (index: 0 | 1): End => {
      const other = 1 - index;
      const end = {
        address: addresses[index],
        incoming: [],
        closed: undefined,
        relayed: [],
        link: { ...options.link },
        counters: { sent: 0, bytes: 0, largest: 0 },
      } as unknown as End;
      end.connection = new Connection({
        initiator: index === 0,
        remoteId: ids[other],
        protection: new PacketProtection({
          aead: "chacha20-poly1305",
          provider,
          sendKey: keys[index],
          receiveKey: keys[other],
          limits: options.rekeyPackets === undefined
            ? {}
            : { rekeyPackets: options.rekeyPackets },
        }),
        local: parameters[index],
        peer: parameters[other],
        address: addresses[other],
        datagramCeiling: 1472,
        loopback: false,
        keepAlive: false,
        randomBytes: (target) => {
          for (let i = 0; i < target.length; i++) {
            target[i] = Math.floor(this.#random() * 256);
          }
          return target;
        },
        handler: {
          onStream: (stream) => {
            end.incoming.push(stream);
            end.connection.streams.accept(stream);
          },
          onStreamsAvailable: () => {},
          onOpen: () => {},
          onClose: (close) => end.closed = close,
          onRelay: (nodeId, payload) =>
            end.relayed.push({ nodeId, payload: payload.slice() }),
        },
        ...(index === 0 ? options.client : options.server),
      }, this.now);
      return end;
    };
    this.client = makeEnd(0);
    this.server = makeEnd(1);
  }

  /** Sends what both ends have to send now. */
  flush(): void {
    for (const end of [this.client, this.server]) {
      for (;;) {
        const transmit = end.connection.transmit(this.now, this.#buffer);
        if (transmit === undefined) break;
        this.#send(end, this.#buffer.slice(0, transmit.length), transmit.to);
      }
    }
  }

  /** Goes to the next thing that happens; returns false when nothing will before `until`. */
  step(until = Infinity): boolean {
    this.flush();
    const delivery = this.#deliveries[0];
    const next = Math.min(
      delivery?.at ?? Infinity,
      this.client.connection.nextTimeout(),
      this.server.connection.nextTimeout(),
    );
    if (next > until || next === Infinity) {
      if (until !== Infinity) this.now = Math.max(this.now, until);
      return false;
    }
    this.now = Math.max(this.now, next);
    if (delivery !== undefined && delivery.at <= this.now) {
      this.#deliveries.shift();
      this.#deliver(delivery);
    }
    for (const end of [this.client, this.server]) {
      if (end.connection.nextTimeout() <= this.now) {
        end.connection.onTimeout(this.now);
      }
    }
    return true;
  }

  /** Runs until `condition` holds; throws when that takes longer than `ms` virtual milliseconds. */
  runUntil(condition: () => boolean, ms = 600_000): void {
    const end = this.now + ms;
    let steps = 0;
    while (!condition()) {
      if (!this.step(end) || ++steps > 5_000_000) {
        throw new Error(
          `nothing more happens at ${this.now} ms: ${
            JSON.stringify({
              client: this.client.connection.stats,
              server: this.server.connection.stats,
              clientClosed: this.client.closed,
              serverClosed: this.server.closed,
            })
          }`,
        );
      }
    }
  }

  /** Runs for `ms` virtual milliseconds. */
  run(ms: number): void {
    const end = this.now + ms;
    while (this.step(end));
  }

  #send(from: End, bytes: Uint8Array, address: RemoteAddress): void {
    from.counters.sent++;
    from.counters.bytes += bytes.length;
    from.counters.largest = Math.max(from.counters.largest, bytes.length);
    if (this.filter !== undefined && !this.filter(from, bytes)) return;
    const to = from === this.client ? this.server : this.client;
    if (address.port !== to.address.port) return;
    const link = from.link;
    if (bytes.length > (link.mtu ?? 65_507)) return;
    let leaves = this.now;
    const rate = link.rate ?? Infinity;
    if (rate !== Infinity) {
      const busy = Math.max(this.now, this.#busyUntil.get(from) ?? 0);
      if ((busy - this.now) * rate + bytes.length > (link.queue ?? Infinity)) {
        return;
      }
      leaves = busy + bytes.length / rate;
      this.#busyUntil.set(from, leaves);
    }
    if (this.#random() < (link.loss ?? 0)) return;
    const delay = link.delay ?? 10;
    const times = this.#random() < (link.duplicate ?? 0) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const extra = this.#random() < (link.reorder ?? 0)
        ? this.#random() * delay
        : 0;
      const copy = bytes.slice();
      if (this.#random() < (link.corrupt ?? 0)) {
        copy[Math.floor(this.#random() * copy.length)] ^= 1 +
          Math.floor(this.#random() * 255);
      }
      for (const arriving of this.tamper?.(from, copy) ?? [copy]) {
        this.#insert({
          at: leaves + delay + extra,
          order: this.#order++,
          to,
          from: from.address,
          bytes: arriving,
        });
      }
    }
  }

  #insert(delivery: Delivery): void {
    let i = this.#deliveries.length;
    while (i > 0 && this.#deliveries[i - 1].at > delivery.at) i--;
    this.#deliveries.splice(i, 0, delivery);
  }

  #deliver({ to, from, bytes }: Delivery): void {
    const header = decodePacketHeader(bytes);
    if (header === undefined) return;
    const id = TEST_IDS[to === this.client ? 0 : 1];
    if (connectionIdKey(bytes) !== connectionIdKey(id, 0)) return;
    to.connection.receive(this.now, header, bytes, from);
  }
}

/** Reads everything a stream has now. */
export function drain(end: End, stream: Stream): Uint8Array {
  const parts: Uint8Array[] = [];
  while (stream.receive.available > 0) {
    const target = new Uint8Array(stream.receive.available);
    end.connection.streams.read(stream, target);
    parts.push(target);
  }
  return concat(parts);
}
