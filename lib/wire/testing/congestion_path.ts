/**
 * One sender behind one bottleneck, driven packet by packet in steps of a
 * millisecond: congestion control without the connection around it.
 */

import type { CongestionController } from "../recovery/congestion/congestion_controller.ts";
import { ackEvent, inFlight } from "./congestion_events.ts";

/** Bytes of every packet. */
export const PACKET = 1200;

interface Sent {
  readonly number: number;
  readonly sent: number;
  /** When it is acknowledged; infinite when it is dropped. */
  readonly acked: number;
}

/** A path of `rate` bytes per millisecond. Change its fields to change it. */
export class CongestionPath<C extends CongestionController> {
  now = 0;
  /** Milliseconds of the round trip without a queue. */
  delay = 40;
  /** Bytes that the queue holds. */
  queue = Infinity;
  /** Whether the path loses the packet of this number. */
  loses: (packet: number) => boolean = () => false;
  /** Bytes per millisecond that the application has to send. */
  supply = Infinity;
  /** Packets acknowledged, and dropped by a full queue. */
  delivered = 0;
  overflowed = 0;
  /** Called at the end of each millisecond. */
  onStep: () => void = () => {};
  readonly #packets: Sent[] = [];
  #number = 0;
  #freeAt = 0;
  #tokens = 0;
  #supplied = 0;
  #smoothedRtt: number | undefined;
  #minRtt = Infinity;

  constructor(readonly control: C, public rate: number) {}

  /** Bytes in flight. */
  get bytesInFlight(): number {
    return this.#packets.length * PACKET;
  }

  /** Bytes that the path holds without a queue. */
  get bdp(): number {
    return this.rate * this.delay;
  }

  run(until: number): void {
    while (this.now < until) {
      this.#send();
      this.now++;
      this.#acknowledge();
      this.onStep();
    }
  }

  /** Tells of a loss that did not happen on this path. */
  lose(lostBytes = PACKET, persistent = false): void {
    this.control.onCongestionEvent({
      now: this.now,
      newestLostTime: this.now,
      lostBytes,
      persistent,
    });
  }

  #send(): void {
    const pace = this.control.pacingRate(this.#smoothedRtt);
    this.#tokens = Math.min(this.#tokens + pace, 10 * PACKET + pace);
    this.#supplied = Math.min(this.#supplied + this.supply, 1e9);
    while (
      this.#tokens >= PACKET && this.#supplied >= PACKET &&
      this.bytesInFlight + PACKET <= this.control.window
    ) {
      this.#tokens -= PACKET;
      this.#supplied -= PACKET;
      this.#packets.push(this.#transmit());
      const packet = inFlight(this.#number++, this.now, PACKET);
      const appLimited = this.#supplied < PACKET;
      this.control.onPacketSent(packet, this.bytesInFlight, appLimited);
    }
  }

  #transmit(): Sent {
    const number = this.#number;
    const sent = this.now;
    const start = Math.max(this.#freeAt, this.now);
    if ((start - this.now) * this.rate > this.queue) {
      this.overflowed++;
      return { number, sent, acked: Infinity };
    }
    this.#freeAt = start + PACKET / this.rate;
    const acked = this.loses(number) ? Infinity : this.#freeAt + this.delay;
    return { number, sent, acked };
  }

  #acknowledge(): void {
    for (;;) {
      const at = this.#packets.findIndex(({ acked }) => acked !== Infinity);
      if (at < 0 || this.#packets[at].acked > this.now) return;
      const [packet] = this.#packets.splice(at, 1);
      this.#detectLost(packet.number);
      this.#onAcked(packet);
    }
  }

  /** A packet is lost when three later ones have been acknowledged. */
  #detectLost(acked: number): void {
    let lost = 0;
    while (
      lost < this.#packets.length && this.#packets[lost].number <= acked - 3
    ) lost++;
    const gone = this.#packets.splice(0, lost);
    if (gone.length === 0) return;
    this.control.onCongestionEvent({
      now: this.now,
      newestLostTime: gone.at(-1)!.sent,
      lostBytes: gone.length * PACKET,
      persistent: false,
    });
  }

  #onAcked({ number, sent }: Sent): void {
    this.delivered++;
    const latestRtt = this.now - sent;
    this.#smoothedRtt ??= latestRtt;
    this.#smoothedRtt += (latestRtt - this.#smoothedRtt) / 8;
    this.#minRtt = Math.min(this.#minRtt, latestRtt);
    this.control.onAck(ackEvent({
      now: this.now,
      newestTime: sent,
      newestNumber: number,
      latestRtt,
      smoothedRtt: this.#smoothedRtt,
      minRtt: this.#minRtt,
      bytesInFlight: this.bytesInFlight,
      appLimited: this.#supplied < PACKET,
    }));
  }
}
