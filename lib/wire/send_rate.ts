/** The limits that users have set on what one connection sends. */

import { RateLimit, type RateShare } from "./recovery/rate_limit.ts";

/**
 * Asks all limits of a connection: those of its owner, and the peer's wish.
 * A limit is waited for only while it is what holds the connection back, so that
 * others get what this one has no use for.
 */
export class SendRate {
  readonly #owners: readonly RateShare[];
  /** What the peer wishes to get at most. */
  #wish: RateLimit | undefined;
  #shares: readonly RateShare[];
  #waitsFor: RateShare | undefined;
  #now = 0;
  /** When {@linkcode mayTake} is to be asked again; infinite when it need not. */
  until = Infinity;

  constructor(shares: readonly RateShare[]) {
    this.#owners = shares;
    this.#shares = shares;
  }

  /** Whether the peer, or the owner, has set a limit. */
  get isLimited(): boolean {
    for (const share of this.#shares) if (share.isLimited) return true;
    return false;
  }

  /** Bytes of content that may leave now. */
  get available(): number {
    let available = Infinity;
    for (const share of this.#shares) {
      if (share.isLimited) available = Math.min(available, share.available);
    }
    return available;
  }

  /**
   * Bytes of one stream that leave before it is the turn of the next: few at a low
   * rate, so that each of many streams gets something in time.
   */
  get turnBytes(): number {
    let bytes = Infinity;
    for (const share of this.#shares) {
      if (share.isLimited) {
        bytes = Math.min(bytes, share.portion);
      }
    }
    return bytes;
  }

  /** @param bytesPerSecond Infinite for no limit. */
  setWish(bytesPerSecond: number, now: number): void {
    if (this.#wish !== undefined) {
      return this.#wish.setRate(bytesPerSecond, now);
    }
    this.#wish = new RateLimit(bytesPerSecond, now);
    this.#shares = [this.#wish.share(), ...this.#owners];
  }

  /** Whether content may leave, of which `size` bytes are waiting. */
  mayTake(now: number, size: number): boolean {
    this.#now = now;
    this.until = Infinity;
    for (const share of this.#shares) {
      if (share.nextSendTime(now, size) <= now) continue;
      if (this.#waitsFor !== share) {
        this.#waitsFor?.leave(now);
        this.#waitsFor = share;
        share.enter(now);
      }
      this.until = share.nextSendTime(now, size);
      return false;
    }
    return true;
  }

  /** Whether `size` bytes more would have to wait. */
  isShortOf(size: number): boolean {
    for (const share of this.#shares) {
      if (
        share.isLimited && share.available < Math.min(size, share.portion)
      ) return true;
    }
    return false;
  }

  /** Notes content that has left. */
  onSent(size: number): void {
    for (const share of this.#shares) share.onSent(size);
  }

  /** Something else holds the connection back, or nothing. */
  leave(now: number): void {
    this.until = Infinity;
    this.#waitsFor?.leave(now);
    this.#waitsFor = undefined;
  }

  /** The connection is over. */
  release(): void {
    this.leave(this.#now);
  }
}
