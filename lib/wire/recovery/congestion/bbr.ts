/**
 * BBR congestion control, version 3 (draft-ietf-ccwg-bbr): a model of the
 * path's bandwidth and round-trip time decides, not single losses.
 *
 * What differs from the draft; docs/decisions.md says why:
 *
 * - Only losses that tell of congestion count (`loss_judge.ts`), and what a path
 *   loses by itself is sent on top.
 * - A path that has become longer at once is measured anew (`rtt_jump.ts`).
 * - 30 % of the bound on what is in flight are left to others between probes,
 *   instead of 15 %, but nothing of what the path holds without a queue, with
 *   the bursts in which it acknowledges.
 * - Probes are 50 ms apart at least (`probe_wait.ts`).
 * - An RTT within 1/8 of the minimum confirms the minimum, so that ProbeRTT is
 *   entered only on a path with a standing queue, as in Chromium's BBR.
 * - There is no packet conservation in recovery: pacing bounds the rate.
 *
 * This file is the states and what they allow to send. The model of the path is
 * `bbr_model.ts`.
 */

import { DATAGRAM_MIN } from "../../../limits.ts";
import { type BbrState, GAINS, STARTUP_GAIN } from "./bbr_gains.ts";
import { BbrModel, BETA } from "./bbr_model.ts";
import {
  type AckEvent,
  type CongestionController,
  type CongestionEvent,
  type InFlightPacket,
  MINIMUM_WINDOW_DATAGRAMS,
} from "./congestion_controller.ts";
import { FullBandwidth } from "./full_bandwidth.ts";
import { initialWindow, pacedInitialWindow } from "./initial_window.ts";
import { LongTermBound } from "./long_term_bound.ts";
import { ProbeWait } from "./probe_wait.ts";

/** Loss events in one round before start-up ends by loss (BBRStartupFullLossCnt). */
const STARTUP_LOSS_EVENTS = 6;
/**
 * Pacing below the estimated bandwidth, so that queues drain
 * (BBRPacingMarginPercent).
 */
const PACING_MARGIN = 0.99;

/** BBR for one path. */
export class Bbr implements CongestionController {
  readonly #model: BbrModel;
  readonly #fullBandwidth = new FullBandwidth();
  readonly #longTerm = new LongTermBound();
  readonly #probeWait: ProbeWait;
  /** Most bytes in flight. */
  window: number;
  state: BbrState = "startup";

  // Probing for bandwidth.
  /** Whether the next round ends a cycle: its packets were sent after the probe. */
  #cycleEnds = false;
  /** Whether samples are of packets sent while probing. */
  #probeSamples = false;

  readonly #rttKnown: boolean;
  /** The window before ProbeRTT. */
  #priorWindow = 0;

  /**
   * Starts with the initial window.
   *
   * @param random Numbers in [0, 1) that keep flows from probing in step.
   * @param rttKnown Whether the first flight will be paced.
   */
  constructor(
    maxDatagramSize: number = DATAGRAM_MIN,
    random: () => number = () => 0.5,
    rttKnown = false,
  ) {
    this.#model = new BbrModel(maxDatagramSize);
    this.#rttKnown = rttKnown;
    this.window = this.#initialWindow;
    this.#probeWait = new ProbeWait(random);
  }

  get inSlowStart(): boolean {
    return this.state === "startup";
  }

  /** Estimated bandwidth, in bytes per millisecond; 0 when nothing is known. */
  get bandwidth(): number {
    return this.#model.bandwidth;
  }

  onPacketSent(
    packet: InFlightPacket,
    bytesInFlight: number,
    appLimited: boolean,
  ): void {
    this.#model.onPacketSent(packet, bytesInFlight, appLimited);
  }

  /** Updates the model, then the state, then the window. */
  onAck(event: AckEvent): void {
    const model = this.#model;
    model.onAck(event);
    if (model.roundStart) this.#probeWait.onRound();
    if (model.lossRoundStart) this.#onLossRound();
    const { bandwidth, roundStart } = model;
    model.aggregation.onAck(event, roundStart, bandwidth, this.window);
    const { rate, isAppLimited } = model.sample;
    if (!isAppLimited) this.#fullBandwidth.onSample(rate, roundStart);
    this.#checkStartup(event);
    if (this.#isProbingBandwidth()) this.#updateProbe(event);
    this.#updateMinRtt(event);
    if (model.lossRoundStart) model.restartLatest();
    this.#setWindow(event.ackedBytes);
  }

  /** Counts losses; only persistent congestion acts at once. */
  onCongestionEvent({ lostBytes, persistent }: CongestionEvent): void {
    this.#model.onLost(lostBytes);
    if (persistent) {
      this.window = MINIMUM_WINDOW_DATAGRAMS * this.#model.datagram;
    }
  }

  /** Drops the short-term bounds and restores the long-term one. */
  onSpuriousCongestion(): void {
    this.#model.resetShortTerm();
    this.#longTerm.restore();
  }

  /**
   * Keeps the window at the initial window of the new size until it is known
   * better.
   */
  onMtuChange(maxDatagramSize: number): void {
    this.#model.datagram = maxDatagramSize;
    const least = this.#fullBandwidth.ever
      ? MINIMUM_WINDOW_DATAGRAMS * maxDatagramSize
      : this.#initialWindow;
    if (this.window < least) this.window = least;
  }

  /** The bandwidth times the gain of the state. */
  pacingRate(smoothedRtt: number | undefined): number {
    const bandwidth = this.bandwidth;
    const initial = smoothedRtt === undefined
      ? Infinity
      : STARTUP_GAIN * this.#initialWindow / Math.max(smoothedRtt, 1);
    if (bandwidth === 0) return initial;
    const rate = GAINS[this.state].pacing * bandwidth * PACING_MARGIN /
      (1 - this.#model.losses.share);
    if (this.#fullBandwidth.ever || smoothedRtt === undefined) return rate;
    // Until the first packets are acknowledged, the window is the better guess
    // (§5.6.2).
    return Math.max(rate, initial);
  }

  // --- bounds ---------------------------------------------------------------

  /** Acts on a round with too many losses (§5.3.1.3, §5.5.10.3). */
  #onLossRound(): void {
    const model = this.#model;
    const { lossEvents } = model;
    if (!model.endLossRound()) return;
    switch (this.state) {
      case "startup":
        if (lossEvents < STARTUP_LOSS_EVENTS) return;
        this.#fullBandwidth.set();
        this.#longTerm.value = Math.max(
          model.bdp(model.maxBandwidth),
          model.latestInFlight,
        );
        return;
      case "probe_bw_refill":
      case "probe_bw_up":
        // Losses of a probe concern the long-term bound.
        return;
      default:
        model.lowerShortTerm(this.window);
    }
  }

  /** Room for what is handed over at once, and to probe with (§5.6.4.2). */
  #quantized(inFlight: number): number {
    const model = this.#model;
    const least = Math.max(model.leastInFlight, inFlight);
    return this.state === "probe_bw_up" ? least + 2 * model.datagram : least;
  }

  get #initialWindow(): number {
    const { datagram } = this.#model;
    return this.#rttKnown
      ? pacedInitialWindow(datagram)
      : initialWindow(datagram);
  }

  /** The long-term bound less what is left to others. */
  get #inFlightWithHeadroom(): number {
    const model = this.#model;
    const held = model.bdp(model.maxBandwidth) + model.aggregation.extra;
    const least = Math.max(model.minPipe, held);
    return this.#longTerm.withHeadroom(
      model.datagram,
      least,
      model.losses.share,
    );
  }

  // --- states ---------------------------------------------------------------

  #checkStartup({ now, bytesInFlight }: AckEvent): void {
    if (this.state === "startup" && this.#fullBandwidth.ever) {
      this.state = "drain";
    }
    if (
      this.state === "drain" &&
      bytesInFlight <= this.#quantized(this.#model.bdp(this.bandwidth))
    ) this.#goDown(now);
  }

  #isProbingBandwidth(): boolean {
    return this.state !== "startup" && this.state !== "drain" &&
      this.state !== "probe_rtt";
  }

  #goDown(now: number): void {
    this.#model.resetLatest();
    this.#longTerm.onProbeEnd();
    this.#probeWait.begin(now);
    this.#cycleEnds = true;
    this.#model.beginRound();
    this.state = "probe_bw_down";
  }

  #refill(): void {
    const { losses, sample, datagram } = this.#model;
    losses.endQuiet(sample.lost, sample.delivered, datagram);
    this.#model.resetShortTerm();
    this.#longTerm.onProbeRefill();
    this.#cycleEnds = false;
    this.#model.beginRound();
    this.state = "probe_bw_refill";
  }

  #goUp(): void {
    this.#probeSamples = true;
    this.#model.beginRound();
    this.#fullBandwidth.restart(this.#model.sample.rate);
    this.state = "probe_bw_up";
    this.#longTerm.onProbeRound(this.window, this.#model.datagram);
  }

  /** Moves through down, cruise, refill, up (§5.3.3). */
  #updateProbe(event: AckEvent): void {
    const { now, ackedBytes, bytesInFlight } = event;
    const wasLimited =
      bytesInFlight + ackedBytes + this.#model.datagram > this.window;
    this.#adaptLongTerm(event, wasLimited);
    switch (this.state) {
      case "probe_bw_down":
        if (this.#isTimeToProbe(now)) this.#refill();
        else if (
          bytesInFlight <= this.#inFlightWithHeadroom &&
          bytesInFlight <=
            this.#quantized(this.#model.bdp(this.#model.maxBandwidth))
        ) this.state = "probe_bw_cruise";
        break;
      case "probe_bw_cruise":
        if (this.#isTimeToProbe(now)) this.#refill();
        break;
      case "probe_bw_refill":
        if (this.#model.roundStart) this.#goUp();
        break;
      case "probe_bw_up":
        if (wasLimited && this.window >= this.#longTerm.value) {
          // The bound is what limits the rate: a plateau says nothing yet.
          this.#fullBandwidth.restart(this.#model.sample.rate);
        } else if (this.#fullBandwidth.now) {
          this.#goDown(now);
        }
        break;
    }
  }

  #isTimeToProbe(now: number): boolean {
    const target = Math.min(this.#model.bdp(this.bandwidth), this.window);
    return this.#probeWait.isOver(now, target, this.#model.datagram);
  }

  /** Follows what probing shows about the most the path bears (§5.5.10.2). */
  #adaptLongTerm({ now, ackedBytes }: AckEvent, wasLimited: boolean): void {
    const model = this.#model;
    const { sample } = model;
    if (model.roundStart && this.#cycleEnds) {
      this.#cycleEnds = false;
      this.#probeSamples = false;
      // What is acknowledged from here on was sent after the probe.
      model.losses.beginQuiet(sample.lost, sample.delivered);
      if (!sample.isAppLimited) model.endBandwidthCycle();
    }
    if (model.roundStart) {
      const { lost, delivered } = sample;
      model.losses.onQuietRound(lost, delivered, model.datagram);
    }
    if (sample.priorDelivered < 0) return;
    const inFlight = sample.sampleInFlight;
    if (model.isCongestion(sample.sampleLost, inFlight)) {
      if (this.#probeSamples) this.#onInFlightTooHigh(now, inFlight);
      return;
    }
    const bound = this.#longTerm;
    if (bound.value === Infinity) return;
    if (inFlight > bound.value) bound.value = inFlight;
    if (this.state !== "probe_bw_up") return;
    if (!wasLimited || this.window < bound.value) return;
    bound.raise(ackedBytes, model.datagram);
    if (model.roundStart) bound.onProbeRound(this.window, model.datagram);
  }

  #onInFlightTooHigh(now: number, inFlight: number): void {
    this.#probeSamples = false;
    if (!this.#model.sample.isAppLimited) {
      const target = Math.min(this.#model.bdp(this.bandwidth), this.window);
      this.#longTerm.lower(Math.max(inFlight, BETA * target));
    }
    if (this.state === "probe_bw_up") this.#goDown(now);
  }

  /** Keeps the minimum RTT fresh, by ProbeRTT if it must (§5.3.4). */
  #updateMinRtt(event: AckEvent): void {
    const { probeRtt, roundStart } = this.#model;
    const due = probeRtt.onAck(event, roundStart);
    if (due && this.#fullBandwidth.ever && this.state !== "probe_rtt") {
      this.#priorWindow = this.window;
      this.#cycleEnds = true;
      probeRtt.begin();
      this.state = "probe_rtt";
    }
    if (this.state === "probe_rtt") this.#updateProbeRtt(event);
  }

  #updateProbeRtt(event: AckEvent): void {
    const model = this.#model;
    model.sample.onAppLimited(event.bytesInFlight);
    const window = this.#probeRttWindow;
    switch (model.probeRtt.update(event, window, model.roundStart)) {
      case "low":
        model.beginRound();
        break;
      case "over":
        this.window = Math.max(this.window, this.#priorWindow);
        model.resetShortTerm();
        this.#goDown(event.now);
        this.state = "probe_bw_cruise";
    }
  }

  get #probeRttWindow(): number {
    return Math.max(
      this.#model.bdp(this.bandwidth, GAINS.probe_rtt.window),
      this.#model.minPipe,
    );
  }

  /** Moves the window towards what the model allows (§5.6.4). */
  #setWindow(ackedBytes: number): void {
    const model = this.#model;
    const most = this.#quantized(
      model.bdp(this.bandwidth, GAINS[this.state].window) +
        model.aggregation.extra,
    );
    let window = this.window;
    if (this.#fullBandwidth.ever) {
      window = Math.min(window + ackedBytes, most);
    } else if (
      window < most ||
      model.sample.delivered < this.#initialWindow
    ) {
      window += ackedBytes;
    }
    if (this.state === "probe_rtt") {
      window = Math.min(window, this.#probeRttWindow);
    }
    let bound = Infinity;
    if (this.state === "probe_bw_cruise" || this.state === "probe_rtt") {
      bound = this.#inFlightWithHeadroom;
    } else if (this.#isProbingBandwidth()) {
      bound = this.#longTerm.value;
    }
    bound = Math.max(Math.min(bound, model.shortTermInFlight), model.minPipe);
    this.window = Math.min(window, bound);
  }
}
