/**
 * Two connections on a virtual clock that began by way of a relay, and that
 * may find a direct path through the NATs before them. The same seed gives the
 * same run.
 */

import { BinaryHeap } from "@std/data-structures/binary-heap";
import { Connection } from "../connection.ts";
import type {
  ConnectionClose,
  ConnectionOptions,
} from "../connection_options.ts";
import type { HostAddress } from "../packet/address_frame.ts";
import {
  connectionIdKey,
  decodePacketHeader,
} from "../packet/packet_header.ts";
import type { RemoteAddress } from "../packet/remote_address.ts";
import type { Stream } from "../streams/stream.ts";
import { pattern } from "./bytes.ts";
import {
  type EndIndex,
  TEST_IDS,
  TEST_PARAMETERS,
  testConnectionOptions,
} from "./connection_options.ts";
import { Link, type LinkOptions } from "./link.ts";
import { type NatHost, NatNetwork } from "./nat.ts";
import { seededRandom } from "./random.ts";

/** Where both ends are for each other by way of the relay. */
export const RELAYED: RemoteAddress = { hostname: "relayed", port: 0 };
/** The relay itself. */
export const RELAY: NatHost = {
  address: { hostname: "192.0.2.9", port: 7700 },
};

/** What a simulation is made of. */
export interface DirectSimulationOptions {
  readonly client: NatHost;
  readonly server: NatHost;
  /** Each way by the relay. */
  readonly relayed?: Partial<LinkOptions>;
  /** Each way past it. */
  readonly direct?: Partial<LinkOptions>;
  readonly seed?: number;
  /** Whether an end takes part. @default {both do} */
  readonly takes?: readonly [client: boolean, server: boolean];
  /** Addresses that an end tells besides those that lead to it. */
  readonly more?: readonly RemoteAddress[];
  /**
   * Where the relay says that it sees an end. @default {where it does}
   */
  readonly observed?: () => RemoteAddress;
  /** Tells only where the relay sees an end. */
  readonly hidesHosts?: boolean;
  readonly connection?: Partial<ConnectionOptions>;
}

/** One end. */
export interface DirectEnd {
  readonly host: NatHost;
  readonly connection: Connection;
  /** Packets that went past the relay, by address. */
  readonly sentTo: Map<string, { packets: number; bytes: number }>;
  readonly streams: Stream[];
  closed: ConnectionClose | undefined;
}

interface Event {
  at: number;
  order: number;
  run: () => void;
}

function bytesOf({ hostname, port }: RemoteAddress): HostAddress {
  return { host: Uint8Array.from(hostname.split("."), Number), port };
}

/** The two ends, the relay and the network. */
export class DirectSimulation {
  now = 0;
  readonly client: DirectEnd;
  readonly server: DirectEnd;
  /** By the relay and past it, from the client and from the server. */
  readonly relayed: readonly [Link, Link];
  readonly direct: readonly [Link, Link];
  readonly network: NatNetwork;
  /** What an end does not have to receive, by what a test says. */
  drops: (to: DirectEnd, from: RemoteAddress) => boolean = () => false;
  readonly #options: DirectSimulationOptions;
  readonly #random: () => number;
  readonly #events = new BinaryHeap<Event>((a: Event, b: Event) =>
    a.at - b.at || a.order - b.order
  );
  #order = 0;
  readonly #timers = new Map<DirectEnd, number>();
  readonly #buffer = new Uint8Array(65_507);

  constructor(options: DirectSimulationOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed ?? 1);
    const link = (given: Partial<LinkOptions> = {}) =>
      new Link({ delay: 20, ...given }, this.#random);
    this.relayed = [link(options.relayed), link(options.relayed)];
    this.direct = [link(options.direct), link(options.direct)];
    this.network = new NatNetwork([options.client, options.server, RELAY]);
    this.client = this.#end(0, options.client);
    this.server = this.#end(1, options.server);
    // Both are attached to the relay, and stay so.
    for (const { host } of [this.client, this.server]) {
      this.network.route(0, host, RELAY.address);
    }
    this.at(0, () => this.#work(this.client));
  }

  #end(index: EndIndex, host: NatHost): DirectEnd {
    const {
      takes = [true, true],
      hidesHosts,
      more = [],
      observed,
      connection,
    } = this.#options;
    const parameters = (of: number) => ({
      ...TEST_PARAMETERS,
      ...(takes[of] && { takesAddresses: true }),
    });
    const addresses = () => {
      const seen = observed?.() ??
        host.nat?.out(this.now, host.address, RELAY.address);
      const own = hidesHosts ? [] : [host.address];
      return [...own, ...(seen ? [seen] : []), ...more].map(bytesOf);
    };
    const end: DirectEnd = {
      host,
      sentTo: new Map(),
      streams: [],
      closed: undefined,
      connection: new Connection({
        ...testConnectionOptions(index),
        keepAlive: index === 0,
        local: parameters(index),
        peer: parameters(1 - index),
        address: RELAYED,
        datagramFloor: 1100,
        datagramCeiling: (to) => to === RELAYED ? 1410 : 1472,
        randomBytes: (target) => {
          for (let i = 0; i < target.length; i++) {
            target[i] = Math.floor(256 * this.#random());
          }
          return target;
        },
        direct: takes[index]
          ? {
            addresses,
            admit: ({ host, port }) => ({ hostname: host.join("."), port }),
            mayProbe: () => true,
          }
          : undefined,
        handler: {
          onOpen: () => {},
          onStream: (stream) => {
            end.connection.streams.accept(stream);
            end.streams.push(stream);
          },
          onStreamsAvailable: () => {},
          onClose: (close) => end.closed = close,
          onRelay: () => false,
        },
        ...connection,
      }, 0),
    };
    return end;
  }

  /** Whether both ends use a direct path. */
  get isDirect(): boolean {
    return this.client.connection.address !== RELAYED &&
      this.server.connection.address !== RELAYED;
  }

  /** Whether both ends use the relay. */
  get isRelayed(): boolean {
    return this.client.connection.address === RELAYED &&
      this.server.connection.address === RELAYED;
  }

  /** Does something at a time in milliseconds. */
  at(at: number, run: () => void): void {
    this.#events.push({ at, order: this.#order++, run });
  }

  /** Runs until `condition` is true; tells whether it is, before `until`. */
  runUntil(condition: () => boolean, until: number): boolean {
    while (!condition()) {
      const event: Event | undefined = this.#events.peek();
      if (event === undefined || event.at > until) {
        this.now = until;
        return condition();
      }
      this.#events.pop();
      this.now = Math.max(this.now, event.at);
      event.run();
    }
    return true;
  }

  /**
   * Has the server send bytes to the client, without end where no number is
   * given.
   *
   * @returns How many have come; they are the right ones, or it throws.
   */
  download(length = Infinity): { received: () => number } {
    const { client, server } = this;
    const stream = server.connection.streams.openStream()!;
    server.connection.streams.setClass(stream, "bulk");
    const chunk = pattern(65_536);
    let left = length;
    const write = () => {
      const { streams } = server.connection;
      while (left > 0 && streams.wantsMore(stream)) {
        const part = chunk.subarray(0, Math.min(left, chunk.length));
        streams.write(stream, part);
        left -= part.length;
        if (left === 0) streams.finish(stream);
      }
    };
    stream.send.onWritable = write;
    write();
    let received = 0;
    const target = new Uint8Array(1 << 18);
    const read = () => {
      for (const incoming of client.streams) {
        for (;;) {
          const count = client.connection.streams.read(incoming, target);
          if (count === 0) break;
          for (let i = 0; i < count; i += 997) {
            if (target[i] !== chunk[(received + i) % chunk.length]) {
              throw new Error(`byte ${received + i} is another one`);
            }
          }
          received += count;
        }
      }
    };
    this.#reads.push(read);
    this.#work(server);
    return { received: () => received };
  }

  readonly #reads: (() => void)[] = [];

  /** Sends what an end has to send and sets its timer. */
  #work(end: DirectEnd): void {
    for (const read of this.#reads) read();
    for (;;) {
      const transmit = end.connection.transmit(this.now, this.#buffer);
      if (transmit === undefined) break;
      this.#send(end, this.#buffer.slice(0, transmit.length), transmit.to);
    }
    const timeout = end.connection.nextTimeout();
    if (timeout === Infinity) return;
    const at = Math.max(this.now, Math.ceil(timeout));
    if (at >= (this.#timers.get(end) ?? Infinity)) return;
    this.#timers.set(end, at);
    this.at(at, () => {
      if (this.#timers.get(end) !== at) return;
      this.#timers.delete(end);
      if (end.connection.nextTimeout() <= this.now) {
        end.connection.onTimeout(this.now);
      }
      this.#work(end);
    });
  }

  #send(from: DirectEnd, bytes: Uint8Array, to: RemoteAddress): void {
    const index = from === this.client ? 0 : 1;
    const other = index === 0 ? this.server : this.client;
    if (to === RELAYED) {
      this.#carry(this.relayed[index], bytes, other, RELAYED);
      return;
    }
    const key = `${to.hostname}:${to.port}`;
    const { packets, bytes: sent } = from.sentTo.get(key) ??
      { packets: 0, bytes: 0 };
    from.sentTo.set(key, { packets: packets + 1, bytes: sent + bytes.length });
    const route = this.network.route(this.now, from.host, to);
    if (route?.host !== other.host) return;
    this.#carry(this.direct[index], bytes, other, route.from);
  }

  #carry(
    link: Link,
    bytes: Uint8Array,
    to: DirectEnd,
    from: RemoteAddress,
  ): void {
    for (const { at } of link.transmit(this.now, bytes.length)) {
      this.at(at, () => this.deliver(to, bytes, from));
    }
  }

  /** Has an end receive a datagram. */
  deliver(to: DirectEnd, bytes: Uint8Array, from: RemoteAddress): void {
    if (this.drops(to, from)) return;
    const arrived = bytes.slice();
    const header = decodePacketHeader(arrived);
    const id = TEST_IDS[to === this.client ? 0 : 1];
    if (
      header === undefined ||
      connectionIdKey(arrived) !== connectionIdKey(id, 0)
    ) return;
    to.connection.receive(this.now, header, arrived, from);
    this.#work(to);
  }
}
