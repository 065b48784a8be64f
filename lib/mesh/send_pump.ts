import { DATAGRAM_MAX } from "../limits.ts";
import type { RemoteAddress, Transmit } from "../wire/mod.ts";
import type { DatagramSocket } from "./datagram_socket.ts";
import type { TurnGroup } from "./turn_groups.ts";

/** Datagrams that the socket may have and not have sent yet. */
const BUFFERS = 16;
/** Bytes one connection may send before it is the next group's turn. */
const TURN_BYTES = 128 * 1024;
/**
 * Connections of a group that have a whole turn between them: each further one
 * costs acknowledgements and requests besides what it is sent, so that they have
 * less. None has less than an eighth.
 */
const WHOLE_TURN_MEMBERS = 4;
/** Packets of no connection that the socket has not taken yet; more are dropped. */
const ANSWERS_MAX = 64;

/** A connection as the pump sees it. */
export interface PumpSource {
  /** Whether it waits for its turn; kept by the pump. */
  queued: boolean;
  /** Those that share turns with it. */
  readonly group: TurnGroup<PumpSource>;
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

/** A buffer that circulates, and what is to be done when it comes back. */
class SendBuffer {
  readonly bytes = new Uint8Array(DATAGRAM_MAX);
  /** What watches the datagram in it. */
  source: PumpSource | undefined;
  length = 0;
  to: RemoteAddress | undefined;
  before = 0;
  /** Made once, not for each packet. */
  readonly onSent: () => void;

  constructor(release: (buffer: SendBuffer) => void) {
    this.onSent = () => {
      const { source, to } = this;
      release(this);
      if (source === undefined || to === undefined) return;
      this.source = this.to = undefined;
      source.onLeft?.(this.length, to, this.before);
    };
  }
}

/**
 * Moves datagrams from many connections to one socket in turns of bounded size, of
 * which all connections of a key have one between them. A few
 * buffers circulate between the wire, which fills them, and the socket, which may still
 * read them after `send` has returned.
 */
export class SendPump {
  readonly #socket: Pick<DatagramSocket, "send">;
  readonly #onError: (error: unknown) => void;
  /** Groups with sources that wait, each of which has a turn in turn. */
  readonly #queue: TurnGroup<PumpSource>[] = [];
  readonly #free: SendBuffer[] = [];
  /** Bytes that the source whose turn it is has sent in it. */
  #sent = 0;
  /** Sends that the socket has not finished. */
  #unsent = 0;
  /** Resolved when nothing is queued and the socket has taken everything. */
  #flushed: PromiseWithResolvers<void> | undefined;
  #running = false;
  #startQueued = false;
  #stopped = false;

  constructor(
    socket: Pick<DatagramSocket, "send">,
    onError: (error: unknown) => void,
  ) {
    this.#socket = socket;
    this.#onError = onError;
    for (let i = 0; i < BUFFERS; i++) {
      this.#free.push(new SendBuffer((buffer) => this.#release(buffer)));
    }
  }

  /** Gives `source` a turn, next time the pump runs. */
  queue(source: PumpSource): void {
    if (source.queued) return;
    source.queued = true;
    const { group } = source;
    if (group.waiting.push(source) === 1) this.#queue.push(group);
  }

  /**
   * Queues `source` and runs soon, so that several calls of one task share a
   * packet.
   */
  wake(source: PumpSource): void {
    this.queue(source);
    if (this.#startQueued || this.#running) return;
    this.#startQueued = true;
    queueMicrotask(() => {
      this.#startQueued = false;
      this.start();
    });
  }

  /**
   * Runs until no source has anything to send or the socket has all buffers;
   * when they come back the pump goes on by itself.
   */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      this.#takeTurns();
    } catch (error) {
      // Whose turn it was must not keep the others from theirs.
      if (this.#queue.length > 0) this.#takeNext();
      this.#sent = 0;
      this.#onError(error);
    }
    this.#running = false;
    this.#settle();
  }

  /** Resolves when all that is queued has been sent and the socket has taken it. */
  flush(): Promise<void> {
    this.#flushed ??= Promise.withResolvers<void>();
    const { promise } = this.#flushed;
    this.start();
    return promise;
  }

  stop(): void {
    this.#stopped = true;
  }

  /**
   * Sends one packet of no connection, unless the socket has too many of those
   * to take. A promise resolves when the socket is done with it.
   */
  sendOnce(packet: Uint8Array, to: RemoteAddress): Promise<void> | void {
    if (this.#unsent >= ANSWERS_MAX) return;
    const sending = this.#socket.send(packet, packet.length, to);
    if (sending === undefined) return;
    this.#unsent++;
    return sending.then(() => {
      this.#unsent--;
      this.#settle();
    });
  }

  /** Gives each queued source its turns until none has anything to send. */
  #takeTurns(): void {
    while (!this.#stopped) {
      const source = this.#queue[0]?.waiting[0];
      if (source === undefined) return;
      const turnBytes = turnBytesOf(source.group);
      while (this.#sent < turnBytes) {
        const buffer = this.#free.pop();
        if (buffer === undefined) return;
        if (!this.#sendOf(source, buffer)) break;
      }
      const drained = this.#sent < turnBytes;
      this.#sent = 0;
      this.#takeNext();
      source.onTurnOver(drained);
      if (!drained) this.queue(source);
    }
  }

  /** The turn of the first one is over, and the next group's begins. */
  #takeNext(): void {
    const group = this.#queue.shift()!;
    group.waiting.shift()!.queued = false;
    if (group.waiting.length > 0) this.#queue.push(group);
  }

  /** Sends the next datagram of a source, if it has one. */
  #sendOf(source: PumpSource, buffer: SendBuffer): boolean {
    let sending: Promise<void> | void;
    try {
      const transmit = source.transmit(performance.now(), buffer.bytes);
      if (transmit === undefined) {
        this.#free.push(buffer);
        return false;
      }
      const { length, to } = transmit;
      this.#sent += length;
      const before = source.fragmentsBefore;
      if (before !== undefined) {
        buffer.source = source;
        buffer.length = length;
        buffer.to = to;
        buffer.before = before;
      }
      sending = this.#socket.send(buffer.bytes.subarray(0, length), length, to);
    } catch (error) {
      this.#free.push(buffer);
      throw error;
    }
    this.#unsent++;
    if (sending === undefined) buffer.onSent();
    else sending.then(buffer.onSent);
    return true;
  }

  #release(buffer: SendBuffer): void {
    const starved = this.#free.length === 0;
    this.#free.push(buffer);
    this.#unsent--;
    if (starved && this.#queue.length > 0) this.start();
    else this.#settle();
  }

  #settle(): void {
    if (this.#flushed === undefined || this.#unsent > 0) return;
    if (this.#queue.length > 0 && !this.#stopped) return;
    this.#flushed.resolve();
    this.#flushed = undefined;
  }
}

/** Bytes that one of a group may send in its turn. */
function turnBytesOf({ members }: TurnGroup<PumpSource>): number {
  const share = Math.min(1, WHOLE_TURN_MEMBERS / members);
  return Math.max(TURN_BYTES / 8, TURN_BYTES * share);
}
