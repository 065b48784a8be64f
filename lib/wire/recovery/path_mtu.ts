/**
 * Datagram Packetization Layer Path MTU Discovery (RFC 8899, RFC 9000 §14.3):
 * the largest datagram the path carries, found by probes that may be lost.
 */

import type { SentPacket } from "./sent_packets.ts";

/** Lost probes of one size before it is too large (RFC 8899 §5.1.2, MAX_PROBES). */
const PROBE_COUNT = 3;
/**
 * Time until a larger size is tried again, in milliseconds (RFC 8899 §5.1.1,
 * PMTU_RAISE_TIMER).
 */
const RAISE_MS = 600_000;
/** The search ends when fewer bytes than this are left to gain … */
const TOLERANCE_BYTES = 20;
/** … or this share of the size. */
const TOLERANCE_SHARE = 0.01;
/**
 * UDP payloads of the common links, largest first: 9000 and 1500 bytes under
 * IPv4 and IPv6.
 */
const COMMON_SIZES: readonly number[] = [8972, 8952, 1472, 1452];
/** Losses at different times before the path counts as a black hole (RFC 8899 §4.3). */
const BLACK_HOLE_LOSSES = 3;
/** Probe time-outs in a row before the path counts as a black hole. */
const BLACK_HOLE_PTOS = 3;

/** What black-hole detection looks at in a sent packet. */
type SizedPacket = Pick<SentPacket<unknown>, "number" | "time" | "size">;

/**
 * The path MTU search of one path. Sizes are UDP payloads in bytes.
 *
 * The ceiling is tried first, then the sizes of common links, then halves.
 * Where a common size passes, the next probe is just above it: if that one is
 * lost, as is likely, the search is over.
 *
 * @example
 * ```ts
 * const mtu = new PathMtu(1200, () => 1472);
 * mtu.current; // 1200
 * mtu.nextProbe(0); // 1472
 * mtu.onProbeSent(1472);
 * mtu.nextProbe(0); // undefined: one is in flight
 * mtu.onProbeAcked(1472, 40);
 * mtu.current; // 1472
 * ```
 */
export class PathMtu {
  readonly #floor: number;
  readonly #askCeiling: () => number;
  #ceiling = 0;
  /** Bytes of a full datagram now. */
  current: number;
  /** Largest size of this search. */
  #top: number;
  /** Smallest size known to be too large in this search. */
  #tooLarge: number;
  /** The size whose probe is in flight, 0 without one. */
  #inFlight = 0;
  /** The size being tried. */
  #candidate = 0;
  #failures = 0;
  /** When to search above again; infinite during a search. */
  #raiseAt = Infinity;
  #suspiciousLosses = 0;
  #suspiciousSince = -Infinity;
  /** Largest number among acknowledged large packets. */
  #largestLargeAcked = -1;

  /**
   * Starts at the floor, about to search.
   *
   * @param floor Bytes every datagram may have.
   * @param ceiling Tells how many bytes no datagram may exceed; asked whenever a
   * search begins, and when a probe is lost: the system may have learned why.
   */
  constructor(floor: number, ceiling: () => number) {
    this.#floor = floor;
    this.#askCeiling = ceiling;
    this.current = this.#floor;
    this.#top = this.#floor;
    this.#tooLarge = this.#floor + 1;
    this.#restart();
  }

  /**
   * The size to probe now, if any. A probe is an ack-eliciting packet padded to
   * that size; tell {@linkcode onProbeSent} when it has left.
   *
   * @returns Bytes, `undefined` while a probe is in flight or the search rests.
   */
  nextProbe(now: number): number | undefined {
    if (this.#inFlight > 0) return undefined;
    if (now >= this.#raiseAt) this.#restart();
    return this.#candidate || undefined;
  }

  /** Bytes of the probe in flight, 0 without one. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** When {@linkcode nextProbe} is worth a look although nothing happened. */
  nextTimeout(): number {
    return this.#inFlight > 0 ? Infinity : this.#raiseAt;
  }

  onProbeSent(size: number): void {
    this.#inFlight = size;
  }

  /** A probe has arrived, perhaps after it was taken for lost. */
  onProbeAcked(size: number, now: number): void {
    if (size === this.#inFlight) this.#inFlight = 0;
    if (size <= this.current || size > this.#top) return;
    this.current = size;
    // A probe that arrives late proves the losses before it wrong.
    if (this.#tooLarge <= size) this.#tooLarge = this.#top + 1;
    this.#forgive();
    this.#plan(now);
  }

  onProbeLost(size: number, now: number): void {
    if (size !== this.#inFlight) return;
    this.#inFlight = 0;
    if (this.#askCeiling() < size) {
      this.#restart();
      return;
    }
    if (size !== this.#candidate || ++this.#failures < PROBE_COUNT) return;
    this.#tooLarge = size;
    this.#plan(now);
  }

  /**
   * This machine has cut a datagram of `size` bytes into fragments: by its
   * interface, or by what a router told it, that is more than the path carries.
   * A probe that arrives that way proves nothing, and a full datagram must not
   * leave so again.
   */
  onFragmented(size: number): void {
    if (size !== this.#inFlight) {
      if (size <= this.#floor || size > this.current) return;
      this.current = this.#floor;
      this.#forgive();
    }
    this.#inFlight = 0;
    const ceiling = this.#askCeiling();
    this.#restart(ceiling < size ? ceiling : (this.#floor + size) >> 1);
  }

  /** A packet that was no probe has arrived. */
  onPacketAcked(packet: SizedPacket): void {
    if (!this.#isLarge(packet.size)) return;
    if (packet.number > this.#largestLargeAcked) {
      this.#largestLargeAcked = packet.number;
    }
    this.#forgive();
  }

  /**
   * A packet that was no probe is lost. The path is a black hole for large
   * packets when their losses repeat, each time of packets sent after the last
   * was noticed, and no large one has arrived since (RFC 8899 §4.3).
   * Call {@linkcode onPacketAcked} first for what the same ACK frame acknowledges.
   */
  onPacketLost(packet: SizedPacket, now: number): void {
    if (
      !this.#isLarge(packet.size) ||
      packet.number < this.#largestLargeAcked ||
      packet.time < this.#suspiciousSince
    ) return;
    this.#suspiciousSince = now;
    if (++this.#suspiciousLosses >= BLACK_HOLE_LOSSES) this.#fallBack();
  }

  /** Nothing has been acknowledged for `count` probe time-outs in a row. */
  onPto(count: number): void {
    if (count >= BLACK_HOLE_PTOS && this.current !== this.#floor) {
      this.#fallBack();
    }
  }

  /** Starts over at the floor: the path is a new one (RFC 9000 §14.3.1). */
  onPathChange(): void {
    this.current = this.#floor;
    this.#inFlight = 0;
    this.#forgive();
    this.#restart();
  }

  /**
   * It is the same path under another port: a probe that went to the old one
   * tells nothing.
   */
  onRebinding(): void {
    this.#inFlight = 0;
  }

  /** Falls to the floor and searches again, first for the size that was lost. */
  #fallBack(): void {
    const lost = this.current;
    this.current = this.#floor;
    this.#inFlight = 0;
    this.#forgive();
    this.#restart(lost);
  }

  /** Nearer to the current size than to the floor: small packets prove nothing. */
  #isLarge(size: number): boolean {
    return size <= this.current && size > (this.#floor + this.current) / 2;
  }

  #forgive(): void {
    this.#suspiciousLosses = 0;
    this.#suspiciousSince = -Infinity;
  }

  #restart(top = Infinity): void {
    this.#ceiling = Math.max(this.#askCeiling(), this.#floor);
    this.#top = Math.min(top, this.#ceiling);
    this.#tooLarge = this.#top + 1;
    this.#raiseAt = Infinity;
    this.#plan();
  }

  /** Chooses the next size to try, or rests until the raise timer. */
  #plan(now = 0): void {
    this.#failures = 0;
    this.#candidate = this.#choose();
    this.#raiseAt = this.#candidate === 0 && this.current < this.#ceiling
      ? now + RAISE_MS
      : Infinity;
  }

  /** The next size to try, 0 when the rest is not worth a probe. */
  #choose(): number {
    const low = this.current;
    const high = this.#tooLarge;
    // Nothing has failed yet: all or nothing.
    if (high > this.#top) return low < this.#top ? this.#top : 0;
    const share = Math.floor(low * TOLERANCE_SHARE);
    const tolerance = Math.max(TOLERANCE_BYTES, share);
    if (high - low <= tolerance) return 0;
    if (COMMON_SIZES.includes(low)) return low + tolerance;
    return COMMON_SIZES.find((size) => size > low && size < high) ??
      Math.floor((low + high) / 2);
  }
}
