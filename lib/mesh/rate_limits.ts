import { RateLimit, type RateShare } from "../wire/mod.ts";

/** Limits on the content that a node sends, in bytes per second. */
export interface NodeRates {
  /** To all peers together; infinite for no limit. */
  readonly total: number;
  /** To each peer, by its key; infinite for no limit. */
  readonly session: number;
}

/** What the connections of one peer share. */
interface PeerRates {
  readonly limit: RateLimit;
  readonly shares: readonly RateShare[];
  connections: number;
}

/** A connection's part in the limits of its node. */
export interface JoinedRates extends Disposable {
  readonly shares: readonly RateShare[];
}

/**
 * The limits of a node. Peers that want more than there is get equal parts,
 * however many connections each has.
 */
export class RateLimits {
  readonly #total: RateLimit;
  readonly #peers = new Map<string, PeerRates>();
  #session: number;

  constructor({ total, session }: NodeRates, now: number) {
    this.#total = new RateLimit(total, now);
    this.#session = new RateLimit(session, now).bytesPerSecond;
  }

  /** The limits as they are. */
  get rates(): NodeRates {
    return { total: this.#total.bytesPerSecond, session: this.#session };
  }

  /** Changes the limits, at once and for those that are attached, too. */
  set({ total, session }: NodeRates, now: number): void {
    this.#total.setRate(total, now);
    // One that is no rate is refused here already, not with the next peer.
    this.#session = new RateLimit(session, now).bytesPerSecond;
    for (const { limit } of this.#peers.values()) limit.setRate(session, now);
  }

  /**
   * A connection with the peer of a key begins.
   *
   * @returns Its part; disposed of when it is over.
   */
  join(key: string, now: number): JoinedRates {
    const peer = this.#peers.get(key) ?? this.#newPeer(now);
    this.#peers.set(key, peer);
    peer.connections++;
    return {
      shares: peer.shares,
      [Symbol.dispose]: () => {
        if (--peer.connections === 0) this.#peers.delete(key);
      },
    };
  }

  #newPeer(now: number): PeerRates {
    const limit = new RateLimit(this.#session, now);
    const shares = [limit.share(), this.#total.share()];
    return { limit, shares, connections: 0 };
  }
}
