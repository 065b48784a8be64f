/**
 * When to acknowledge: at once where it helps the sender, else for several
 * packets together (RFC 9000 §13.2).
 */

import { ACK_PACKETS_MAX } from "../../limits.ts";
import { AckRanges } from "../packet/ack_ranges.ts";
import type { ReceivedPacket } from "../packet/packet_reader.ts";
import { DEFAULT_ACK_PACKETS } from "./ack_frequency.ts";

/** Received packet numbers and the acknowledgement they are owed. */
export class AckPolicy {
  /** What was received. */
  readonly ranges: AckRanges = new AckRanges();
  /** When the acknowledgement must go out; infinite while none is owed. */
  deadline = Infinity;
  #unacked = 0;
  /** What the peer asked for last, and the number of the packet it did that in. */
  #packets = DEFAULT_ACK_PACKETS;
  #delay: number | undefined;
  #askedIn = -1;
  #largestTime = 0;
  /** Up to where the peer knew at a time before, and since when it knows that. */
  #known = 0;
  #knownSince = 0;

  /**
   * Starts with nothing received.
   *
   * @param maxDelay Longest delay of an acknowledgement, in milliseconds.
   * @param receiveBufferBytes What the peer may have in flight to us.
   * @param lateMs For so long a packet may come after later ones of which the
   * peer knows that they have come: a path may be slower than another one by as
   * much.
   */
  constructor(
    private readonly maxDelay: number,
    private readonly receiveBufferBytes: number,
    private readonly lateMs = 0,
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
    this.#unacked++;
    // A gap, or a packet that fills one, is news the sender waits for.
    if (number !== expected || this.#unacked >= this.#threshold(size)) {
      this.deadline = 0;
    } else if (!this.owed) {
      const delay = this.#delay ?? Math.max(1, rtt / 4);
      this.deadline = now + Math.min(this.maxDelay, delay);
    }
  }

  /**
   * The peer asks for an acknowledgement of every `packets` packets, after
   * `delayMs` at the latest, in packet `number`: what an older one asked for
   * counts no more.
   */
  onFrequency(packets: number, delayMs: number, number: number): void {
    if (number < this.#askedIn) return;
    this.#askedIn = number;
    this.#packets = Math.min(packets, ACK_PACKETS_MAX);
    this.#delay = Math.max(1, delayMs);
  }

  /** An acknowledgement was written into a packet. */
  onSent(): void {
    this.#unacked = 0;
    this.deadline = Infinity;
  }

  /** An ACK frame of ours that told up to `largest` has itself been acknowledged. */
  onAcked(largest: number): void {
    if (this.lateMs === 0) return this.ranges.forgetBelow(largest);
    if (this.#largestTime - this.#knownSince < this.lateMs) return;
    this.ranges.forgetBelow(this.#known);
    this.#known = largest;
    this.#knownSince = this.#largestTime;
  }

  #threshold(size: number): number {
    // Large packets fill the buffer of the socket in a few: a sender that is
    // limited by it must not wait for more than a quarter of it.
    const quarter = Math.floor(this.receiveBufferBytes / 4 / size);
    return Math.max(1, Math.min(this.#packets, quarter));
  }
}
