/**
 * BBR's model of a path (draft-ietf-ccwg-bbr §5.5): its bandwidth, its
 * round-trip time and what losses say about the present. What is done with it
 * is `bbr.ts`.
 */

import { AckAggregation } from "./ack_aggregation.ts";
import type { AckEvent, InFlightPacket } from "./congestion_controller.ts";
import { initialWindow } from "./initial_window.ts";
import { DeliveryRate } from "./delivery_rate.ts";
import { LossJudge } from "./loss_judge.ts";
import type { MinRttFilter } from "./min_rtt_filter.ts";
import { ProbeRtt } from "./probe_rtt.ts";

/** What is kept of a bound that was too high (BBRBeta). */
export const BETA = 0.7;
/** Fewest datagrams in flight that keep acknowledgements coming (BBRMinPipeCwnd). */
const MIN_PIPE_DATAGRAMS = 4;
/** Largest quantum a sender hands to the path at once, in bytes (§5.6.3). */
const QUANTUM_MAX = 65_536;

/** A path as its acknowledgements show it. Times in milliseconds, sizes in bytes. */
export class BbrModel {
  /** The newest sample of the delivery rate. */
  readonly sample = new DeliveryRate();
  readonly probeRtt = new ProbeRtt();
  readonly minRtt: MinRttFilter = this.probeRtt.minRtt;
  readonly aggregation = new AckAggregation();
  readonly losses = new LossJudge();
  datagram: number;
  /**
   * Whether the newest acknowledgement begins a round: a packet sent after the
   * last beginning has arrived.
   */
  roundStart = false;
  /** Whether it begins a round of counting losses. */
  lossRoundStart = false;
  #roundEnd = 0;
  /** Loss events in the present loss round. */
  lossEvents = 0;
  #lossRoundEnd = 0;
  #lossRoundLost = 0;
  #lossRoundDelivered = 0;
  /** Largest delivery rate of the last probing cycle and of this one. */
  #lastCycleBandwidth = 0;
  #bandwidth = 0;
  /** Largest delivery rate and delivery of the present loss round. */
  #latestBandwidth = 0;
  /** Most bytes delivered within a sample of the present loss round. */
  latestInFlight = 0;
  /** What the path bears until the next probe. */
  #shortTermBandwidth = Infinity;
  /** Most bytes in flight until the next probe, infinite without losses. */
  shortTermInFlight = Infinity;

  constructor(maxDatagramSize: number) {
    this.datagram = maxDatagramSize;
  }

  /**
   * Largest bandwidth of this and of the last probing cycle, in bytes per
   * millisecond.
   */
  get maxBandwidth(): number {
    return Math.max(this.#lastCycleBandwidth, this.#bandwidth);
  }

  /** The bandwidth to use now; 0 when nothing is known. */
  get bandwidth(): number {
    return Math.min(this.maxBandwidth, this.#shortTermBandwidth);
  }

  /** Fewest bytes in flight that keep acknowledgements coming. */
  get minPipe(): number {
    return MIN_PIPE_DATAGRAMS * this.datagram;
  }

  /** The same, with room for what a sender hands to the path at once (§5.6.4.2). */
  get leastInFlight(): number {
    return Math.max(3 * Math.min(this.bandwidth, QUANTUM_MAX), this.minPipe);
  }

  /** The bandwidth-delay product, with what the path loses by itself, times `gain`. */
  bdp(bandwidth: number, gain = 1): number {
    const minRtt = this.minRtt.value;
    if (minRtt === Infinity) return initialWindow(this.datagram);
    return gain * bandwidth * minRtt / (1 - this.losses.share);
  }

  /** Keeps what the packet's acknowledgement will be compared with. */
  onPacketSent(
    packet: InFlightPacket,
    bytesInFlight: number,
    appLimited: boolean,
  ): void {
    if (bytesInFlight <= packet.size) this.aggregation.onRestart(packet.time);
    this.sample.onPacketSent(packet, bytesInFlight);
    if (appLimited) this.sample.onAppLimited(bytesInFlight);
  }

  onLost(lostBytes: number): void {
    this.sample.onLost(lostBytes);
    this.lossEvents++;
  }

  /**
   * Takes an acknowledgement: a sample, the bandwidth, the beginnings of
   * rounds. The rest of the model follows by the calls below, in their order.
   */
  onAck(event: AckEvent): void {
    const sample = this.sample;
    sample.onAck(event);
    if (event.appLimited) sample.onAppLimited(event.bytesInFlight);
    const prior = sample.priorDelivered;
    this.roundStart = prior >= this.#roundEnd;
    if (this.roundStart) this.beginRound();
    this.losses.onRtt(event.latestRtt, this.roundStart);
    this.lossRoundStart = prior >= this.#lossRoundEnd;
    if (this.lossRoundStart) this.#lossRoundEnd = sample.delivered;
    if (
      sample.rate > 0 &&
      (sample.rate >= this.maxBandwidth || !sample.isAppLimited)
    ) {
      this.#bandwidth = Math.max(this.#bandwidth, sample.rate);
    }
    this.#latestBandwidth = Math.max(this.#latestBandwidth, sample.rate);
    this.latestInFlight = Math.max(
      this.latestInFlight,
      sample.sampleDelivered,
    );
  }

  /**
   * Ends a loss round, when {@linkcode lossRoundStart} says that it is over.
   *
   * @returns Whether too much of it was lost.
   */
  endLossRound(): boolean {
    const sample = this.sample;
    const lost = sample.lost - this.#lossRoundLost;
    const delivered = sample.delivered - this.#lossRoundDelivered;
    this.#lossRoundLost = sample.lost;
    this.#lossRoundDelivered = sample.delivered;
    this.lossEvents = 0;
    return this.isCongestion(lost, lost + delivered);
  }

  /** Whether so many lost bytes of so many are a sign of congestion. */
  isCongestion(lost: number, total: number): boolean {
    return this.losses.isCongestion(
      lost,
      total,
      this.datagram,
      this.minRtt.value,
    );
  }

  /** Lowers the short-term bounds after a round with too many losses (§5.5.10.3). */
  lowerShortTerm(window: number): void {
    if (this.#shortTermBandwidth === Infinity) {
      this.#shortTermBandwidth = this.maxBandwidth;
    }
    if (this.shortTermInFlight === Infinity) this.shortTermInFlight = window;
    this.#shortTermBandwidth = Math.max(
      this.#latestBandwidth,
      BETA * this.#shortTermBandwidth,
    );
    this.shortTermInFlight = Math.max(
      this.latestInFlight,
      BETA * this.shortTermInFlight,
    );
  }

  resetShortTerm(): void {
    this.#shortTermBandwidth = Infinity;
    this.shortTermInFlight = Infinity;
  }

  /**
   * Begins to look for the latest delivery anew, with the sample when a loss
   * round begins.
   */
  restartLatest(): void {
    const { rate, sampleDelivered } = this.sample;
    this.#latestBandwidth = rate;
    this.latestInFlight = sampleDelivered;
  }

  resetLatest(): void {
    this.#latestBandwidth = 0;
    this.latestInFlight = 0;
  }

  beginRound(): void {
    this.#roundEnd = this.sample.delivered;
  }

  /** A probing cycle is over: bandwidth of the one before it is forgotten. */
  endBandwidthCycle(): void {
    this.#lastCycleBandwidth = this.#bandwidth;
    this.#bandwidth = 0;
  }
}
