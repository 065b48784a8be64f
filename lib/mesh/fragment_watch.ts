/**
 * Finds out whether datagrams leave in IP fragments, which the socket cannot
 * forbid, by what the system counts.
 *
 * It counts for the whole machine. So a datagram is watched alone: the fragments
 * are read before and after the system takes it, and only what changed in between
 * is laid to it. That costs two readings, so that few are watched: probes, and
 * the longest of those that follow whenever the count has grown. Somebody else's
 * fragments cost no more than a search for the size that was in use.
 *
 * The system cuts what is longer than a router told it, and remembers that for
 * ten minutes for all programs. So when a message of that kind came and a probe
 * was lost, nothing longer than every link carries goes there for as long: the
 * next probe would be cut, whatever the path carries.
 */

import { CONFINED_HOSTS_MAX } from "../limits.ts";
import type { RemoteAddress, Transmit } from "../wire/mod.ts";
import { withoutMapping } from "./address.ts";
import type { SizeCounts } from "./datagram_socket.ts";
import { datagramCeiling } from "./transport_limits.ts";

/** Fragments are looked at this often while long datagrams are sent, in milliseconds. */
const LOOK_MS = 100;
/** Longest datagram that is whole on every link: 1280 bytes under IPv6. */
const ALWAYS_WHOLE = 1232;
/**
 * Linux keeps what a router told it for 600 000 ms (`mtu_expires`); a datagram
 * after that is sent whole again, and proves something.
 */
const CONFINED_MS = 660_000;

/** What the system counts, and which hosts must be spared, for all of a socket. */
export class FragmentCounter {
  #alarms = 0;
  #lookAt = -Infinity;
  /** The fragments of IPv4 and IPv6 as last seen. */
  readonly #seen: (number | undefined)[] = [];
  /** Hosts behind a link that was found to be smaller, and until when. */
  readonly #confined = new Map<string, number>();

  constructor(
    /** Reads the counts for the family of an address, where the system tells. */
    readonly read: (to: RemoteAddress) => SizeCounts | undefined,
  ) {}

  /**
   * How often fragments were seen to have been made.
   *
   * @param to A peer that long datagrams go to.
   */
  alarms(now: number, to: RemoteAddress): number {
    if (now < this.#lookAt) return this.#alarms;
    this.#lookAt = now + LOOK_MS;
    const family = withoutMapping(to.hostname).includes(":") ? 1 : 0;
    const count = this.read(to)?.fragments;
    if (count !== this.#seen[family]) this.#alarms++;
    this.#seen[family] = count;
    return this.#alarms;
  }

  /** Nothing longer than every link carries goes to the host for a while. */
  confine(now: number, { hostname }: RemoteAddress): void {
    this.#confined.delete(hostname);
    this.#confined.set(hostname, now + CONFINED_MS);
    const [oldest] = this.#confined.keys();
    if (this.#confined.size > CONFINED_HOSTS_MAX) this.#confined.delete(oldest);
  }

  isConfined(now: number, { hostname }: RemoteAddress): boolean {
    return now < (this.#confined.get(hostname) ?? -Infinity);
  }
}

/** Watches the datagrams of one connection. */
export class FragmentWatch {
  readonly #counter: FragmentCounter;
  #alarms = 0;
  /** Longest datagram that has left whole since the last alarm. */
  #whole = ALWAYS_WHOLE;
  /** Messages of routers before the newest probe. */
  #tooBig = Infinity;

  constructor(counter: FragmentCounter) {
    this.#counter = counter;
  }

  /**
   * Decides about a datagram that is about to be sent.
   *
   * @returns The fragments before it, for {@linkcode isFragmented}; `undefined`
   * when it need not be watched.
   */
  begin(now: number, { length, to, mtuProbe }: Transmit): number | undefined {
    if (length <= ALWAYS_WHOLE) return undefined;
    const alarms = this.#counter.alarms(now, to);
    if (alarms !== this.#alarms) {
      this.#alarms = alarms;
      this.#whole = ALWAYS_WHOLE;
    }
    if (!mtuProbe && length <= this.#whole) return undefined;
    const counts = this.#counter.read(to);
    if (mtuProbe) this.#tooBig = counts?.tooBig ?? Infinity;
    return counts?.fragments;
  }

  /** Whether a watched datagram has left in fragments, once it has left. */
  isFragmented(length: number, to: RemoteAddress, before: number): boolean {
    const after = this.#counter.read(to)?.fragments;
    if (after !== undefined && after > before) return true;
    this.#whole = Math.max(this.#whole, length);
    return false;
  }

  /**
   * The ceiling after what has happened so far.
   *
   * @param free What it would be, by the interface.
   * @param cut Length of a datagram that was just cut, if one was.
   */
  ceiling(
    now: number,
    to: RemoteAddress,
    free: number,
    cut = Infinity,
  ): number {
    const told = this.#tooBig < Infinity &&
      (this.#counter.read(to)?.tooBig ?? 0) > this.#tooBig;
    this.#tooBig = Infinity;
    // A cut by the interface itself says nothing of the path behind it.
    if (told || cut <= free) this.#counter.confine(now, to);
    return this.#counter.isConfined(now, to)
      ? Math.min(free, datagramCeiling(to.hostname))
      : free;
  }
}
