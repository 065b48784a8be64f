/**
 * One direction of an emulated link: a bottleneck with a queue, then a path
 * that delays, loses, reorders, repeats and damages datagrams.
 */

/** Bytes of the IPv4 and UDP headers that every datagram takes on the link. */
const HEADER_BYTES = 28;
/** Bytes per millisecond of one Mbit/s. */
export const BYTES_PER_MBIT = 125;

/**
 * How a direction behaves. Change the fields of a {@linkcode Link} under way to
 * change it.
 */
export interface LinkOptions {
  /** Mbit/s, headers included; infinite for no bottleneck. */
  rate: number;
  /** One-way delay, in milliseconds. */
  delay: number;
  /** Bytes the queue before the bottleneck holds. */
  queue: number;
  /** Longest wait in that queue, in milliseconds. */
  queueMs: number;
  /** Share of datagrams lost at random. */
  loss: number;
  /**
   * Bursts of loss (Gilbert–Elliott): all is lost from the chance to enter to
   * the chance to leave.
   */
  bursts: { enter: number; leave: number };
  /** Up to this many milliseconds more for each datagram. */
  jitter: number;
  /** Whether jitter lets datagrams overtake each other. */
  jitterReorders: boolean;
  /** Share of datagrams that arrive later by `reorderDelay` milliseconds. */
  reorder: number;
  /** See `reorder`. */
  reorderDelay: number;
  /** Share of datagrams that arrive twice. */
  duplicate: number;
  /** Share of datagrams with a byte changed. */
  corrupt: number;
  /** Largest IP packet that passes, in bytes; larger ones vanish. */
  mtu: number;
  /** Whether nothing passes. */
  down: boolean;
}

/** A datagram that arrives. */
export interface Arrival {
  /** When, in milliseconds. */
  at: number;
  /** Whether a byte of it has changed. */
  corrupt: boolean;
}

/** What became of the datagrams given to a {@linkcode Link}. */
export interface LinkCounters {
  /** Datagrams given to it. */
  datagrams: number;
  /** Their bytes, without IP and UDP headers. */
  bytes: number;
  /** Dropped because the queue was full. */
  overflowed: number;
  /** Lost on the path. */
  lost: number;
  /** Dropped for their size. */
  tooLarge: number;
}

/** One direction. The same random numbers give the same run. */
export class Link {
  /** How it behaves now. */
  readonly options: LinkOptions;
  /** What became of the datagrams so far. */
  readonly counters: LinkCounters = {
    datagrams: 0,
    bytes: 0,
    overflowed: 0,
    lost: 0,
    tooLarge: 0,
  };
  /** How long each datagram waited in the queue, in milliseconds. */
  readonly waits: number[] = [];
  /** Bytes that left the bottleneck in each millisecond, headers included. */
  readonly carried: number[] = [];
  readonly #random: () => number;
  #freeAt = 0;
  #inBurst = false;
  #lastArrival = 0;

  /** Makes a link; what is not given loses and limits nothing. */
  constructor(options: Partial<LinkOptions>, random: () => number) {
    this.#random = random;
    const { rate = Infinity, delay = 0, queueMs = Infinity } = options;
    this.options = {
      rate,
      delay,
      // One bandwidth-delay product, as routers are often given.
      queue: queueMs < Infinity
        ? Infinity
        : Math.max(30_000, rate * BYTES_PER_MBIT * 2 * delay),
      queueMs,
      loss: 0,
      bursts: { enter: 0, leave: 1 },
      jitter: 0,
      jitterReorders: false,
      reorder: 0,
      reorderDelay: 10,
      duplicate: 0,
      corrupt: 0,
      mtu: 65_535,
      down: false,
      ...options,
    };
  }

  /**
   * Takes a datagram.
   *
   * @param now The present, in milliseconds.
   * @param length Its bytes, without IP and UDP headers.
   * @returns When it arrives: never, once or twice.
   */
  transmit(now: number, length: number): Arrival[] {
    const { options, counters } = this;
    counters.datagrams++;
    counters.bytes += length;
    const size = length + HEADER_BYTES;
    if (size > options.mtu) {
      counters.tooLarge++;
      return [];
    }
    const leaves = this.#leave(now, size);
    if (leaves === undefined) {
      counters.overflowed++;
      return [];
    }
    if (options.down || this.#loses()) {
      counters.lost++;
      return [];
    }
    const arrivals = [this.#arrival(leaves)];
    if (this.#happens(options.duplicate)) {
      arrivals.push({ ...arrivals[0], at: arrivals[0].at + 0.01 });
    }
    return arrivals;
  }

  /** When the bottleneck has sent it; `undefined` when the queue is full. */
  #leave(now: number, size: number): number | undefined {
    const rate = this.options.rate * BYTES_PER_MBIT;
    if (rate === Infinity) return now;
    const start = Math.max(now, this.#freeAt);
    const wait = start - now;
    const { queue, queueMs } = this.options;
    if (wait * rate > queue || wait > queueMs) return undefined;
    this.waits.push(wait);
    this.#freeAt = start + size / rate;
    const tick = Math.floor(this.#freeAt);
    this.carried[tick] = (this.carried[tick] ?? 0) + size;
    return this.#freeAt;
  }

  #loses(): boolean {
    const { loss, bursts } = this.options;
    if (bursts.enter > 0) {
      this.#inBurst = this.#happens(
        this.#inBurst ? 1 - bursts.leave : bursts.enter,
      );
      if (this.#inBurst) return true;
    }
    return this.#happens(loss);
  }

  #arrival(leaves: number): Arrival {
    const { delay, jitter, jitterReorders, reorder, reorderDelay, corrupt } =
      this.options;
    let at = leaves + delay;
    if (jitter > 0) at += jitter * this.#random();
    if (this.#happens(reorder)) at += reorderDelay;
    else if (!jitterReorders) {
      at = Math.max(at, this.#lastArrival);
      this.#lastArrival = at;
    }
    return { at, corrupt: this.#happens(corrupt) };
  }

  #happens(chance: number): boolean {
    return chance > 0 && this.#random() < chance;
  }
}
