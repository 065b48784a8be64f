import { delay } from "@std/async";
import { giveWay } from "../async/give_way.ts";
import { workerUrl } from "../os/worker_url.ts";
import type { RemoteAddress } from "../wire/mod.ts";
import { DatagramRing, ringMemory } from "./datagram_ring.ts";
import type {
  DatagramHandler,
  DatagramSocket,
  SizeCounts,
} from "./datagram_socket.ts";
import { DenoSocket } from "./deno_socket.ts";
import type { ReceiveOrder } from "./receive_worker.ts";
import { WORKER_SOURCE } from "./receive_worker_bundle.ts";

/**
 * Datagrams after which a thread is started, if it is wanted: less is over
 * before a pause of this one matters, and a thread costs 20 ms of processor time.
 */
const THREAD_AFTER = 100;
/** Datagrams taken from the ring before timers and files have their turn. */
const TURN_DATAGRAMS = 128;
/** Milliseconds between two looks into the ring while datagrams arrive. */
const TICK_MS = 1;
/** Looks in vain before the thread is to tell of the next datagram. */
const IDLE_TICKS = 10;
/** Longest datagram there is. */
const DATAGRAM_BYTES = 65_536;

/**
 * A socket for one session, which a thread of its own relieves once much arrives.
 *
 * What the main thread does takes milliseconds at times, and a socket's default
 * buffer of 212 992 bytes holds 5 ms of 200 Mbit/s. The thread opens a second
 * socket on the same port and reads it into memory that both threads share: Linux
 * gives datagrams to the socket that was opened last. The first one goes on
 * sending, and receives again if the thread should fail.
 */
export class ThreadedSocket implements DatagramSocket {
  readonly #socket: DenoSocket;
  #received = 0;
  #wanted: () => boolean = () => false;
  #worker: Worker | undefined;
  #ring: DatagramRing | undefined;
  /** Resolves when nothing is taken from the ring any more. */
  #taken: Promise<void> | undefined;

  readonly local: RemoteAddress;
  readonly receiveBufferBytes: number;

  private constructor(socket: DenoSocket) {
    this.#socket = socket;
    this.local = socket.local;
    this.receiveBufferBytes = socket.receiveBufferBytes;
  }

  /**
   * Opens a socket on any free port; without threads where those cannot be had.
   *
   * @param hostname The address to bind to: all of a family.
   * @param zone See {@linkcode DenoSocket.bind}.
   */
  static bind(hostname: string, zone: string | undefined): DatagramSocket {
    const first = DenoSocket.bind(hostname, 0, zone);
    const { port } = first.local;
    if (!canShare(hostname, port)) return first;
    // A free port is found without sharing, or it might be one that is shared.
    first.close();
    try {
      return new ThreadedSocket(DenoSocket.bind(hostname, port, zone, true));
    } catch {
      // Somebody took the port between the two calls.
      return DenoSocket.bind(hostname, 0, zone);
    }
  }

  get lastSendError(): Error | undefined {
    return this.#socket.lastSendError;
  }

  get drops(): number | undefined {
    return this.#socket.drops;
  }

  carries(to: RemoteAddress): number | undefined {
    return this.#socket.carries(to);
  }

  sizeCounts(to: RemoteAddress): SizeCounts | undefined {
    return this.#socket.sizeCounts(to);
  }

  /** Has a thread while it is `wanted`, once much arrives. */
  relieveWhen(wanted: () => boolean): void {
    this.#wanted = wanted;
  }

  /** Whether a thread of its own receives. */
  get relieved(): boolean {
    return this.#worker !== undefined;
  }

  receive(take: DatagramHandler): Promise<void> {
    return this.#socket.receive((bytes, segmentSize, from) => {
      const due = ++this.#received % THREAD_AFTER === 0;
      if (due && !this.relieved && this.#wanted()) this.#startThread(take);
      take(bytes, segmentSize, from);
    });
  }

  send(
    bytes: Uint8Array,
    segmentSize: number,
    to: RemoteAddress,
  ): Promise<void> {
    return this.#socket.send(bytes, segmentSize, to);
  }

  async close(): Promise<void> {
    this.#socket.close();
    this.#stopThread();
    await this.#taken;
  }

  #startThread(take: DatagramHandler): void {
    const memory = ringMemory();
    const ring = new DatagramRing(memory);
    const url = workerUrl(WORKER_SOURCE);
    const worker = new Worker(url, { type: "module", name: "receive" });
    const { hostname, port } = this.local;
    const order: ReceiveOrder = { memory, hostname, port };
    worker.onerror = (event: ErrorEvent) => {
      // Its socket is closed with it, and this thread receives as before.
      event.preventDefault();
      this.#stopThread();
    };
    worker.postMessage(order);
    this.#worker = worker;
    this.#ring = ring;
    this.#taken = this.#takeFrom(ring, take);
  }

  async #takeFrom(ring: DatagramRing, take: DatagramHandler): Promise<void> {
    const buffer = new Uint8Array(DATAGRAM_BYTES);
    let idle = 0;
    while (this.#ring === ring) {
      const before = this.#received;
      if (!this.#wanted()) this.#stopThread();
      const more = ring.takeAll(
        (bytes, segmentSize, from) => {
          this.#received++;
          take(bytes, segmentSize, this.#socket.withZone(from));
        },
        buffer,
        TURN_DATAGRAMS,
      );
      if (more) await giveWay();
      else if (this.#received > before || idle < IDLE_TICKS) {
        idle = this.#received > before ? 0 : idle + 1;
        // To be woken for each datagram would cost both threads more.
        await delay(TICK_MS);
      } else await ring.filled();
    }
  }

  #stopThread(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#ring?.wake();
    this.#ring = undefined;
  }
}

/** Whether two sockets may share a port, and threads wake each other, here. */
function canShare(hostname: string, port: number): boolean {
  if (Deno.build.os !== "linux") return false;
  if (typeof Atomics.waitAsync !== "function") return false;
  const host = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  // Asking would make the runtime prompt.
  return Deno.permissions.querySync({ name: "net", host }).state === "granted";
}
