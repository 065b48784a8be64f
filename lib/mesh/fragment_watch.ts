/**
 * Finds out whether datagrams leave in IP fragments, which the socket cannot
 * forbid, by the system's count of the fragments that it has made.
 *
 * The count is of the whole machine. So a datagram is watched alone: the count
 * is read before and after the system takes it, and only what changed in between
 * is laid to it. That costs two readings, so that few are watched: probes, and
 * the longest of those that follow whenever the count has grown. Somebody else's
 * fragments cost no more than a search for the size that was in use.
 */

import type { RemoteAddress, Transmit } from "../wire/mod.ts";
import { withoutMapping } from "./address.ts";

/** The count is looked at this often while long datagrams are sent, in milliseconds. */
const LOOK_MS = 100;
/** Longest datagram that is whole on every link: 1280 bytes under IPv6. */
const ALWAYS_WHOLE = 1232;

/** The system's count of fragments, for all connections of a socket. */
export class FragmentCounter {
  #alarms = 0;
  #lookAt = -Infinity;
  /** The counts of IPv4 and IPv6 as last seen. */
  readonly #seen: (number | undefined)[] = [];

  constructor(
    /** Reads the count for the family of an address, where the system tells. */
    readonly read: (to: RemoteAddress) => number | undefined,
  ) {}

  /**
   * How often the count was seen to have grown.
   *
   * @param to A peer that long datagrams go to.
   */
  alarms(now: number, to: RemoteAddress): number {
    if (now < this.#lookAt) return this.#alarms;
    this.#lookAt = now + LOOK_MS;
    const family = withoutMapping(to.hostname).includes(":") ? 1 : 0;
    const count = this.read(to);
    if (count !== this.#seen[family]) this.#alarms++;
    this.#seen[family] = count;
    return this.#alarms;
  }
}

/** Watches the datagrams of one connection. */
export class FragmentWatch {
  readonly #counter: FragmentCounter;
  #alarms = 0;
  /** Longest datagram that has left whole since the last alarm. */
  #whole = ALWAYS_WHOLE;

  constructor(counter: FragmentCounter) {
    this.#counter = counter;
  }

  /**
   * Decides about a datagram that is about to be sent.
   *
   * @returns The count before it, for {@linkcode isFragmented}; `undefined` when
   * it need not be watched.
   */
  begin(now: number, { length, to, mtuProbe }: Transmit): number | undefined {
    if (length <= ALWAYS_WHOLE) return undefined;
    const alarms = this.#counter.alarms(now, to);
    if (alarms !== this.#alarms) {
      this.#alarms = alarms;
      this.#whole = ALWAYS_WHOLE;
    }
    if (!mtuProbe && length <= this.#whole) return undefined;
    return this.#counter.read(to);
  }

  /** Whether a watched datagram has left in fragments, once it has left. */
  isFragmented(length: number, to: RemoteAddress, before: number): boolean {
    const after = this.#counter.read(to);
    if (after !== undefined && after > before) return true;
    this.#whole = Math.max(this.#whole, length);
    return false;
  }
}
