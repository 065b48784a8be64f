/**
 * Bulk transfers over one emulated link on a virtual clock: every flow is a
 * pair of the product's own connections, so that what is measured is what
 * runs. The same seed gives the same run.
 */

import { BinaryHeap } from "@std/data-structures/binary-heap";
import { Connection } from "../connection.ts";
import type { ConnectionOptions } from "../connection_options.ts";
import { type Aead, TAG_LENGTH } from "../packet/aead.ts";
import {
  connectionIdKey,
  decodePacketHeader,
} from "../packet/packet_header.ts";
import { PacketProtection } from "../packet/packet_protection.ts";
import type { RemoteAddress } from "../packet/remote_address.ts";
import type { CongestionAlgorithm } from "../packet/congestion_algorithm.ts";
import type { Stream } from "../streams/stream.ts";
import { addressOf, parameters, WINDOW_GROWTH } from "./link_ends.ts";
import { Link, type LinkOptions } from "./link.ts";
import { seededRandom } from "./random.ts";

/** Timers of a runtime do not fire between milliseconds. */
const TIMER_MS = 1;
/** Streams of one bulk flow; as many chunks as a fetcher asks for at once. */
const BULK_STREAMS = 8;
const WRITE_BYTES = 64 * 1024;
/** What goes first on a stream: how the server is to answer. */
const BULK = 1;
const PING = 2;
const PING_BYTES = 1024;

/** One transfer from the server to the client. */
export interface FlowOptions {
  /** What the server's congestion control is. */
  congestion: CongestionAlgorithm;
  /** When it starts, in milliseconds. @default {0} */
  start?: number;
  /** Bytes after which it ends; endless without. */
  bytes?: number;
  /** Milliseconds between small requests beside the bulk; none without. */
  pingMs?: number;
}

/** What a simulation is made of. */
export interface LinkSimulationOptions {
  /** From the servers to the clients. */
  down: Partial<LinkOptions>;
  /** The other way; the same delay without limits where it is not given. */
  up?: Partial<LinkOptions>;
  /** The transfers. */
  flows: readonly FlowOptions[];
  /** What makes this run different from others. @default {1} */
  seed?: number;
  /** More of the connections' options, for both ends. */
  connection?: Partial<ConnectionOptions>;
}

/** One end of a flow. */
export interface FlowEnd {
  /** The connection. */
  readonly connection: Connection;
  /** Its address; replace it to move the end. */
  address: RemoteAddress;
}

interface End extends FlowEnd {
  readonly other: () => End;
  readonly link: Link;
  readonly key: string;
  timer: number;
}

interface Event {
  at: number;
  order: number;
  run: () => void;
}

type EventQueue = {
  push(event: Event): void;
  pop(): Event | undefined;
  peek(): Event | undefined;
};

/** A flow while it runs and afterwards. */
export class Flow {
  /** Bytes of content that have arrived, small requests included. */
  received = 0;
  /** Bytes that had arrived at each full second. */
  readonly series: number[] = [];
  /** Milliseconds that each small request took. */
  readonly pings: number[] = [];
  /** When all bytes had arrived, in milliseconds. */
  doneAt = Infinity;

  /** Use {@linkcode LinkSimulation}. */
  constructor(
    readonly options: FlowOptions,
    readonly client: FlowEnd,
    readonly server: FlowEnd,
    /** Why the connections ended, when they did. */
    readonly closes: readonly string[],
  ) {}

  /** Mbit/s of content between two times in milliseconds, to the full second. */
  rate(from: number, to: number): number {
    const [first, last] = [Math.floor(from / 1000), Math.floor(to / 1000)];
    const bytes = (this.series[last - 1] ?? 0) - (this.series[first - 1] ?? 0);
    return bytes * 8 / 1e6 / (last - first);
  }
}

/** An AEAD that copies and adds zeros: what is measured is the connection. */
const nullAead: Aead = {
  erase: () => {},
  seal(_counter, _aad, plaintext, out) {
    if (out.byteOffset !== plaintext.byteOffset) out.set(plaintext);
    out.fill(0, plaintext.length);
  },
  open(_counter, _aad, sealed) {
    const end = sealed.length - TAG_LENGTH;
    for (let i = end; i < sealed.length; i++) {
      if (sealed[i] !== 0) return undefined;
    }
    return sealed.slice(0, end);
  },
};

/** Flows that share a link. */
export class LinkSimulation {
  /** The present, in milliseconds. */
  now = 0;
  /** From the servers to the clients. */
  readonly down: Link;
  /** From the clients to the servers. */
  readonly up: Link;
  /** The flows, in the order of the options. */
  readonly flows: Flow[] = [];
  readonly #random: () => number;
  readonly #events: EventQueue = new BinaryHeap<Event>((a: Event, b: Event) =>
    a.at - b.at || a.order - b.order
  );
  readonly #buffer = new Uint8Array(65_507);
  readonly #connectionOptions: Partial<ConnectionOptions>;
  #order = 0;
  #seconds = 0;

  /** Makes the link; flows begin when it runs. */
  constructor(options: LinkSimulationOptions) {
    this.#random = seededRandom(options.seed ?? 1);
    this.#connectionOptions = options.connection ?? {};
    this.down = new Link(options.down, this.#random);
    this.up = new Link(
      options.up ?? { delay: this.down.options.delay },
      this.#random,
    );
    options.flows.forEach((flow, index) => {
      this.at(flow.start ?? 0, () => this.#start(flow, index));
    });
    this.#everySecond();
  }

  /** Does something at a time in milliseconds. */
  at(time: number, run: () => void): void {
    this.#events.push({ at: time, order: this.#order++, run });
  }

  /** Runs until a time in milliseconds, or until every flow with an end has ended. */
  run(until: number): void {
    const finite = () =>
      this.flows.length > 0 &&
      this.flows.every(({ doneAt, closes }) =>
        doneAt !== Infinity || closes.length > 0
      );
    for (;;) {
      const event = this.#events.peek();
      if (event === undefined || event.at > until) break;
      this.#events.pop();
      this.now = event.at;
      event.run();
      if (finite()) return;
    }
    this.now = until;
  }

  #everySecond(): void {
    this.at(++this.#seconds * 1000, () => {
      for (const flow of this.flows) {
        flow.series[this.#seconds - 1] = flow.received;
      }
      this.#everySecond();
    });
  }

  #start(options: FlowOptions, index: number): void {
    const closes: string[] = [];
    const oneWay = this.up.options.delay;
    const make = (initiator: boolean): End => {
      const id = (mine: boolean) =>
        new Uint8Array(8).fill((mine === initiator ? 0x10 : 0x80) + index);
      const connection = new Connection({
        initiator,
        remoteId: id(false),
        protection: new PacketProtection({
          aead: "chacha20-poly1305",
          provider: {
            chacha20Poly1305: () => nullAead,
          },
          sendKey: new Uint8Array(32).fill(initiator ? 1 : 2),
          receiveKey: new Uint8Array(32).fill(initiator ? 2 : 1),
        }),
        local: parameters(initiator),
        windowGrowth: initiator ? WINDOW_GROWTH : undefined,
        peer: parameters(!initiator),
        address: addressOf(!initiator, index),
        datagramCeiling: () => 1472,
        keepAlive: initiator,
        randomBytes: (target) => {
          for (let i = 0; i < target.length; i++) {
            target[i] = Math.floor(256 * this.#random());
          }
          return target;
        },
        congestion: options.congestion,
        handshakeRtt: initiator ? 2 * oneWay : undefined,
        handler: {
          // Only the client opens streams.
          onStream: (stream) => this.#serve(server, stream, options),
          onStreamsAvailable: () => {},
          onOpen: () => {},
          onClose: ({ by, reason }) =>
            closes.push(`${initiator ? "client" : "server"}: ${by} ${reason}`),
          onRelay: () => false,
        },
        ...this.#connectionOptions,
        // The server's answer to the handshake has already come to the client.
      }, initiator ? this.now : this.now - oneWay);
      return {
        connection,
        address: addressOf(initiator, index),
        other: () => initiator ? server : client,
        link: initiator ? this.up : this.down,
        key: connectionIdKey(id(true), 0),
        timer: Infinity,
      };
    };
    const client = make(true);
    const server = make(false);
    const flow = new Flow(options, client, server, closes);
    this.flows[index] = flow;
    for (let i = 0; i < BULK_STREAMS; i++) this.#fetch(client, flow);
    if (options.pingMs !== undefined) {
      this.at(this.now + options.pingMs, () => this.#ping(client, flow));
    }
    this.#work(client);
  }

  /** Asks for an equal share of the bytes. */
  #fetch(client: End, flow: Flow): void {
    const { streams } = client.connection;
    const stream = streams.openStream()!;
    const target = new Uint8Array(256 * 1024);
    stream.receive.onReadable = () => {
      for (;;) {
        const count = streams.read(stream, target);
        if (count === 0) break;
        flow.received += count;
      }
      const all = flow.options.bytes ?? Infinity;
      if (flow.received >= all && flow.doneAt === Infinity) {
        flow.doneAt = this.now;
      }
    };
    streams.write(stream, new Uint8Array([BULK]));
    streams.finish(stream);
  }

  #ping(client: End, flow: Flow): void {
    if (client.connection.closed) return;
    const { streams } = client.connection;
    const stream = streams.openStream();
    if (stream !== undefined) {
      const since = this.now;
      const target = new Uint8Array(PING_BYTES);
      let received = 0;
      stream.receive.onReadable = () => {
        const count = streams.read(stream, target);
        received += count;
        flow.received += count;
        if (received === PING_BYTES) flow.pings.push(this.now - since);
      };
      streams.write(stream, new Uint8Array([PING]));
      streams.finish(stream);
      this.#work(client);
    }
    this.at(this.now + flow.options.pingMs!, () => this.#ping(client, flow));
  }

  #serve(server: End, stream: Stream, options: FlowOptions): void {
    const { streams } = server.connection;
    streams.accept(stream);
    const answer = () => {
      const kind = new Uint8Array(1);
      if (streams.read(stream, kind) === 0) return;
      if (kind[0] === PING) {
        streams.write(stream, new Uint8Array(PING_BYTES));
        streams.finish(stream);
        return;
      }
      streams.setClass(stream, "bulk");
      let left = options.bytes === undefined
        ? Infinity
        : Math.ceil(options.bytes / BULK_STREAMS);
      const write = () => {
        while (left > 0 && streams.wantsMore(stream)) {
          const length = Math.min(left, WRITE_BYTES);
          streams.write(stream, new Uint8Array(length));
          left -= length;
          if (left === 0) streams.finish(stream);
        }
      };
      stream.send.onWritable = write;
      write();
    };
    stream.receive.onReadable = answer;
    answer();
  }

  /** Sends what is to be sent and sets the timer. */
  #work(end: End): void {
    for (;;) {
      const transmit = end.connection.transmit(this.now, this.#buffer);
      if (transmit === undefined) break;
      this.#send(end, this.#buffer.slice(0, transmit.length), transmit.to);
    }
    const timeout = end.connection.nextTimeout();
    if (timeout === Infinity) return;
    const at = Math.max(this.now, Math.ceil(timeout / TIMER_MS) * TIMER_MS);
    if (at >= end.timer) return;
    end.timer = at;
    this.at(at, () => {
      if (end.timer !== at) return;
      end.timer = Infinity;
      if (end.connection.nextTimeout() <= this.now) {
        end.connection.onTimeout(this.now);
      }
      this.#work(end);
    });
  }

  #send(from: End, bytes: Uint8Array, to: RemoteAddress): void {
    const sender = { ...from.address };
    for (const { at, corrupt } of from.link.transmit(this.now, bytes.length)) {
      this.at(at, () => {
        const end = from.other();
        if (end.address.port !== to.port) return;
        const arrived = bytes.slice();
        if (corrupt) arrived[arrived.length - 3] ^= 0x55;
        const header = decodePacketHeader(arrived);
        if (header === undefined || connectionIdKey(arrived) !== end.key) {
          return;
        }
        end.connection.receive(this.now, header, arrived, sender);
        this.#work(end);
      });
    }
  }
}
