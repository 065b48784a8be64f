import { PeerClosedError } from "../errors.ts";
import { Keeper, type KeeperOptions } from "./keeper.ts";
import type {
  BidiStream,
  CloseInfo,
  RelayCarrier,
  RemotePeer,
  Session,
  SessionRoute,
  SessionStats,
} from "./session.ts";

/**
 * A session that outlives its connections: when one is lost, its streams fail,
 * and streams that are opened from then on wait for the next one.
 */
export class KeptSession implements Session {
  /** What later connections may receive, where it was changed. */
  #receiveRate: number | undefined;

  readonly closed: Promise<CloseInfo>;
  readonly kept: Keeper;

  /** Keeps `first`; without it begins to attach. */
  constructor(first: Session | undefined, options: KeeperOptions) {
    const connect: KeeperOptions["connect"] = async (signal) => {
      const session = await options.connect(signal);
      if (this.#receiveRate !== undefined) {
        session.limitReceiving(this.#receiveRate);
      }
      return session;
    };
    this.kept = new Keeper({ ...options, connect }, first);
    this.closed = this.kept.closed;
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

  get route(): SessionRoute {
    return this.#latest.route;
  }

  get carrier(): RelayCarrier | undefined {
    return this.#latest.carrier;
  }

  async openStream(
    options: { signal?: AbortSignal } = {},
  ): Promise<BidiStream> {
    for (;;) {
      const session = await this.kept.live(options.signal);
      try {
        return await session.openStream(options);
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof PeerClosedError)) throw error;
        // The keeper learns of the end a moment later.
        while (this.kept.current === session) {
          await this.kept.change(options.signal);
        }
      }
    }
  }

  /** The streams that the peer opens, on one connection after the other. */
  async *incomingStreams(): AsyncGenerator<BidiStream> {
    let last: Session | undefined;
    for (;;) {
      const session = await this.kept.live().catch(() => undefined);
      if (session === undefined) return;
      if (session === last) await this.kept.change();
      else yield* session.incomingStreams();
      last = session;
    }
  }

  limitReceiving(bytesPerSecond: number): void {
    this.#receiveRate = bytesPerSecond;
    this.kept.latest?.limitReceiving(bytesPerSecond);
  }

  async flushed(): Promise<void> {
    await this.kept.current?.flushed();
  }

  async close(code?: number, reason?: string): Promise<void> {
    await this.kept.close(code, reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #latest(): Session {
    const { latest } = this.kept;
    if (latest === undefined) {
      throw new PeerClosedError("the node has not been attached to yet");
    }
    return latest;
  }
}
