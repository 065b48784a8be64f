/**
 * What the receive buffer of the peer's socket bears: a kernel counts the
 * memory a datagram takes, not its length, and drops what does not fit.
 */

/** What Linux counts beside the allocation that holds a datagram, in bytes. */
const HEAD = 256;
/**
 * Longest datagram of each allocation up to a page's worth of pages, in bytes.
 * Measured on Linux 6.18 through lo and veth: 1 to 128 bytes count as 832, 200
 * to 600 as 1280, 900 to 1472 as 2304, 1700 to 3700 as 4352, up to 16 000 as
 * 16 640; above, the length and 832.
 */
const ALLOCATIONS: readonly (readonly [longest: number, bytes: number])[] = [
  [128, 576],
  [640, 1024],
  [1664, 2048],
  [3712, 4096],
  [7808, 8192],
  [16_000, 16_384],
];
/** What is counted beside a datagram that has pages of its own, in bytes. */
const PAGED_HEAD = 832;
/**
 * Share of the buffer that may be in flight: Linux gives back what was read only
 * when a quarter of the buffer has come together (`udp_rmem_release`). The rest
 * is for acknowledgements, which are not counted as in flight.
 */
const SHARE = 0.7;
/** The same for datagrams that are given back at once, being a quarter each. */
const SHARE_LARGE = 0.88;
/**
 * Share that may leave at once where packets are paced: what came before may
 * not have been read yet.
 */
const BURST_SHARE = SHARE / 2;

/**
 * Longest round trip of a path that is taken to store no packets, in
 * milliseconds. It holds less than the socket up to 100 MB/s, and timers of 1 ms
 * are too coarse to pace it.
 */
const SHORT_PATH_MS = 1.5;
/**
 * The same for datagrams of which the socket holds a few: only the inside of a
 * machine carries them, and sealing and opening one takes part of a millisecond.
 */
const SHORT_PATH_LARGE_MS = 5;

/** Bytes of the buffer that a datagram of `size` bytes takes until it is read. */
export function receiveBufferCharge(size: number): number {
  for (const [longest, bytes] of ALLOCATIONS) {
    if (size <= longest) return bytes + HEAD;
  }
  return size + PAGED_HEAD;
}

/**
 * What may be in flight to a buffer of `bytes`, in the measure of
 * {@linkcode receiveBufferCharge}; never less than two datagrams of `size`
 * bytes, so that one is on its way while one is read.
 */
export function receiveBufferRoom(bytes: number, size: number): number {
  const charge = receiveBufferCharge(size);
  const share = charge >= bytes / 4 ? SHARE_LARGE : SHARE;
  return Math.max(share * bytes, 2 * charge);
}

/**
 * Bytes of datagrams of `size` that may leave at once to a buffer of `bytes`,
 * at least one.
 */
export function receiveBufferBurst(bytes: number, size: number): number {
  const datagrams = BURST_SHARE * bytes / receiveBufferCharge(size);
  return Math.max(1, Math.floor(datagrams)) * size;
}

/** What is left of the bound after losses (as of CUBIC's window). */
const AFTER_LOSS = 0.7;

/**
 * How much may be in flight on a path that stores no packets, in the measure of
 * {@linkcode receiveBufferCharge}: what the peer's socket holds or, where
 * something on the way holds less, what gets through. Less after losses, once a
 * round trip, and a datagram more for each round trip without.
 */
export class ReceiveBufferBound {
  readonly #bytes: number;
  /** What has got through; infinite before a loss. */
  #limit = Infinity;
  /** Losses of packets sent until then belong to the last reduction. */
  #reducedAt = -Infinity;

  /** Starts with all that a buffer of `bytes` holds. */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** What may be in flight if it is of datagrams of `size` bytes, two at least. */
  room(size: number): number {
    const least = 2 * receiveBufferCharge(size);
    const room = receiveBufferRoom(this.#bytes, size);
    return Math.max(least, Math.min(this.#limit, room));
  }

  /** Whether a datagram of `size` bytes may join what takes `charged` bytes. */
  admits(size: number, charged: number): boolean {
    return charged + receiveBufferCharge(size) <= this.room(size);
  }

  /**
   * Longest round trip of a path that is taken to store no packets, in
   * milliseconds, if it carries datagrams of `size` bytes.
   */
  shortPathMs(size: number): number {
    return receiveBufferCharge(size) >= this.#bytes / 4
      ? SHORT_PATH_LARGE_MS
      : SHORT_PATH_MS;
  }

  /** Bytes of datagrams of `size` that may leave at once. */
  burst(size: number): number {
    return receiveBufferBurst(this.#bytes, size);
  }

  /** Datagrams of `size` bytes that may be in flight. */
  datagrams(size: number): number {
    return this.room(size) / receiveBufferCharge(size);
  }

  onAcked(ackedBytes: number, size: number): void {
    if (this.#limit === Infinity) return;
    const datagrams = this.datagrams(size);
    const charge = receiveBufferCharge(size);
    this.#limit += charge * ackedBytes / size / datagrams;
    if (this.#limit >= receiveBufferRoom(this.#bytes, size)) {
      this.#limit = Infinity;
    }
  }

  /** The newest of some lost packets was sent at `newestLostTime`. */
  onLost(now: number, newestLostTime: number, size: number): void {
    if (newestLostTime <= this.#reducedAt) return;
    this.#reducedAt = now;
    this.#limit = AFTER_LOSS * this.room(size);
  }
}
