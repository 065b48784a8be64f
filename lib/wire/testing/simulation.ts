/**
 * Two connections on a virtual clock over a link that may lose, delay,
 * reorder, repeat and damage datagrams. The same seed gives the same run.
 */

import { concat } from "@std/bytes/concat";
import { Connection } from "../connection.ts";
import type {
  ConnectionClose,
  ConnectionHandler,
  ConnectionOptions,
  ConnectionStats,
} from "../connection_options.ts";
import {
  connectionIdKey,
  decodePacketHeader,
} from "../packet/packet_header.ts";
import type { KeyLimits } from "../packet/packet_protection.ts";
import type { RemoteAddress } from "../packet/remote_address.ts";
import type { Stream } from "../streams/stream.ts";
import type { Streams } from "../streams/streams.ts";
import type { TransportParameters } from "../handshake/transport_parameters.ts";
import {
  type EndIndex,
  TEST_IDS,
  TEST_PARAMETERS,
  testConnectionOptions,
  testProtection,
} from "./connection_options.ts";
import { seededRandom } from "./random.ts";

/** How one direction of the link behaves. */
export interface LinkOptions {
  /** One-way delay in milliseconds. @default {10} */
  delay?: number;
  /** Bytes per millisecond; infinite for no limit. @default {Infinity} */
  rate?: number;
  /** Bytes in the queue before the bottleneck at most. @default {Infinity} */
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

/** What the two ends and the link between them are like. */
export interface SimulationOptions {
  seed?: number;
  link?: LinkOptions;
  client?: Partial<ConnectionOptions>;
  server?: Partial<ConnectionOptions>;
  clientParameters?: Partial<TransportParameters>;
  serverParameters?: Partial<TransportParameters>;
  limits?: KeyLimits;
  keys?: readonly Uint8Array[];
}

/** One end of the simulation. */
export class End {
  readonly incoming: Stream[] = [];
  closed: ConnectionClose | undefined;
  readonly relayed: { nodeId: bigint; payload: Uint8Array }[] = [];
  /** What leaves this end goes through this. */
  readonly link: LinkOptions;
  /** Datagrams sent, their bytes and the largest. */
  readonly counters = { sent: 0, bytes: 0, largest: 0 };
  readonly connection: Connection;

  constructor(
    /** Change it to simulate a move. */
    public address: RemoteAddress,
    link: LinkOptions,
    options: Omit<ConnectionOptions, "handler"> & Partial<ConnectionOptions>,
    now: number,
  ) {
    this.link = { ...link };
    const handler: ConnectionHandler = {
      onStream: (stream) => {
        this.incoming.push(stream);
        this.streams.accept(stream);
      },
      onStreamsAvailable: () => {},
      onOpen: () => {},
      onClose: (close) => this.closed = close,
      onRelay: (nodeId, payload) =>
        this.relayed.push({ nodeId, payload: payload.slice() }) > 0,
    };
    this.connection = new Connection({ handler, ...options }, now);
  }

  get streams(): Streams {
    return this.connection.streams;
  }

  get stats(): ConnectionStats {
    return this.connection.stats;
  }

  /** Opens a stream with `bytes` on it. */
  open(bytes: Uint8Array, finish = false): Stream {
    const stream = this.streams.openStream()!;
    this.streams.write(stream, bytes);
    if (finish) this.streams.finish(stream);
    return stream;
  }

  /** Bytes that can be read of the first stream the peer opened. */
  get available(): number {
    return this.incoming[0]?.receive.available ?? 0;
  }

  /** Reads everything a stream has now. */
  drain(stream: Stream): Uint8Array {
    const parts: Uint8Array[] = [];
    while (stream.receive.available > 0) {
      const target = new Uint8Array(stream.receive.available);
      this.streams.read(stream, target);
      parts.push(target);
    }
    return concat(parts);
  }
}

interface Delivery {
  at: number;
  to: End;
  from: RemoteAddress;
  bytes: Uint8Array;
}

/** Two connections that have finished their handshake. */
export class Simulation {
  now = 1000;
  readonly client: End;
  readonly server: End;
  readonly #random: () => number;
  readonly #deliveries: Delivery[] = [];
  readonly #buffer = new Uint8Array(65_507);
  readonly #busyUntil = new Map<End, number>();
  /** Called for each datagram put on the link: lets a test drop it. */
  filter:
    | ((from: End, bytes: Uint8Array, to: RemoteAddress) => boolean)
    | undefined;
  /** Called for each datagram that passes: what arrives in its place. */
  tamper: ((from: End, bytes: Uint8Array) => Uint8Array[]) | undefined;

  constructor(options: SimulationOptions = {}) {
    this.#random = seededRandom(options.seed ?? 1);
    const parameters = [
      { ...TEST_PARAMETERS, ...options.clientParameters },
      { ...TEST_PARAMETERS, ...options.serverParameters },
    ];
    const addresses = [
      { hostname: "192.0.2.1", port: 1000 },
      { hostname: "192.0.2.2", port: 2000 },
    ];
    const makeEnd = (index: EndIndex): End => {
      const other = 1 - index;
      return new End(addresses[index], options.link ?? {}, {
        ...testConnectionOptions(index),
        protection: testProtection(index, options.limits, options.keys),
        local: parameters[index],
        peer: parameters[other],
        address: addresses[other],
        randomBytes: (target) => {
          target.forEach((_, i) => target[i] = this.#random() * 256);
          return target;
        },
        ...(index === 0 ? options.client : options.server),
      }, this.now);
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

  /** When the next thing happens; what both ends have to send now is sent. */
  nextAt(): number {
    this.flush();
    return Math.min(
      this.#deliveries[0]?.at ?? Infinity,
      this.client.connection.nextTimeout(),
      this.server.connection.nextTimeout(),
    );
  }

  /**
   * Goes to the next thing that happens; returns false when nothing will before
   * `until`.
   */
  step(until = Infinity): boolean {
    const next = this.nextAt();
    const delivery = this.#deliveries[0];
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

  /**
   * Runs until `condition` is true; throws when that takes longer than `ms`
   * virtual milliseconds.
   */
  runUntil(condition: () => boolean, ms = 600_000): void {
    const end = this.now + ms;
    let steps = 0;
    while (!condition()) {
      if (this.step(end) && ++steps < 5_000_000) continue;
      const ends = [this.client, this.server].map(({ connection, closed }) => ({
        ...connection.stats,
        closed,
      }));
      throw new Error(`it stops at ${this.now} ms: ${JSON.stringify(ends)}`);
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
    if (this.filter?.(from, bytes, address) === false) return;
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
        const at = leaves + delay + extra;
        this.#insert({ at, to, from: from.address, bytes: arriving });
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
