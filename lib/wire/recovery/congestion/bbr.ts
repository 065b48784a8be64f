/**
 * BBR congestion control, version 3 (draft-ietf-ccwg-bbr): a model of the
 * path's bandwidth and round-trip time decides, not single losses.
 *
 * What differs from the draft, and why:
 *
 * - The loss threshold is 8 % instead of 2 %, and the short-term bounds react
 *   only to rounds above it. Radio and long links lose 1–2 % at random, where
 *   the draft's BBR gives its bandwidth up round by round.
 * - An RTT within 1/8 of the minimum confirms the minimum, so that ProbeRTT is
 *   entered only on a path with a standing queue, as in Chromium's BBR.
 * - There is no packet conservation in recovery: pacing bounds the rate.
 *
 * This file is the states and what they allow to send. The model of the path is
 * `bbr_model.ts`.
 *
 * @module
 */

import { DATAGRAM_MIN } from "../../../limits.ts";
import { BbrModel, BETA, LOSS_THRESHOLD } from "./bbr_model.ts";
import {
  type CongestionController,
  initialWindow,
  MINIMUM_WINDOW_DATAGRAMS,
} from "./congestion_controller.ts";
import { FullBandwidth } from "./full_bandwidth.ts";
import { LongTermBound } from "./long_term_bound.ts";
import type { RttEstimator } from "../rtt_estimator.ts";

/** Loss events in one round before start-up ends by loss (BBRStartupFullLossCnt). */
const STARTUP_LOSS_EVENTS = 6;
/** Pacing below the estimated bandwidth, so that queues drain (BBRPacingMarginPercent). */
const PACING_MARGIN = 0.99;
/** Pacing gain that doubles the rate every round: 4 ln 2. */
const STARTUP_GAIN = 2.77;
const DRAIN_GAIN = 0.5;
const PROBE_DOWN_GAIN = 0.9;
const PROBE_UP_GAIN = 1.25;
/** Window as a multiple of the bandwidth-delay product. */
const WINDOW_GAIN = 2;
const PROBE_UP_WINDOW_GAIN = 2.25;
/** Fewest datagrams in flight that keep acknowledgements coming (BBRMinPipeCwnd). */
const MIN_PIPE_DATAGRAMS = 4;
/** Time in ProbeRTT (ProbeRTTDuration). */
const PROBE_RTT_MS = 200;
/** Share of the bandwidth-delay product in flight in ProbeRTT. */
const PROBE_RTT_WINDOW_GAIN = 0.5;
/** Rounds after which BBR probes as often as Reno would, so that it does not starve (§5.3.3.7). */
const RENO_ROUNDS_MAX = 63;
/** Largest quantum a sender hands to the path at once, in bytes (§5.6.3). */
const QUANTUM_MAX = 65_536;

/** The states of BBR (draft §3.3). */
export type BbrState =
  | "startup"
  | "drain"
  | "probe_bw_down"
  | "probe_bw_cruise"
  | "probe_bw_refill"
  | "probe_bw_up"
  | "probe_rtt";

/** What acknowledgements tell about a bandwidth probe (draft §5.3.3.6). */
type AckPhase = "none" | "refilling" | "starting" | "feedback" | "stopping";

/** BBR for one path. */
export class Bbr implements CongestionController {
  /** The algorithm. */
  readonly name = "bbr";
  readonly #model: BbrModel;
  readonly #fullBandwidth = new FullBandwidth();
  readonly #longTerm = new LongTermBound();
  readonly #random: () => number;
  #window: number;
  #state: BbrState = "startup";
  #pacingGain = STARTUP_GAIN;
  #windowGain = WINDOW_GAIN;
  #now = 0;

  // Probing for bandwidth.
  #ackPhase: AckPhase = "none";
  /** Whether samples are of packets sent while probing. */
  #probeSamples = false;
  #cycleStart = 0;
  #probeWait = 0;
  #roundsSinceProbe = 0;

  // Probing for the RTT.
  #probeRttDoneAt = 0;
  #probeRttRoundDone = false;
  #priorWindow = 0;

  /**
   * Starts with the initial window.
   *
   * @param maxDatagramSize Bytes of a full datagram.
   * @param random Numbers in [0, 1) that keep flows from probing in step.
   */
  constructor(
    maxDatagramSize: number = DATAGRAM_MIN,
    random: () => number = () => 0.5,
  ) {
    this.#model = new BbrModel(maxDatagramSize);
    this.#window = initialWindow(maxDatagramSize);
    this.#random = random;
  }

  /** Most bytes in flight. */
  get window(): number {
    return this.#window;
  }

  /** The state, for logs and tests. */
  get state(): BbrState {
    return this.#state;
  }

  /** Estimated bandwidth of the path, in bytes per millisecond; 0 when nothing is known. */
  get bandwidth(): number {
    return this.#model.bandwidth;
  }

  /** Keeps what the packet's acknowledgement will be compared with. */
  onPacketSent(
    now: number,
    size: number,
    packetNumber: number,
    bytesInFlight: number,
    appLimited: boolean,
  ): void {
    this.#model.onPacketSent(
      now,
      size,
      packetNumber,
      bytesInFlight,
      appLimited,
    );
  }

  /** Updates the model, then the state, then the window. */
  onAck(
    now: number,
    ackedBytes: number,
    _largestAckedSentTime: number,
    largestAckedNumber: number,
    rtt: RttEstimator,
    bytesInFlight: number,
    appLimited: boolean,
  ): void {
    this.#now = now;
    const model = this.#model;
    const wasLimited = bytesInFlight + ackedBytes + model.datagram >
      this.#window;
    model.onAck(
      now,
      ackedBytes,
      largestAckedNumber,
      rtt,
      bytesInFlight,
      appLimited,
    );
    if (model.roundStart) this.#roundsSinceProbe++;
    if (model.lossRoundStart) this.#onLossRound();
    model.updateExtraAcked(now, ackedBytes, this.#window);
    const { rate, isAppLimited } = model.sample;
    if (!isAppLimited) this.#fullBandwidth.onSample(rate, model.roundStart);
    this.#checkStartup(bytesInFlight);
    if (this.#isProbingBandwidth()) {
      this.#updateProbe(ackedBytes, bytesInFlight, wasLimited);
    }
    this.#updateMinRtt(rtt.latest, bytesInFlight);
    if (model.lossRoundStart) model.restartLatest();
    this.#setWindow(ackedBytes);
  }

  /** Counts losses; only persistent congestion acts at once. */
  onCongestionEvent(
    _now: number,
    _lostSentTime: number,
    lostBytes: number,
    persistent: boolean,
  ): void {
    this.#model.onLost(lostBytes);
    if (persistent) {
      this.#window = MINIMUM_WINDOW_DATAGRAMS * this.#model.datagram;
    }
  }

  /** Drops the short-term bounds and restores the long-term one. */
  onSpuriousLoss(): void {
    this.#model.resetShortTerm();
    this.#longTerm.restore();
  }

  /** Keeps the window at the initial window of the new size until it is known better. */
  onMtuChange(maxDatagramSize: number): void {
    this.#model.datagram = maxDatagramSize;
    const least = this.#fullBandwidth.ever
      ? MINIMUM_WINDOW_DATAGRAMS * maxDatagramSize
      : initialWindow(maxDatagramSize);
    if (this.#window < least) this.#window = least;
  }

  /** The bandwidth times the gain of the state. */
  pacingRate(rtt: RttEstimator): number {
    const bandwidth = this.bandwidth;
    if (bandwidth > 0) {
      const rate = this.#pacingGain * bandwidth * PACING_MARGIN;
      if (this.#fullBandwidth.ever || !rtt.hasSample) return rate;
      // Until the first flight is back, the window is the better guess (§5.6.2).
      return Math.max(rate, this.#initialRate(rtt));
    }
    return rtt.hasSample ? this.#initialRate(rtt) : Infinity;
  }

  #initialRate(rtt: RttEstimator): number {
    return STARTUP_GAIN * initialWindow(this.#model.datagram) /
      Math.max(rtt.smoothed, 1);
  }

  // --- bounds ---------------------------------------------------------------

  /** Acts on a round with too many losses (§5.3.1.3, §5.5.10.3). */
  #onLossRound(): void {
    const model = this.#model;
    const { lossEvents } = model;
    if (!model.endLossRound()) return;
    switch (this.#state) {
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
        model.lowerShortTerm(this.#window);
    }
  }

  /** Room for what leaves in one quantum, and for acknowledgements to keep coming (§5.6.4.2). */
  #quantized(inFlight: number): number {
    const quantum = Math.min(this.bandwidth, QUANTUM_MAX);
    const least = Math.max(3 * quantum, this.#minPipe, inFlight);
    return this.#state === "probe_bw_up"
      ? least + 2 * this.#model.datagram
      : least;
  }

  /** Fewest bytes in flight that keep acknowledgements coming. */
  get #minPipe(): number {
    return MIN_PIPE_DATAGRAMS * this.#model.datagram;
  }

  /** The long-term bound less what is left to others. */
  get #inFlightWithHeadroom(): number {
    return this.#longTerm.withHeadroom(this.#model.datagram, this.#minPipe);
  }

  // --- states ---------------------------------------------------------------

  #checkStartup(bytesInFlight: number): void {
    if (this.#state === "startup" && this.#fullBandwidth.ever) {
      this.#enter("drain", DRAIN_GAIN, WINDOW_GAIN);
    }
    if (
      this.#state === "drain" &&
      bytesInFlight <= this.#quantized(this.#model.bdp(this.bandwidth))
    ) this.#goDown();
  }

  #isProbingBandwidth(): boolean {
    return this.#state !== "startup" && this.#state !== "drain" &&
      this.#state !== "probe_rtt";
  }

  #enter(state: BbrState, pacingGain: number, windowGain: number): void {
    this.#state = state;
    this.#pacingGain = pacingGain;
    this.#windowGain = windowGain;
  }

  #goDown(): void {
    this.#model.resetLatest();
    this.#longTerm.onProbeEnd();
    // Two to three seconds, or as many rounds as Reno needs, between probes.
    this.#roundsSinceProbe = this.#random() < 0.5 ? 0 : 1;
    this.#probeWait = 2000 + 1000 * this.#random();
    this.#cycleStart = this.#now;
    this.#ackPhase = "stopping";
    this.#model.beginRound();
    this.#enter("probe_bw_down", PROBE_DOWN_GAIN, WINDOW_GAIN);
  }

  #refill(): void {
    this.#model.resetShortTerm();
    this.#longTerm.onProbeRefill();
    this.#ackPhase = "refilling";
    this.#model.beginRound();
    this.#enter("probe_bw_refill", 1, WINDOW_GAIN);
  }

  #goUp(): void {
    this.#probeSamples = true;
    this.#ackPhase = "starting";
    this.#model.beginRound();
    this.#fullBandwidth.restart(this.#model.sample.rate);
    this.#cycleStart = this.#now;
    this.#enter("probe_bw_up", PROBE_UP_GAIN, PROBE_UP_WINDOW_GAIN);
    this.#longTerm.onProbeRound(this.#window, this.#model.datagram);
  }

  /** Moves through down, cruise, refill, up (§5.3.3). */
  #updateProbe(
    ackedBytes: number,
    bytesInFlight: number,
    wasLimited: boolean,
  ): void {
    this.#adaptLongTerm(ackedBytes, wasLimited);
    switch (this.#state) {
      case "probe_bw_down":
        if (this.#isTimeToProbe()) this.#refill();
        else if (
          bytesInFlight <= this.#inFlightWithHeadroom &&
          bytesInFlight <=
            this.#quantized(this.#model.bdp(this.#model.maxBandwidth))
        ) this.#enter("probe_bw_cruise", 1, WINDOW_GAIN);
        break;
      case "probe_bw_cruise":
        if (this.#isTimeToProbe()) this.#refill();
        break;
      case "probe_bw_refill":
        if (this.#model.roundStart) this.#goUp();
        break;
      case "probe_bw_up":
        if (wasLimited && this.#window >= this.#longTerm.value) {
          // The bound is what limits the rate: a plateau says nothing yet.
          this.#fullBandwidth.restart(this.#model.sample.rate);
        } else if (this.#fullBandwidth.now) {
          this.#goDown();
        }
        break;
    }
  }

  #isTimeToProbe(): boolean {
    const target = Math.min(this.#model.bdp(this.bandwidth), this.#window);
    const renoRounds = Math.min(target / this.#model.datagram, RENO_ROUNDS_MAX);
    return this.#now - this.#cycleStart > this.#probeWait ||
      this.#roundsSinceProbe >= renoRounds;
  }

  /** Follows what probing shows about the most the path bears (§5.5.10.2). */
  #adaptLongTerm(ackedBytes: number, wasLimited: boolean): void {
    const model = this.#model;
    const { sample } = model;
    if (model.roundStart) {
      if (this.#ackPhase === "starting") {
        this.#ackPhase = "feedback";
      } else if (this.#ackPhase === "stopping") {
        this.#probeSamples = false;
        this.#ackPhase = "none";
        if (!sample.isAppLimited) model.endBandwidthCycle();
      }
    }
    if (sample.priorDelivered < 0) return;
    const inFlight = sample.sampleInFlight;
    if (sample.sampleLost > LOSS_THRESHOLD * inFlight) {
      if (this.#probeSamples) this.#onInFlightTooHigh(inFlight);
      return;
    }
    const bound = this.#longTerm;
    if (bound.value === Infinity) return;
    if (inFlight > bound.value) bound.value = inFlight;
    if (this.#state !== "probe_bw_up") return;
    if (!wasLimited || this.#window < bound.value) return;
    bound.raise(ackedBytes, model.datagram);
    if (model.roundStart) bound.onProbeRound(this.#window, model.datagram);
  }

  #onInFlightTooHigh(inFlight: number): void {
    this.#probeSamples = false;
    if (!this.#model.sample.isAppLimited) {
      const target = Math.min(this.#model.bdp(this.bandwidth), this.#window);
      this.#longTerm.lower(Math.max(inFlight, BETA * target));
    }
    if (this.#state === "probe_bw_up") this.#goDown();
  }

  /** Keeps the minimum RTT fresh, by a moment of little in flight if it must (§5.3.4). */
  #updateMinRtt(rtt: number, bytesInFlight: number): void {
    const expired = this.#model.updateMinRtt(this.#now, rtt);
    if (
      expired && this.#fullBandwidth.ever && this.#state !== "probe_rtt"
    ) {
      this.#priorWindow = this.#window;
      this.#probeRttDoneAt = 0;
      this.#ackPhase = "stopping";
      this.#enter("probe_rtt", 1, PROBE_RTT_WINDOW_GAIN);
    }
    if (this.#state === "probe_rtt") this.#probeRtt(bytesInFlight);
  }

  #probeRtt(bytesInFlight: number): void {
    this.#model.sample.onAppLimited(bytesInFlight);
    if (this.#probeRttDoneAt === 0) {
      if (bytesInFlight > this.#probeRttWindow) return;
      this.#probeRttDoneAt = this.#now + PROBE_RTT_MS;
      this.#probeRttRoundDone = false;
      this.#model.beginRound();
      return;
    }
    if (this.#model.roundStart) this.#probeRttRoundDone = true;
    if (!this.#probeRttRoundDone || this.#now <= this.#probeRttDoneAt) return;
    this.#model.confirmMinRtt(this.#now);
    this.#window = Math.max(this.#window, this.#priorWindow);
    this.#model.resetShortTerm();
    this.#goDown();
    this.#enter("probe_bw_cruise", 1, WINDOW_GAIN);
  }

  get #probeRttWindow(): number {
    return Math.max(
      this.#model.bdp(this.bandwidth, PROBE_RTT_WINDOW_GAIN),
      this.#minPipe,
    );
  }

  /** Moves the window towards what the model allows (§5.6.4). */
  #setWindow(ackedBytes: number): void {
    const model = this.#model;
    const most = this.#quantized(
      model.bdp(this.bandwidth, this.#windowGain) + model.extraAcked,
    );
    let window = this.#window;
    if (this.#fullBandwidth.ever) {
      window = Math.min(window + ackedBytes, most);
    } else if (
      window < most ||
      model.sample.delivered < initialWindow(model.datagram)
    ) {
      window += ackedBytes;
    }
    if (this.#state === "probe_rtt") {
      window = Math.min(window, this.#probeRttWindow);
    }
    let bound = Infinity;
    if (this.#state === "probe_bw_cruise" || this.#state === "probe_rtt") {
      bound = this.#inFlightWithHeadroom;
    } else if (this.#isProbingBandwidth()) {
      bound = this.#longTerm.value;
    }
    bound = Math.max(Math.min(bound, model.shortTermInFlight), this.#minPipe);
    this.#window = Math.min(window, bound);
  }
}
