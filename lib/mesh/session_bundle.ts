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

import type {
  BidiStream,
  CloseInfo,
  RelayCarrier,
  RemotePeer,
  Session,
  SessionStats,
} from "./session.ts";

/** A session that spreads its streams over further sessions with the same node. */
export class SessionBundle implements Session {
  readonly #primary: Session;
  readonly #more: () => Promise<Session>;
  readonly #limit: number;
  readonly #members: Member[];
  #growing: Promise<void> | undefined;
  #closed = false;

  /** The peer. */
  readonly remote: RemotePeer;
  /** Resolves when the first session is over. */
  readonly closed: Promise<CloseInfo>;

  /**
   * Makes a bundle of one session.
   *
   * @param primary The session that counts: when it ends, the bundle ends.
   * @param more Makes a further session with the same node.
   * @param limit Sessions in all.
   */
  constructor(
    primary: Session,
    more: () => Promise<Session>,
    limit: number,
  ) {
    this.#primary = primary;
    this.#more = more;
    this.#limit = limit;
    this.#members = [{ session: primary, streams: 0 }];
    this.remote = primary.remote;
    this.closed = primary.closed;
    primary.closed.then(() => this.#closeOthers());
  }

  /** Figures of the first session's path. */
  get stats(): SessionStats {
    return this.#primary.stats;
  }

  /** The first session's. */
  get carrier(): RelayCarrier | undefined {
    return this.#primary.carrier;
  }

  /** Opens a stream on the session that has the fewest. */
  async openStream(options?: { signal?: AbortSignal }): Promise<BidiStream> {
    const member = this.#members.reduce((least, other) =>
      other.streams < least.streams ? other : least
    );
    if (member.streams > 0) this.#grow();
    member.streams++;
    let stream: BidiStream;
    try {
      stream = await member.session.openStream(options);
    } catch (error) {
      member.streams--;
      throw error;
    }
    return new CountedStream(stream, () => member.streams--);
  }

  /** The streams the peer opens on the first session. */
  incomingStreams(): AsyncIterable<BidiStream> {
    return this.#primary.incomingStreams();
  }

  /** Waits until the peer has everything that was sent on finished streams of all sessions. */
  async flushed(): Promise<void> {
    await Promise.all(this.#members.map(({ session }) => session.flushed()));
  }

  /** Ends all sessions. */
  async close(code?: number, reason?: string): Promise<void> {
    await Promise.all([
      this.#primary.close(code, reason),
      this.#closeOthers(code, reason),
    ]);
  }

  /** Closes the bundle. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Makes one more session in the background; without it there is one fewer. */
  #grow(): void {
    if (
      this.#closed || this.#growing !== undefined ||
      this.#members.length >= this.#limit
    ) return;
    this.#growing = this.#more().then(
      (session) => this.#adopt(session),
      () => {
        // The node may have no room for more; the others do its work.
      },
    ).finally(() => this.#growing = undefined);
  }

  async #adopt(session: Session): Promise<void> {
    if (this.#closed) return await session.close();
    const member: Member = { session, streams: 0 };
    this.#members.push(member);
    session.closed.then(() => {
      const at = this.#members.indexOf(member);
      if (at > 0) this.#members.splice(at, 1);
    });
  }

  async #closeOthers(code?: number, reason?: string): Promise<void> {
    this.#closed = true;
    const [, ...others] = this.#members;
    await Promise.all(others.map(({ session }) => session.close(code, reason)));
    await this.#growing;
  }
}

interface Member {
  session: Session;
  /** Streams opened on it that are not over. */
  streams: number;
}

/** A stream that tells when its reader is done with it. */
class CountedStream implements BidiStream {
  readonly id: number;
  readonly #stream: BidiStream;
  #onEnd: (() => void) | undefined;

  constructor(stream: BidiStream, onEnd: () => void) {
    this.id = stream.id;
    this.#stream = stream;
    this.#onEnd = onEnd;
  }

  async read(target: Uint8Array, min = 1): Promise<number> {
    try {
      const length = await this.#stream.read(target, min);
      if (length < Math.min(min, target.length)) this.#end();
      return length;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#stream.write(bytes);
  }

  finish(): void {
    this.#stream.finish();
  }

  setPriority(priority: "interactive" | "bulk"): void {
    this.#stream.setPriority(priority);
  }

  reset(code: number): void {
    this.#stream.reset(code);
  }

  stopSending(code: number): void {
    this.#stream.stopSending(code);
    this.#end();
  }

  #end(): void {
    this.#onEnd?.();
    this.#onEnd = undefined;
  }
}
