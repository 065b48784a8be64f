/**
 * Memory for requests, and for answers of procedures: one bound for all sessions
 * of a holder. When it is passed, the peer whose waiting requests hold most loses
 * the one that came first. A request waits while its peer has yet to send the
 * rest of it, or to take the response; so one that is never finished goes as soon
 * as others need its room.
 */

import { REQUEST_MEMORY } from "../../limits.ts";

/** The buffers of all requests that are being read. */
export class RequestMemory {
  readonly #max: number;
  /** By peer, those that came first in front. */
  readonly #rooms = new Map<string, Set<RequestRoom>>();
  #used = 0;

  /** @param max Bytes for all sessions together. */
  constructor(max: number = REQUEST_MEMORY) {
    this.#max = max;
  }

  /** Bytes in use. */
  get used(): number {
    return this.#used;
  }

  /**
   * Makes room for a request.
   *
   * @param peer Whose it is.
   * @param end Ends it; its room is given back by then.
   */
  room(peer: string, end: () => void): RequestRoom {
    const rooms = this.#rooms.get(peer) ?? new Set();
    this.#rooms.set(peer, rooms);
    const room: RequestRoom = new RequestRoom(end, (change) => {
      this.#used += change;
      if (room.bytes === 0) {
        rooms.delete(room);
        if (rooms.size === 0) this.#rooms.delete(peer);
      }
      if (change > 0) this.#collect();
    });
    rooms.add(room);
    return room;
  }

  #collect(): void {
    while (this.#used > this.#max) {
      const [oldest] = this.#most();
      if (oldest === undefined) return;
      oldest[Symbol.dispose]();
      oldest.end();
    }
  }

  /** The waiting requests of the peer whose hold most. */
  #most(): RequestRoom[] {
    let most: RequestRoom[] = [];
    let bytes = 0;
    for (const rooms of this.#rooms.values()) {
      const waiting = [...rooms].filter(({ isWaiting }) => isWaiting);
      const sum = waiting.reduce((sum, { bytes }) => sum + bytes, 0);
      if (sum > bytes) [most, bytes] = [waiting, sum];
    }
    return most;
  }
}

/** The memory of one request that is being read. */
export class RequestRoom implements Disposable {
  bytes = 0;
  /** Whether it is the peer's turn. */
  isWaiting = true;
  #isOver = false;

  /** Use {@linkcode RequestMemory.room}. */
  constructor(
    readonly end: () => void,
    private readonly onChange: (change: number) => void,
  ) {}

  /** Its buffer is so long now. */
  resize(bytes: number): void {
    if (this.#isOver) return;
    const change = bytes - this.bytes;
    this.bytes = bytes;
    this.onChange(change);
  }

  /** The request is read, or over. */
  [Symbol.dispose](): void {
    this.resize(0);
    this.#isOver = true;
  }
}
