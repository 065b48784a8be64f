import { DATAGRAM_MAX } from "../limits.ts";
import type { RemoteAddress, Transmit } from "../wire/mod.ts";
import type { DatagramSocket } from "./datagram_socket.ts";

/** Datagrams that the socket may have and not have sent yet. */
const BUFFERS = 16;
/** Bytes one connection may send before it is the next one's turn. */
const TURN_BYTES = 128 * 1024;
/** Packets of no connection that the socket has not taken yet; more are dropped. */
const ANSWERS_MAX = 64;

/** A connection as the pump sees it. */
export interface PumpSource {
  /** Whether it waits for its turn; kept by the pump. */
  queued: boolean;
  /**
   * Fragments that the system had made before the datagram just written, when
   * it is to be watched.
   */
  readonly fragmentsBefore?: number;
  /** Writes the next datagram into `out`, if there is one now; must not throw. */
  transmit(
    now: number,
    out: Uint8Array,
  ): Pick<Transmit, "length" | "to"> | undefined;
  /** A datagram that is to be watched has left. */
  onLeft?(length: number, to: RemoteAddress, fragmentsBefore: number): void;
  /** Its turn is over; unless `drained`, it has more to send and is queued again. */
  onTurnOver(drained: boolean): void;
}

/**
 * Moves datagrams from many connections to one socket in turns of bounded size. A few
 * buffers circulate between the wire, which fills them, and the socket, which may still
 * read them after `send` has returned.
 */
export class SendPump {
  readonly #socket: Pick<DatagramSocket, "send">;
  readonly #onError: (error: unknown) => void;
  readonly #queue: PumpSource[] = [];
  readonly #free: Uint8Array[] = Array.from(
    { length: BUFFERS },
    () => new Uint8Array(DATAGRAM_MAX),
  );
  /** Takes the next buffer that comes back; only the one run waits for it. */
  #wantsBuffer: ((buffer: Uint8Array) => void) | undefined;
  /** Sends that the socket has not finished. */
  readonly #pending = new Set<Promise<void>>();
  #running: Promise<void> | undefined;
  #startQueued = false;
  #stopped = false;

  constructor(
    socket: Pick<DatagramSocket, "send">,
    onError: (error: unknown) => void,
  ) {
    this.#socket = socket;
    this.#onError = onError;
  }

  /** Gives `source` a turn, next time the pump runs. */
  queue(source: PumpSource): void {
    if (source.queued) return;
    source.queued = true;
    this.#queue.push(source);
  }

  /**
   * Queues `source` and runs soon, so that several calls of one task share a
   * packet.
   */
  wake(source: PumpSource): void {
    this.queue(source);
    if (this.#startQueued || this.#running !== undefined) return;
    this.#startQueued = true;
    queueMicrotask(() => {
      this.#startQueued = false;
      this.start();
    });
  }

  /** Runs until no source has anything to send. */
  start(): void {
    this.#run().catch(this.#onError);
  }

  /** Resolves when all that is queued has been sent and the socket has taken it. */
  async flush(): Promise<void> {
    await this.#run();
    await Promise.all(this.#pending);
  }

  stop(): void {
    this.#stopped = true;
  }

  /**
   * Sends one packet of no connection, unless the socket has too many of those
   * to take. A promise resolves when the socket is done with it.
   */
  sendOnce(packet: Uint8Array, to: RemoteAddress): Promise<void> | void {
    if (this.#pending.size >= ANSWERS_MAX) return;
    const sending = this.#socket.send(packet, packet.length, to);
    this.#track(sending);
    return sending;
  }

  async #run(): Promise<void> {
    if (this.#running !== undefined) return await this.#running;
    this.#running = this.#takeTurns();
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
      if (this.#queue.length > 0 && !this.#stopped) this.start();
    }
  }

  /** Gives each queued source its turns until none has anything to send. */
  async #takeTurns(): Promise<void> {
    for (;;) {
      const source = this.#queue.shift();
      if (source === undefined || this.#stopped) return;
      source.queued = false;
      let sent = 0;
      while (sent < TURN_BYTES) {
        const buffer = this.#free.pop() ??
          await new Promise<Uint8Array>((take) => this.#wantsBuffer = take);
        const transmit = source.transmit(performance.now(), buffer);
        if (transmit === undefined) {
          this.#release(buffer);
          break;
        }
        const { length, to } = transmit;
        const before = source.fragmentsBefore;
        sent += length;
        const sending = this.#socket.send(
          buffer.subarray(0, length),
          length,
          to,
        );
        if (sending === undefined) this.#release(buffer);
        else {
          this.#track(sending.then(() => {
            this.#release(buffer);
            if (before !== undefined) source.onLeft?.(length, to, before);
          }));
        }
      }
      const drained = sent < TURN_BYTES;
      source.onTurnOver(drained);
      if (!drained) this.queue(source);
    }
  }

  #release(buffer: Uint8Array): void {
    const take = this.#wantsBuffer;
    this.#wantsBuffer = undefined;
    if (take === undefined) this.#free.push(buffer);
    else take(buffer);
  }

  #track(sending: Promise<void> | void): void {
    if (sending === undefined) return;
    this.#pending.add(sending);
    sending.then(() => this.#pending.delete(sending));
  }
}
