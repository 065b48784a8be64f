/**
 * How fast the path delivers: one sample per acknowledgement (the delivery rate
 * estimation of the IETF draft on BBR, draft-ietf-ccwg-bbr §4.1).
 *
 * @module
 */

/** Fewest packets whose state is kept. */
const CAPACITY_MIN = 256;
/** Most packets whose state is kept: older ones give no sample. */
const CAPACITY_MAX = 65_536;
/** Numbers kept for each packet. */
const FIELDS = 7;
const NUMBER = 0;
const SENT_TIME = 1;
const DELIVERED = 2;
const DELIVERED_TIME = 3;
const FIRST_SENT_TIME = 4;
/** Bytes in flight with the packet; negative for a sample limited by the application. */
const IN_FLIGHT = 5;
const LOST = 6;

/**
 * Samples the delivery rate between the time a packet was sent and the time it
 * was acknowledged. The fields of the newest sample are properties, so that
 * nothing is allocated. Times in milliseconds, sizes in bytes.
 */
export class DeliveryRate {
  /** Bytes delivered so far. */
  delivered = 0;
  /** Bytes lost so far. */
  lost = 0;

  /** Bytes per millisecond of the newest sample, 0 when it is not usable. */
  rate = 0;
  /** Bytes delivered within the newest sample's interval. */
  sampleDelivered = 0;
  /** {@linkcode delivered} when the newest sample's packet was sent; −1 when that is not known. */
  priorDelivered = -1;
  /** Bytes in flight when the newest sample's packet was sent. */
  sampleInFlight = 0;
  /** Bytes lost since the newest sample's packet was sent. */
  sampleLost = 0;
  /** Whether the application, not the path, may have been the limit. */
  isAppLimited = false;

  #entries: Float64Array<ArrayBuffer> = new Float64Array(CAPACITY_MIN * FIELDS)
    .fill(-1);
  #largestAcked = -1;
  #deliveredTime = 0;
  #firstSentTime = 0;
  /** The application was the limit until this many bytes are delivered; 0 when it is not. */
  #appLimitedUntil = 0;

  /**
   * Notes a packet that leaves.
   *
   * @param now The current time.
   * @param size Its bytes.
   * @param packetNumber Its number.
   * @param bytesInFlight Bytes in flight with it.
   */
  onPacketSent(
    now: number,
    size: number,
    packetNumber: number,
    bytesInFlight: number,
  ): void {
    if (bytesInFlight <= size) {
      this.#firstSentTime = now;
      this.#deliveredTime = now;
    }
    let at = this.#slot(packetNumber);
    if (this.#entries[at + NUMBER] > this.#largestAcked) {
      this.#grow();
      at = this.#slot(packetNumber);
    }
    const entries = this.#entries;
    entries[at + NUMBER] = packetNumber;
    entries[at + SENT_TIME] = now;
    entries[at + DELIVERED] = this.delivered;
    entries[at + DELIVERED_TIME] = this.#deliveredTime;
    entries[at + FIRST_SENT_TIME] = this.#firstSentTime;
    entries[at + IN_FLIGHT] = this.#appLimitedUntil > 0
      ? -bytesInFlight
      : bytesInFlight;
    entries[at + LOST] = this.lost;
  }

  /**
   * Marks what is in flight as limited by the application.
   *
   * @param bytesInFlight Bytes in flight.
   */
  onAppLimited(bytesInFlight: number): void {
    this.#appLimitedUntil = this.delivered + Math.max(bytesInFlight, 1);
  }

  /**
   * Notes lost bytes.
   *
   * @param bytes How many.
   */
  onLost(bytes: number): void {
    this.lost += bytes;
  }

  /**
   * Takes a sample.
   *
   * @param now The current time.
   * @param ackedBytes Bytes newly acknowledged.
   * @param packetNumber The newest packet among them.
   * @param minRtt The path's smallest RTT: a shorter interval is compressed and says nothing.
   */
  onAck(
    now: number,
    ackedBytes: number,
    packetNumber: number,
    minRtt: number,
  ): void {
    this.delivered += ackedBytes;
    if (this.delivered > this.#appLimitedUntil) this.#appLimitedUntil = 0;
    if (packetNumber > this.#largestAcked) this.#largestAcked = packetNumber;
    const entries = this.#entries;
    const at = this.#slot(packetNumber);
    this.rate = 0;
    this.priorDelivered = -1;
    if (entries[at + NUMBER] === packetNumber) {
      const sent = entries[at + SENT_TIME];
      const inFlight = entries[at + IN_FLIGHT];
      this.priorDelivered = entries[at + DELIVERED];
      this.sampleDelivered = this.delivered - this.priorDelivered;
      this.sampleInFlight = Math.abs(inFlight);
      this.sampleLost = this.lost - entries[at + LOST];
      this.isAppLimited = inFlight < 0;
      const interval = Math.max(
        sent - entries[at + FIRST_SENT_TIME],
        now - entries[at + DELIVERED_TIME],
      );
      if (interval > 0 && interval >= minRtt) {
        this.rate = this.sampleDelivered / interval;
      }
      this.#firstSentTime = sent;
    }
    this.#deliveredTime = now;
  }

  #slot(packetNumber: number): number {
    return (packetNumber % (this.#entries.length / FIELDS)) * FIELDS;
  }

  /** Doubles the ring when it would overwrite a packet without a fate. */
  #grow(): void {
    const old = this.#entries;
    const capacity = old.length / FIELDS * 2;
    if (capacity > CAPACITY_MAX) return;
    this.#entries = new Float64Array(capacity * FIELDS).fill(-1);
    for (let at = 0; at < old.length; at += FIELDS) {
      if (old[at + NUMBER] < 0) continue;
      this.#entries.set(
        old.subarray(at, at + FIELDS),
        this.#slot(old[at + NUMBER]),
      );
    }
  }
}
