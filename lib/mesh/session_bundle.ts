/**
 * Several sessions with one node that act as one: each has a socket of its
 * own, and with it a receive buffer of its own.
 *
 * Inside one machine nothing but that buffer stores packets, so a session has
 * no more than three large ones on their way. That is too few when the threads
 * at both ends wait for their turn on a busy core: measured on two cores with a
 * disk and a hash at work, one session moved 64 MiB/s where the same path
 * without them moved 181.
 *
 * @module
 */

import { combineStats } from "./combine_stats.ts";
import type {
  BidiStream,
  CloseInfo,
  RelayCarrier,
  RemotePeer,
  Session,
  SessionRoute,
  SessionStats,
} from "./session.ts";
import type { WireSession } from "./wire_session.ts";

/** A session that spreads its streams over further sessions with the same node. */
export class SessionBundle implements Session {
  readonly #primary: WireSession;
  readonly #more: () => Promise<WireSession>;
  readonly #limit: () => number;
  readonly #members: Set<WireSession>;
  #growing: Promise<void> | undefined;
  #closed = false;
  /** What all may receive together, in bytes per second. */
  #receiveRate = Infinity;

  readonly remote: RemotePeer;
  readonly closed: Promise<CloseInfo>;

  /**
   * The bundle ends with `primary`; `more` makes a session, up to `limit` in
   * all, which is asked for whenever there might be one more.
   */
  constructor(
    primary: WireSession,
    more: () => Promise<WireSession>,
    limit: () => number,
  ) {
    this.#primary = primary;
    this.#more = more;
    this.#limit = limit;
    this.#members = new Set([primary]);
    this.remote = primary.remote;
    this.closed = primary.closed;
    primary.closed.then(() => this.#closeOthers());
  }

  get silentMs(): number {
    return this.#primary.silentMs;
  }

  get stats(): SessionStats {
    const [, ...others] = this.#members;
    return combineStats(
      this.#primary.stats,
      others.map(({ stats }) => stats),
    );
  }

  get socketDrops(): number | undefined {
    let sum: number | undefined;
    for (const { socketDrops } of this.#members) {
      if (socketDrops !== undefined) sum = (sum ?? 0) + socketDrops;
    }
    return sum;
  }

  get route(): SessionRoute {
    return this.#primary.route;
  }

  get carrier(): RelayCarrier | undefined {
    return this.#primary.carrier;
  }

  /** Opens a stream on the session that has the fewest. */
  async openStream(options?: { signal?: AbortSignal }): Promise<BidiStream> {
    for (;;) {
      const members = [...this.#members].filter((member) => !member.isOver);
      const member = members.reduce(
        (least, other) => other.streams < least.streams ? other : least,
        this.#primary,
      );
      if (member.streams > 0) this.#grow();
      try {
        return await member.openStream(options);
      } catch (error) {
        // Another one may have ended while it was waited for.
        if (member === this.#primary || !member.isOver) throw error;
      }
    }
  }

  /** The streams the peer opens on the first session. */
  incomingStreams(): AsyncIterable<BidiStream> {
    return this.#primary.incomingStreams();
  }

  /** Each of the sessions gets its part. */
  limitReceiving(bytesPerSecond: number): void {
    this.#receiveRate = bytesPerSecond;
    for (const member of this.#members) {
      member.limitReceiving(bytesPerSecond / this.#members.size);
    }
  }

  async flushed(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.flushed()));
  }

  async close(code?: number, reason?: string): Promise<void> {
    await Promise.all([
      this.#primary.close(code, reason),
      this.#closeOthers(code, reason),
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #shareRate(): void {
    if (this.#receiveRate === Infinity) return;
    this.limitReceiving(this.#receiveRate);
  }

  /** Makes one more session in the background; without it there is one fewer. */
  #grow(): void {
    if (
      this.#closed || this.#growing !== undefined ||
      this.#members.size >= this.#limit()
    ) return;
    this.#growing = this.#more().then(
      (session) => this.#adopt(session),
      () => {
        // The node may have no room for more; the others do its work.
      },
    ).finally(() => this.#growing = undefined);
  }

  async #adopt(session: WireSession): Promise<void> {
    if (this.#closed) return await session.close();
    this.#members.add(session);
    this.#shareRate();
    session.closed.then(() => {
      this.#members.delete(session);
      this.#shareRate();
    });
  }

  async #closeOthers(code?: number, reason?: string): Promise<void> {
    this.#closed = true;
    const [, ...others] = this.#members;
    await Promise.all(others.map((other) => other.close(code, reason)));
    await this.#growing;
  }
}
