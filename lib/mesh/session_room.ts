/**
 * Which sessions a listener keeps when more come than it may have.
 *
 * A key has a bound of its own, so that none fills the node. When the node is
 * full, a key that already has most is refused; for another one the slowest
 * session of the address that has most goes, if it hardly moves at all. So many
 * keys from one place do not keep a new peer out, and a fetch that runs is not
 * ended for one that begins: but for a key that has none the slowest goes of one
 * that has more than any fetch needs, however fast that is.
 */

import { CONNECTIONS_MAX, SESSIONS_PER_KEY } from "../limits.ts";

/** A session shows for this many milliseconds how fast it is. */
const TRIAL_MS = 2000;
/** Bytes per millisecond from which on a session counts as used. */
const USED_RATE = 4;

/** Sessions of one key that need not make way for a key without any. */
const CROWD_MIN = 16;

/** What is looked at of a session. */
export interface Guest {
  /** The peer's key, in hex. */
  readonly peerKey: string;
  /** Where it is, without the port. */
  readonly hostname: string;
  readonly createdAt: number;
  /** Bytes that have gone either way. */
  readonly bytesMoved: number;
}

/** The sessions of a listener. */
export class SessionRoom<T extends Guest> {
  readonly #guests = new Set<T>();
  readonly #byKey = new Map<string, number>();
  readonly #max: number;
  readonly #perKey: number;

  constructor(
    max: number = CONNECTIONS_MAX,
    perKey: number = SESSIONS_PER_KEY,
  ) {
    this.#max = max;
    this.#perKey = perKey;
  }

  /**
   * Takes a session in.
   *
   * @param evict Ends another one that has to go for it.
   * @returns Whether there is room.
   */
  admit(guest: T, now: number, evict: (guest: T) => void): boolean {
    const count = this.#byKey.get(guest.peerKey) ?? 0;
    if (count >= this.#perKey) return false;
    if (this.#guests.size >= this.#max) {
      const goes = this.#hasMost(count)
        ? undefined
        : this.#slowestOfPlace(now) ??
          (count === 0 ? this.#slowestOfCrowd(now) : undefined);
      if (goes === undefined) return false;
      this.delete(goes);
      evict(goes);
    }
    this.#guests.add(guest);
    this.#byKey.set(guest.peerKey, count + 1);
    return true;
  }

  /** The session is over; one that was not taken in does no harm. */
  delete(guest: T): void {
    if (!this.#guests.delete(guest)) return;
    const count = this.#byKey.get(guest.peerKey)! - 1;
    if (count === 0) this.#byKey.delete(guest.peerKey);
    else this.#byKey.set(guest.peerKey, count);
  }

  #hasMost(count: number): boolean {
    if (count === 0) return false;
    for (const other of this.#byKey.values()) if (other > count) return false;
    return true;
  }

  #slowestOfPlace(now: number): T | undefined {
    const byHost = new Map<string, T[]>();
    let most: T[] = [];
    for (const guest of this.#guests) {
      const { hostname } = guest;
      const group = byHost.get(hostname) ?? [];
      byHost.set(hostname, group);
      group.push(guest);
      if (group.length > most.length) most = group;
    }
    return slowestOf(most, now, USED_RATE);
  }

  #slowestOfCrowd(now: number): T | undefined {
    let [key, most] = ["", CROWD_MIN];
    for (const [peerKey, count] of this.#byKey) {
      if (count > most) [key, most] = [peerKey, count];
    }
    const crowd = [...this.#guests].filter(({ peerKey }) => peerKey === key);
    return slowestOf(crowd, now, Infinity);
  }
}

/** The slowest of those that have shown how fast they are, below a rate. */
function slowestOf<T extends Guest>(
  guests: readonly T[],
  now: number,
  below: number,
): T | undefined {
  let slowest: T | undefined;
  let least = below;
  for (const guest of guests) {
    const age = now - guest.createdAt;
    if (age < TRIAL_MS) continue;
    const rate = guest.bytesMoved / age;
    if (rate < least) [slowest, least] = [guest, rate];
  }
  return slowest;
}
