/**
 * How much was read for whom and how much of it was taken: who takes what is
 * read for it gets memory first.
 *
 * Who asks and does not take, or has a chunk read for a few bytes of it, waits
 * behind those who take what they ask for until that is forgotten, by whichever
 * trick it was done. It is counted by key and, less, by network, as who has one
 * has as many keys as he likes.
 */

/** Milliseconds after which half of it is forgotten. */
const HALF_LIFE_MS = 4000;
/** What a network has wasted counts so much less: others may share it. */
const NETWORK_SHARE = 1 / 8;
/** Bytes that all count as having taken. */
const TAKEN_MIN = 64 * 1024;
/** Bytes that may be wasted at a time without a pause: 32 chunks. */
const WASTE_FREE = 128 * 1024 * 1024;
/** Those beyond it that a second of pause is for. */
const WASTE_PER_MS = 256 * 1024;

/** The worst share: a chunk read for 64 KiB of it. */
const SHARE_MAX = 32;

/** One key or one network. */
class Work {
  /** Sessions that it has. */
  sessions = 0;
  #wasted = 0;
  #taken = 0;
  #at = 0;

  add(wasted: number, taken: number, now: number): void {
    const left = 0.5 ** ((now - this.#at) / HALF_LIFE_MS);
    this.#wasted = Math.max(0, left * this.#wasted + wasted);
    this.#taken = left * this.#taken + taken;
    this.#at = now;
  }

  /** Bytes that were wasted lately. */
  wasted(now: number): number {
    if (this.#wasted > 0) this.add(0, 0, now);
    return this.#wasted;
  }

  /** Bytes wasted for each that was taken, with some more of both. */
  share(wasted: number, taken: number, now: number): number {
    if (this.#wasted + wasted === 0) return 0;
    this.add(0, 0, now);
    const all = this.#taken + taken + TAKEN_MIN;
    return Math.min(SHARE_MAX, (this.#wasted + wasted) / all);
  }
}

/** Of all that have a session; nothing is kept of others. */
export class TakenWork {
  readonly #keys = new Map<string, Work>();
  readonly #networks = new Map<string, Work>();

  /** Adds a session. */
  join(key: string, network: string): WorkShare {
    const keys = joined(this.#keys, key);
    const networks = joined(this.#networks, network);
    return new WorkShare(keys, networks, () => {
      if (--keys.sessions === 0) this.#keys.delete(key);
      if (--networks.sessions === 0) this.#networks.delete(network);
    });
  }
}

function joined(all: Map<string, Work>, name: string): Work {
  const work = all.get(name) ?? new Work();
  all.set(name, work);
  work.sessions++;
  return work;
}

/** What one session's work counts for. */
export class WorkShare implements Disposable {
  /** Use {@linkcode TakenWork.join}. */
  constructor(
    private readonly key: Work,
    private readonly network: Work,
    private readonly leave: () => void,
  ) {}

  /** So much more was read for it that it did not take, and so much that it did. */
  add(wasted: number, taken: number, now: number): void {
    this.key.add(wasted, taken, now);
    this.network.add(wasted, taken, now);
  }

  /** Bytes wasted for each that was taken, counting some more. */
  wasted(now: number, wasted = 0, taken = 0): number {
    return this.key.share(wasted, taken, now) +
      NETWORK_SHARE * this.network.share(0, 0, now);
  }

  /**
   * Milliseconds until the next reading, for who has much read and takes little
   * of it: seven chunks in a second for a key, and fewer for many of one network.
   * Such reading would take processor and disk from others, whose memory it
   * cannot take.
   */
  pauseMs(now: number): number {
    const own = this.key.wasted(now);
    if (own <= WASTE_FREE / 4) return 0;
    const all = own + NETWORK_SHARE * this.network.wasted(now);
    return Math.max(0, all - WASTE_FREE) / WASTE_PER_MS;
  }

  /** The session is over. */
  [Symbol.dispose](): void {
    this.leave();
  }
}
