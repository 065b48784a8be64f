/**
 * How fast the path delivers: one sample per acknowledgement (the delivery rate
 * estimation of the IETF draft on BBR, draft-ietf-ccwg-bbr §4.1).
 */

import type { AckEvent, InFlightPacket } from "./congestion_controller.ts";

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
/**
 * Bytes in flight with the packet; negative for a sample limited by the
 * application.
 */
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
  /**
   * {@linkcode delivered} when the newest sample's packet was sent; −1 when
   * that is not known.
   */
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
  /**
   * The application was the limit until this many bytes are delivered; 0 when
   * it is not.
   */
  #appLimitedUntil = 0;

  /** Notes a packet that leaves; `bytesInFlight` is with it. */
  onPacketSent(packet: InFlightPacket, bytesInFlight: number): void {
    const { number, time, size } = packet;
    if (bytesInFlight <= size) {
      this.#firstSentTime = time;
      this.#deliveredTime = time;
    }
    let at = this.#slot(number);
    if (this.#entries[at + NUMBER] > this.#largestAcked) {
      this.#grow();
      at = this.#slot(number);
    }
    const entries = this.#entries;
    entries[at + NUMBER] = number;
    entries[at + SENT_TIME] = time;
    entries[at + DELIVERED] = this.delivered;
    entries[at + DELIVERED_TIME] = this.#deliveredTime;
    entries[at + FIRST_SENT_TIME] = this.#firstSentTime;
    entries[at + IN_FLIGHT] = this.#appLimitedUntil > 0
      ? -bytesInFlight
      : bytesInFlight;
    entries[at + LOST] = this.lost;
  }

  /** Marks what is in flight as limited by the application. */
  onAppLimited(bytesInFlight: number): void {
    this.#appLimitedUntil = this.delivered + Math.max(bytesInFlight, 1);
  }

  onLost(bytes: number): void {
    this.lost += bytes;
  }

  onAck(event: AckEvent): void {
    const { now, newestNumber } = event;
    this.delivered += event.ackedBytes;
    if (this.delivered > this.#appLimitedUntil) this.#appLimitedUntil = 0;
    if (newestNumber > this.#largestAcked) this.#largestAcked = newestNumber;
    const entries = this.#entries;
    const at = this.#slot(newestNumber);
    this.rate = 0;
    this.priorDelivered = -1;
    if (entries[at + NUMBER] === newestNumber) {
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
      // A shorter one is of acknowledgements that were delayed on the path.
      const shortest = Math.min(event.minRtt, event.latestRtt);
      if (interval > 0 && interval >= shortest) {
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
