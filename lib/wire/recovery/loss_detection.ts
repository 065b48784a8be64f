/**
 * Loss detection for one packet number space (RFC 9002 §6 and §7.6).
 *
 * Three things go beyond the letter of the RFC, all within what it allows:
 *
 * - A packet that was declared lost and is acknowledged after all raises the
 *   packet and time thresholds up to a bound (§6.1.1, §6.1.2).
 * - With fewer than four packets in flight the packet threshold shrinks to one
 *   less than their number, as in RFC 5827 (early retransmit): three later
 *   packets cannot arrive when three are in flight. This ends for good on a
 *   path that has reordered packets.
 * - When every loss of one congestion episode proves spurious, the episode is
 *   reported so that the controller can undo it (RFC 9438 §4.9).
 */

import { RTT_SAMPLE_MAX_MS } from "../../limits.ts";
import type { AckFrame, AckRange } from "../packet/ack_ranges.ts";
import { ApartPackets } from "./apart_packets.ts";
import { type AckReport, Report, type TimeoutReport } from "./loss_report.ts";
import { NeverSent } from "./never_sent.ts";
import { PersistentCongestion } from "./persistent_congestion.ts";
import { Reordering } from "./reordering.ts";
import { receiveBufferCharge } from "./receive_buffer.ts";
import { GRANULARITY_MS, RttEstimator } from "./rtt_estimator.ts";
import type { PathChange } from "./recovery_options.ts";
import { type SentPacket, SentPackets } from "./sent_packets.ts";
import {
  TransportError,
  TransportErrorCode,
} from "../packet/transport_error.ts";

/**
 * Longest probe time-out that back-off makes, in milliseconds: after an outage
 * nothing moves before the next probe. Two packets in that time burden no path;
 * RFC 8961 §4 asks for a bound of 60 s at least, docs/decisions.md says why not.
 */
const PTO_MAX_MS = 2000;

/** Probe time-outs for which a lost packet is remembered. */
const LOST_REMEMBERED_PTOS = 2;
/**
 * Packets tracked of those that carried only acknowledgements, which need no
 * acknowledgement.
 */
const UNRELIABLE_TRACKED = 256;

/**
 * Decides which sent packets have arrived and which are lost, and when to
 * probe. Reports are reused: read them before the next call.
 *
 * @example
 * ```ts
 * const recovery = new LossDetection<string>(25);
 * const packet = { size: 1200, ackEliciting: true, inFlight: true, mtuProbe: false };
 * recovery.onPacketSent({ ...packet, number: 0, time: 0, frames: "hello" });
 * recovery.bytesInFlight; // 1200
 * recovery.onAck({ ranges: [{ start: 0, end: 0 }], delay: 0 }, 40).acked; // the packet
 * recovery.rtt.smoothed; // 40
 * ```
 */
export class LossDetection<F> {
  /** The path's round-trip time, fed by {@linkcode onAck}. */
  readonly rtt: RttEstimator = new RttEstimator();
  readonly #maxAckDelay: number;
  readonly #packets = new SentPackets<F>();
  /** Numbers of the latest packets that carried only acknowledgements. */
  readonly #unreliable: number[] = [];
  readonly #neverSent = new NeverSent();
  readonly #apart = new ApartPackets();
  readonly #report = new Report<F>();
  readonly #reordering = new Reordering<F>();
  readonly #persistent = new PersistentCongestion();
  /** Bytes sent that count against the congestion window and have no fate yet. */
  bytesInFlight = 0;
  /** What these take of the receive buffer of the peer's socket, in bytes. */
  chargeInFlight = 0;
  #elicitingInFlight = 0;
  #lastElicitingTime = 0;
  /** Largest packet number the peer has acknowledged, −1 for none. */
  largestAcked = -1;
  #ptoCount = 0;
  #firstPtoAt = 0;
  #lossTime = Infinity;
  /** Number of the first packet sent on the present path. */
  #pathStart = 0;
  /** How long what was sent before may be overdue, in milliseconds. */
  #overlapMs = 0;

  /** Starts with nothing sent; `maxAckDelay` is the peer's, in milliseconds. */
  constructor(maxAckDelay: number) {
    this.#maxAckDelay = maxAckDelay;
  }

  /** The probe time-out without back-off, in milliseconds. */
  get pto(): number {
    return this.rtt.pto(this.#maxAckDelay);
  }

  /**
   * Notes a packet that has just been sent.
   *
   * A sender that never sends anything ack-eliciting is never acknowledged:
   * packets that carried only acknowledgements are let go when many pile up.
   *
   * @param packet Kept until its fate is reported; numbers only grow.
   */
  onPacketSent(packet: SentPacket<F>): void {
    const packets = this.#packets;
    packets.add(packet);
    if (packet.inFlight) this.#countInFlight(packet, 1);
    if (packet.ackEliciting) {
      this.#elicitingInFlight++;
      this.#lastElicitingTime = packet.time;
    }
    if (packet.inFlight || packet.ackEliciting) return;
    const unreliable = this.#unreliable;
    unreliable.push(packet.number);
    if (unreliable.length > UNRELIABLE_TRACKED) {
      packets.remove(unreliable.shift()!);
    }
  }

  /** Numbers from the oldest packet without a fate to the newest one. */
  get span(): number {
    return this.#packets.span;
  }

  /** No packet ever has this number, which would have been the next. */
  onNumberSkipped(number: number): void {
    this.#neverSent.add(number);
  }

  /** A packet went another way: whether it arrives tells nothing. */
  onApartSent(number: number): void {
    this.#apart.add(number);
    this.#packets.pass(number);
  }

  /** Probe time-outs since anything was acknowledged. */
  get ptoCount(): number {
    return this.#ptoCount;
  }

  /** Milliseconds since the first of these. */
  ptoMs(now: number): number {
    return this.#ptoCount === 0 ? 0 : now - this.#firstPtoAt;
  }

  /**
   * Takes an ACK frame: an RTT sample, acknowledged packets, losses it reveals.
   *
   * @returns What changed; valid until the next call.
   * @throws {TransportError} `PROTOCOL_VIOLATION` if the peer acknowledges a
   * packet that was never sent (RFC 9000 §13.1).
   */
  onAck(frame: AckFrame, now: number): AckReport<F> {
    const { ranges } = frame;
    const newest = ranges[0].end;
    if (newest >= this.#packets.next) {
      throw new TransportError(
        TransportErrorCode.PROTOCOL_VIOLATION,
        `peer acknowledges packet ${newest}, which has not been sent yet`,
      );
    }
    this.#neverSent.refuseIn(ranges);
    const largest = this.#apart.largestOther(ranges);
    const report = this.#report;
    report.reset();
    const before = this.#elicitingInFlight;
    const elicited = this.#removeAcked(ranges);
    report.undo = this.#reordering.onAck(ranges, now, report.spurious);
    if (report.spurious.length > 0) this.#persistent.reset();
    if (largest > this.largestAcked) this.largestAcked = largest;
    if (report.acked.length === 0) return report;
    this.#ptoCount = 0;
    const roundTrip = Math.max(now - report.newestAckedTime, 0);
    if (
      elicited && report.newestAckedNumber === newest &&
      newest >= this.#pathStart && roundTrip <= RTT_SAMPLE_MAX_MS
    ) {
      report.rttSampled = true;
      this.rtt.update(
        roundTrip,
        Math.min(frame.delay, this.#maxAckDelay),
        now,
      );
    }
    this.#detectLost(now, this.#reordering.thresholdFor(before));
    return report;
  }

  /**
   * Acts on a timer that was set for {@linkcode nextTimeout}; valid until the
   * next call.
   */
  onTimeout(now: number): TimeoutReport<F> {
    if (this.#lossTime !== Infinity) {
      if (now < this.#lossTime) return { kind: "none" };
      this.#report.reset();
      this.#detectLost(now, this.#reordering.packetThreshold);
      return this.#report;
    }
    if (now < this.nextTimeout()) return { kind: "none" };
    return this.#onPto(now);
  }

  /** When {@linkcode onTimeout} is due (RFC 9002 §6.2.1, §A.8), infinite when never. */
  nextTimeout(): number {
    if (this.#lossTime !== Infinity) return this.#lossTime;
    if (this.#elicitingInFlight === 0) return Infinity;
    const { pto } = this;
    const backedOff = pto * 2 ** Math.min(this.#ptoCount, 20);
    return this.#lastElicitingTime +
      Math.max(pto, Math.min(backedOff, PTO_MAX_MS));
  }

  /**
   * The peer has come back after a silence: when probes were sent, and long
   * enough ago for an answer, the next one is due now.
   */
  onSignOfLife(now: number): TimeoutReport<F> {
    const waits = this.#ptoCount > 0 &&
      now - this.#lastElicitingTime >= this.rtt.smoothed;
    return waits ? this.#onPto(now) : { kind: "none" };
  }

  #onPto(now: number): TimeoutReport<F> {
    if (this.#ptoCount === 0) this.#firstPtoAt = now;
    return { kind: "pto", count: ++this.#ptoCount };
  }

  /**
   * The oldest ack-eliciting packet without a fate: what a probe had best carry
   * again (RFC 9002 §6.2.4), with a number above `after`. Path MTU probes are
   * passed over.
   */
  oldestUnacked(after: number): SentPacket<F> | undefined {
    const packets = this.#packets;
    for (let n = Math.max(packets.first, after + 1); n < packets.next; n++) {
      const packet = packets.get(n);
      if (packet !== undefined && packet.ackEliciting && !packet.mtuProbe) {
        return packet;
      }
    }
    return undefined;
  }

  /**
   * Packets take another path from now on. Those that were sent are not
   * forgotten, but count and tell nothing any more (RFC 9000 §9.4).
   *
   * @param change With the same path under another port what was learned about
   * it is kept.
   */
  onPathChange({ rebound, overlaps }: PathChange): void {
    this.#pathStart = this.#packets.next;
    this.#overlapMs = overlaps
      ? this.#reordering.timeThreshold *
        Math.max(this.rtt.latest, this.rtt.smoothed)
      : 0;
    this.bytesInFlight = this.chargeInFlight = 0;
    if (!rebound) this.rtt.reset();
    this.#reordering.onPathChange(rebound);
    this.#persistent.reset();
    this.#ptoCount = 0;
  }

  /** Whether a packet was sent on the present path. */
  isOnPath({ number }: SentPacket<F>): boolean {
    return number >= this.#pathStart;
  }

  /**
   * Moves what `ranges` acknowledge into the report; tells whether any was
   * ack-eliciting.
   */
  #removeAcked(ranges: readonly Readonly<AckRange>[]): boolean {
    const packets = this.#packets;
    const report = this.#report;
    let relevant = 0;
    while (
      relevant < ranges.length && ranges[relevant].end >= packets.first
    ) relevant++;
    let elicited = false;
    for (let i = relevant - 1; i >= 0; i--) {
      const range = ranges[i];
      const end = Math.min(range.end, packets.next - 1);
      for (let n = Math.max(range.start, packets.first); n <= end; n++) {
        const packet = packets.remove(n);
        if (packet === undefined) continue;
        report.acked.push(packet);
        report.newestAckedTime = packet.time;
        report.newestAckedNumber = n;
        if (packet.inFlight && n >= this.#pathStart) {
          this.#countInFlight(packet, -1);
          report.ackedBytes += packet.size;
        }
        if (packet.ackEliciting) {
          this.#elicitingInFlight--;
          elicited = true;
        }
      }
    }
    return elicited;
  }

  /** Moves overdue packets into the report and sets the loss timer (RFC 9002 §A.10). */
  #detectLost(now: number, packetThreshold: number): void {
    const packets = this.#packets;
    const largestAcked = this.largestAcked;
    const rtt = this.rtt;
    const delay = Math.max(
      this.#reordering.timeThreshold * Math.max(rtt.latest, rtt.smoothed),
      GRANULARITY_MS,
    );
    this.#lossTime = Infinity;
    for (let n = packets.first; n < largestAcked; n++) {
      const packet = packets.get(n);
      if (packet === undefined) continue;
      const sentSince = largestAcked - n -
        this.#neverSent.countBetween(n, largestAcked) -
        this.#apart.countBetween(n, largestAcked);
      // Packets of a faster path overtake all that are in flight on another.
      const overlaps = n < this.#pathStart && this.#overlapMs > 0;
      const byPacket = !overlaps && sentSince >= packetThreshold;
      const overdue = packet.time +
        (overlaps ? Math.max(delay, this.#overlapMs) : delay);
      if (byPacket || overdue <= now) {
        packets.remove(n);
        this.#onLost(packet, !byPacket, now);
      } else if (overlaps) {
        this.#lossTime = Math.min(this.#lossTime, overdue);
      } else if (packet.inFlight || packet.ackEliciting) {
        // Later packets were sent later: they are not overdue either.
        this.#lossTime = Math.min(this.#lossTime, overdue);
        break;
      }
    }
    if (this.#report.persistent) rtt.resetMin();
  }

  #countInFlight({ size }: SentPacket<F>, sign: 1 | -1): void {
    this.bytesInFlight += sign * size;
    this.chargeInFlight += sign * receiveBufferCharge(size);
  }

  #onLost(packet: SentPacket<F>, byTime: boolean, now: number): void {
    const report = this.#report;
    const pto = this.pto;
    const onPath = this.isOnPath(packet);
    if (this.#neverSent.has(packet.number - 1)) {
      this.#persistent.onSkipped(packet.number - 1);
    }
    if (
      onPath && this.#persistent.onLost(packet, this.rtt.firstSampleTime, pto)
    ) report.persistent = true;
    if (packet.inFlight && onPath) this.#countInFlight(packet, -1);
    if (packet.ackEliciting) this.#elicitingInFlight--;
    if (!packet.inFlight && !packet.ackEliciting) return;
    report.lost.push(packet);
    const tells = onPath && !packet.mtuProbe;
    if (tells) {
      report.lostBytes += packet.size;
      report.newestLostTime = packet.time;
    }
    const expires = now + LOST_REMEMBERED_PTOS * pto;
    this.#reordering.onLost(packet, byTime, now, expires, tells);
  }
}
