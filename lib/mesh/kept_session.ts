import { PeerClosedError } from "../errors.ts";
import { Keeper, type KeeperOptions } from "./keeper.ts";
import type {
  BidiStream,
  CloseInfo,
  RelayCarrier,
  RemotePeer,
  Session,
  SessionKeeping,
  SessionStats,
} from "./session.ts";

/**
 * A session that outlives its connections: when one is lost, its streams fail,
 * and streams that are opened from then on wait for the next one.
 */
export class KeptSession implements Session {
  readonly #keeper: Keeper;
  readonly #first: Session;
  /** What later connections may receive, where it was changed. */
  #receiveRate: number | undefined;

  readonly closed: Promise<CloseInfo>;
  readonly kept: SessionKeeping;

  /** Keeps the session with a node, beginning with `first`. */
  constructor(first: Session, options: KeeperOptions) {
    this.#first = first;
    const connect: KeeperOptions["connect"] = async (signal) => {
      const session = await options.connect(signal);
      if (this.#receiveRate !== undefined) {
        session.limitReceiving(this.#receiveRate);
      }
      return session;
    };
    const keeper = this.#keeper = new Keeper({ ...options, connect }, first);
    this.closed = keeper.closed;
    this.kept = keeper;
  }

  /** The peer, where it was attached to last. */
  get remote(): RemotePeer {
    return this.#latest.remote;
  }

  get silentMs(): number {
    return this.#latest.silentMs;
  }

  /** Figures of the last connection. */
  get stats(): SessionStats {
    return this.#latest.stats;
  }

  get socketDrops(): number | undefined {
    return this.#latest.socketDrops;
  }

  get carrier(): RelayCarrier | undefined {
    return this.#latest.carrier;
  }

  async openStream(
    options: { signal?: AbortSignal } = {},
  ): Promise<BidiStream> {
    for (;;) {
      const session = await this.#keeper.live(options.signal);
      try {
        return await session.openStream(options);
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof PeerClosedError)) throw error;
        // The keeper learns of the end a moment later.
        await session.closed;
      }
    }
  }

  /** The streams that the peer opens, on one connection after the other. */
  async *incomingStreams(): AsyncGenerator<BidiStream> {
    let last: Session | undefined;
    for (;;) {
      const session = await this.#keeper.live().catch(() => undefined);
      if (session === undefined) return;
      if (session === last) await this.#keeper.change();
      else yield* session.incomingStreams();
      last = session;
    }
  }

  limitReceiving(bytesPerSecond: number): void {
    this.#receiveRate = bytesPerSecond;
    this.#latest.limitReceiving(bytesPerSecond);
  }

  async flushed(): Promise<void> {
    await this.#keeper.current?.flushed();
  }

  async close(code?: number, reason?: string): Promise<void> {
    await this.#keeper.close(code, reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #latest(): Session {
    return this.#keeper.latest ?? this.#first;
  }
}
