/**
 * A link between real sockets: a UDP proxy that delays, loses, reorders,
 * repeats and damages what passes, by the same rules as the simulator's link.
 */

import { BinaryHeap } from "@std/data-structures/binary-heap";
import type { Link, LinkOptions } from "../../lib/wire/testing/link.ts";
import { SeededLink } from "./seeded_link.ts";

/** Environment variable with the seed of every proxy that is given none. */
const SEED_VARIABLE = "LINK_SEED";
/** What makes the two directions differ. */
const UP = 0x55555555;
/** Bytes of the longest datagram, and more. */
const BUFFER_BYTES = 65_536;

/** How a {@linkcode LinkProxy} behaves; what is not given loses and limits nothing. */
export interface LinkProxyOptions {
  /** `host:port` that datagrams of clients go to. */
  readonly to: string;
  /** From there to the clients. */
  readonly down?: Partial<LinkOptions>;
  /** From the clients; like `down` without its bottleneck when left out. */
  readonly up?: Partial<LinkOptions>;
  /** Address that clients send to. @default {"127.0.0.1"} */
  readonly near?: string;
  /** Address that the node behind it sees. @default {"127.0.0.1"} */
  readonly far?: string;
  /** What decides the fate of each datagram. @default {LINK_SEED, or a new one} */
  readonly seed?: number;
  /** Told of each datagram that goes to a client, by its length. */
  readonly onDelivered?: (length: number) => void;
}

/** A client and the socket that speaks for it. */
interface Client {
  readonly address: Deno.NetAddr;
  upstream: Deno.DatagramConn;
}

interface Delivery {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Clients send to it as if it were the node behind it. */
export class LinkProxy implements AsyncDisposable {
  /** What `LINK_SEED` has to be for the same fates again. */
  readonly seed: number;
  /** Where its datagrams go; change the port to follow a node that moved. */
  readonly target: Deno.NetAddr;
  readonly #socket: Deno.DatagramConn;
  readonly #far: string;
  readonly #onDelivered: ((length: number) => void) | undefined;
  readonly #down: SeededLink;
  readonly #up: SeededLink;
  readonly #clients = new Map<string, Client>();
  readonly #open = new Set<Deno.DatagramConn>();
  readonly #loops = new Set<Promise<void>>();
  readonly #deliveries: {
    push(delivery: Delivery): void;
    pop(): Delivery | undefined;
    peek(): Delivery | undefined;
  } = new BinaryHeap<Delivery>((a: Delivery, b: Delivery) =>
    a.at - b.at || a.order - b.order
  );
  #order = 0;
  /** Datagrams that the system did not take, or that came after their socket. */
  #refused = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;

  /** Starts to forward. */
  constructor(
    {
      to,
      down = {},
      up,
      near = "127.0.0.1",
      far = "127.0.0.1",
      seed,
      onDelivered,
    }: LinkProxyOptions,
  ) {
    const colon = to.lastIndexOf(":");
    this.target = {
      transport: "udp",
      hostname: to.slice(0, colon).replace(/^\[(.*)\]$/, "$1"),
      port: Number(to.slice(colon + 1)),
    };
    const given = Deno.env.get(SEED_VARIABLE);
    this.seed = seed ?? Number(given ?? Math.floor(Math.random() * 2 ** 31));
    const { rate: _rate, ...back } = down;
    this.#down = new SeededLink(down, this.seed);
    this.#up = new SeededLink(up ?? back, this.seed ^ UP);
    this.#far = far;
    this.#onDelivered = onDelivered;
    this.#socket = this.#bind(near, (bytes, from) => {
      const client = this.#client(from);
      this.#forward(this.#up, bytes, (bytes) =>
        // Where it goes and what it comes from is decided when it gets there.
        client.upstream.send(bytes, this.target));
    });
  }

  /** `host:port` that clients send to. */
  get address(): string {
    const { hostname, port } = this.#socket.addr as Deno.NetAddr;
    return hostname.includes(":")
      ? `[${hostname}]:${port}`
      : `${hostname}:${port}`;
  }

  /** From the node to the clients. */
  get down(): Link {
    return this.#down.link;
  }

  /** From the clients to the node. */
  get up(): Link {
    return this.#up.link;
  }

  /** Changes both directions. */
  change(options: Partial<LinkOptions>): void {
    Object.assign(this.down.options, options);
    Object.assign(this.up.options, options);
  }

  /** Every client comes from a new port, as behind a NAT that forgot it. */
  rebind(): void {
    for (const client of this.#clients.values()) {
      this.#close(client.upstream);
      client.upstream = this.#upstream(client.address);
    }
  }

  /** What the seed is and what became of the datagrams: for messages of failed tests. */
  describe(): string {
    const counters = JSON.stringify({
      down: this.down.counters,
      up: this.up.counters,
      refused: this.#refused,
    });
    return `${SEED_VARIABLE}=${this.seed}: ${counters}`;
  }

  /** Stops; what is on its way is lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    for (const socket of this.#open) this.#close(socket);
    await Promise.all(this.#loops);
  }

  #client(from: Deno.NetAddr): Client {
    const key = `${from.hostname} ${from.port}`;
    let client = this.#clients.get(key);
    if (client === undefined) {
      client = { address: from, upstream: this.#upstream(from) };
      this.#clients.set(key, client);
    }
    return client;
  }

  #upstream(client: Deno.NetAddr): Deno.DatagramConn {
    return this.#bind(
      this.#far,
      (bytes) =>
        this.#forward(
          this.#down,
          bytes,
          (bytes) => {
            this.#onDelivered?.(bytes.length);
            return this.#socket.send(bytes, client);
          },
        ),
    );
  }

  /** Opens a socket and hands over what it receives. */
  #bind(
    hostname: string,
    receive: (bytes: Uint8Array, from: Deno.NetAddr) => void,
  ): Deno.DatagramConn {
    const socket = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
    this.#open.add(socket);
    const loop = this.#receive(socket, receive);
    this.#loops.add(loop);
    return socket;
  }

  #close(socket: Deno.DatagramConn): void {
    this.#open.delete(socket);
    socket.close();
  }

  async #receive(
    socket: Deno.DatagramConn,
    receive: (bytes: Uint8Array, from: Deno.NetAddr) => void,
  ): Promise<void> {
    const buffer = new Uint8Array(BUFFER_BYTES);
    while (this.#open.has(socket)) {
      try {
        const [bytes, from] = await socket.receive(buffer);
        receive(bytes.slice(), from as Deno.NetAddr);
      } catch (error) {
        // Windows tells here of a node that is not there any more.
        const reset = error instanceof Deno.errors.ConnectionReset;
        if (this.#open.has(socket) && !reset) throw error;
      }
    }
  }

  #forward(
    direction: SeededLink,
    datagram: Uint8Array,
    send: (bytes: Uint8Array) => Promise<unknown>,
  ): void {
    const now = performance.now();
    for (const { at, bytes } of direction.transmit(now, datagram)) {
      const run = () => void send(bytes).catch(() => this.#refused++);
      if (at <= now) run();
      else this.#deliveries.push({ at, order: this.#order++, run });
    }
    this.#schedule();
  }

  #deliver(): void {
    const now = performance.now();
    for (;;) {
      const next = this.#deliveries.peek();
      if (next === undefined || next.at > now) break;
      this.#deliveries.pop();
      next.run();
    }
    this.#schedule();
  }

  #schedule(): void {
    const next = this.#deliveries.peek();
    if (next === undefined || next.at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = next.at;
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity;
      this.#deliver();
    }, Math.max(0, Math.ceil(next.at - performance.now())));
  }
}
