/**
 * When to acknowledge: at once where it helps the sender, else for several
 * packets together (RFC 9000 §13.2).
 */

import { AckRanges } from "../packet/ack_ranges.ts";
import type { ReceivedPacket } from "../packet/packet_reader.ts";

/** Packets acknowledged two at a time at the start, while the peer's window grows. */
const EAGER_PACKETS = 100;
/** Most packets that wait for one acknowledgement. */
const MAX_UNACKED = 10;

/** Received packet numbers and the acknowledgement they are owed. */
export class AckPolicy {
  /** What was received. */
  readonly ranges: AckRanges = new AckRanges();
  /** When the acknowledgement must go out; infinite while none is owed. */
  deadline = Infinity;
  #unacked = 0;
  #received = 0;
  #largestTime = 0;

  /**
   * Starts with nothing received.
   *
   * @param maxDelay Longest delay of an acknowledgement, in milliseconds.
   * @param receiveBufferBytes What the peer may have in flight to us.
   */
  constructor(
    private readonly maxDelay: number,
    private readonly receiveBufferBytes: number,
  ) {}

  /** Whether there is something new to acknowledge, due or not. */
  get owed(): boolean {
    return this.deadline !== Infinity;
  }

  /** How long the largest number has waited, in milliseconds. */
  delay(now: number): number {
    return now - this.#largestTime;
  }

  /**
   * Counts a packet that was not received before.
   *
   * @param rtt Smoothed round trip in milliseconds: waiting longer than a part
   * of it would slow the sender down.
   */
  onPacket(
    { now, number, size }: Pick<ReceivedPacket, "now" | "number" | "size">,
    ackEliciting: boolean,
    rtt: number,
  ): void {
    const expected = this.ranges.largest + 1;
    this.ranges.add(number);
    if (number >= expected) this.#largestTime = now;
    if (!ackEliciting) return;
    this.#received++;
    this.#unacked++;
    // A gap, or a packet that fills one, is news the sender waits for.
    if (number !== expected || this.#unacked >= this.#threshold(size)) {
      this.deadline = 0;
    } else if (!this.owed) {
      this.deadline = now +
        Math.max(1, Math.min(this.maxDelay, rtt / 4));
    }
  }

  /** An acknowledgement was written into a packet. */
  onSent(): void {
    this.#unacked = 0;
    this.deadline = Infinity;
  }

  /** An ACK frame of ours that told up to `largest` has itself been acknowledged. */
  onAcked(largest: number): void {
    this.ranges.forgetBelow(largest);
  }

  #threshold(size: number): number {
    if (this.#received < EAGER_PACKETS) return 2;
    // Large packets fill the buffer of the socket in a few: a sender that is
    // limited by it must not wait for more than a quarter of it.
    const quarter = Math.floor(this.receiveBufferBytes / 4 / size);
    return Math.max(1, Math.min(MAX_UNACKED, quarter));
  }
}
