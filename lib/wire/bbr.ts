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
 * @module
 */

import { DATAGRAM_MIN } from "../limits.ts";
import {
  type CongestionController,
  initialWindow,
  MINIMUM_WINDOW_DATAGRAMS,
} from "./congestion_controller.ts";
import { DeliveryRate } from "./delivery_rate.ts";
import type { RttEstimator } from "./rtt_estimator.ts";

/** Share of a flight that may be lost before the flight was too large (draft: 2 %). */
const LOSS_THRESHOLD = 0.08;
/** Loss events in one round before start-up ends by loss (BBRStartupFullLossCnt). */
const STARTUP_LOSS_EVENTS = 6;
/** What is kept of a bound that was too high (BBRBeta). */
const BETA = 0.7;
/** Share of the long-term bound left to others (BBRHeadroom). */
const HEADROOM = 0.15;
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
/** Growth that shows that the bandwidth is not reached yet. */
const FULL_BANDWIDTH_GROWTH = 1.25;
/** Rounds without that growth after which it is. */
const FULL_BANDWIDTH_ROUNDS = 3;
/** Fewest datagrams in flight that keep acknowledgements coming (BBRMinPipeCwnd). */
const MIN_PIPE_DATAGRAMS = 4;
/** How long a minimum RTT is believed (MinRTTFilterLen). */
const MIN_RTT_MS = 10_000;
/** Time between ProbeRTT phases (ProbeRTTInterval). */
const PROBE_RTT_INTERVAL_MS = 5000;
/** Time in ProbeRTT (ProbeRTTDuration). */
const PROBE_RTT_MS = 200;
/** Share of the bandwidth-delay product in flight in ProbeRTT. */
const PROBE_RTT_WINDOW_GAIN = 0.5;
/** An RTT up to this multiple of the minimum confirms it. */
const SIMILAR_RTT = 1.125;
/** Rounds after which BBR probes as often as Reno would, so that it does not starve (§5.3.3.7). */
const RENO_ROUNDS_MAX = 63;
/** Rounds for which a burst of acknowledgements is remembered, twice. */
const EXTRA_ACKED_ROUNDS = 5;
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
  readonly #sample = new DeliveryRate();
  readonly #random: () => number;
  #datagram: number;
  #window: number;
  #state: BbrState = "startup";
  #pacingGain = STARTUP_GAIN;
  #windowGain = WINDOW_GAIN;
  #now = 0;

  // Rounds: one ends when a packet sent after its beginning is acknowledged.
  #roundEnd = 0;
  #roundStart = false;

  // The long-term model.
  /** Largest delivery rate of this and of the last probing cycle. */
  #bandwidths: [number, number] = [0, 0];
  #minRtt = Infinity;
  #minRttAt = 0;
  #longTermInFlight = Infinity;

  // The short-term model: what the path bears until the next probe.
  #shortTermBandwidth = Infinity;
  #shortTermInFlight = Infinity;
  #latestBandwidth = 0;
  #latestInFlight = 0;
  #lossRoundEnd = 0;
  #lossRoundStart = false;
  #lossRoundLost = 0;
  #lossRoundDelivered = 0;
  #lossEvents = 0;

  // Start-up.
  #fullBandwidth = 0;
  #fullBandwidthRounds = 0;
  #fullBandwidthNow = false;
  #fullBandwidthReached = false;

  // Bursts of acknowledgements.
  #extraAcked: [number, number] = [0, 0];
  #extraAckedRounds = 0;
  #burstStart = 0;
  #burstDelivered = 0;

  // Probing for bandwidth.
  #ackPhase: AckPhase = "none";
  #probeSamples = false;
  #cycleStart = 0;
  #probeWait = 0;
  #roundsSinceProbe = 0;
  #upRounds = 0;
  #upAcked = 0;
  #upCount = Infinity;
  #priorLongTermInFlight = Infinity;

  // Probing for the RTT.
  #probeRttMin = Infinity;
  #probeRttMinAt = 0;
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
    this.#datagram = maxDatagramSize;
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
    return Math.min(this.#maxBandwidth, this.#shortTermBandwidth);
  }

  /** Keeps what the packet's acknowledgement will be compared with. */
  onPacketSent(
    now: number,
    size: number,
    packetNumber: number,
    bytesInFlight: number,
    appLimited: boolean,
  ): void {
    if (bytesInFlight <= size && this.#burstDelivered > 0) {
      // After a pause, silence is no sign of a slow path.
      this.#burstStart = now;
      this.#burstDelivered = 0;
    }
    this.#sample.onPacketSent(now, size, packetNumber, bytesInFlight);
    if (appLimited) this.#sample.onAppLimited(bytesInFlight);
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
    const sample = this.#sample;
    const wasLimited = bytesInFlight + ackedBytes + this.#datagram >
      this.#window;
    sample.onAck(
      now,
      ackedBytes,
      largestAckedNumber,
      Math.min(rtt.min, rtt.latest),
    );
    if (appLimited) sample.onAppLimited(bytesInFlight);
    this.#updateRounds();
    this.#updateBounds();
    this.#updateExtraAcked(ackedBytes);
    this.#checkFullBandwidth();
    this.#checkStartup(bytesInFlight);
    if (this.#isProbingBandwidth()) {
      this.#updateProbe(ackedBytes, bytesInFlight, wasLimited);
    }
    this.#updateMinRtt(rtt.latest, bytesInFlight);
    if (this.#lossRoundStart) {
      this.#latestBandwidth = sample.rate;
      this.#latestInFlight = sample.sampleDelivered;
    }
    this.#setWindow(ackedBytes);
  }

  /** Counts losses; only persistent congestion acts at once. */
  onCongestionEvent(
    _now: number,
    _lostSentTime: number,
    lostBytes: number,
    persistent: boolean,
  ): void {
    this.#sample.onLost(lostBytes);
    this.#lossEvents++;
    if (persistent) {
      this.#window = MINIMUM_WINDOW_DATAGRAMS * this.#datagram;
    }
  }

  /** Drops the short-term bounds and restores the long-term one. */
  onSpuriousLoss(): void {
    this.#resetShortTerm();
    this.#longTermInFlight = Math.max(
      this.#longTermInFlight,
      this.#priorLongTermInFlight,
    );
  }

  /** Keeps the window at the initial window of the new size until it is known better. */
  onMtuChange(maxDatagramSize: number): void {
    this.#datagram = maxDatagramSize;
    const least = this.#fullBandwidthReached
      ? MINIMUM_WINDOW_DATAGRAMS * maxDatagramSize
      : initialWindow(maxDatagramSize);
    if (this.#window < least) this.#window = least;
  }

  /** The bandwidth times the gain of the state. */
  pacingRate(rtt: RttEstimator): number {
    const bandwidth = this.bandwidth;
    if (bandwidth > 0) {
      const rate = this.#pacingGain * bandwidth * PACING_MARGIN;
      if (this.#fullBandwidthReached || !rtt.hasSample) return rate;
      // Until the first flight is back, the window is the better guess (§5.6.2).
      return Math.max(rate, this.#initialRate(rtt));
    }
    return rtt.hasSample ? this.#initialRate(rtt) : Infinity;
  }

  #initialRate(rtt: RttEstimator): number {
    return STARTUP_GAIN * initialWindow(this.#datagram) /
      Math.max(rtt.smoothed, 1);
  }

  get #maxBandwidth(): number {
    return Math.max(this.#bandwidths[0], this.#bandwidths[1]);
  }

  // --- model ----------------------------------------------------------------

  #updateRounds(): void {
    const sample = this.#sample;
    const prior = sample.priorDelivered;
    this.#roundStart = prior >= this.#roundEnd;
    if (this.#roundStart) {
      this.#roundEnd = sample.delivered;
      this.#roundsSinceProbe++;
    }
    this.#lossRoundStart = prior >= this.#lossRoundEnd;
    if (this.#lossRoundStart) this.#lossRoundEnd = sample.delivered;
    if (
      sample.rate > 0 &&
      (sample.rate >= this.#maxBandwidth || !sample.isAppLimited)
    ) {
      this.#bandwidths[1] = Math.max(this.#bandwidths[1], sample.rate);
    }
    this.#latestBandwidth = Math.max(this.#latestBandwidth, sample.rate);
    this.#latestInFlight = Math.max(
      this.#latestInFlight,
      sample.sampleDelivered,
    );
  }

  /** Lowers the short-term bounds after a round with too many losses (§5.5.10.3). */
  #updateBounds(): void {
    if (!this.#lossRoundStart) return;
    const sample = this.#sample;
    const lost = sample.lost - this.#lossRoundLost;
    const delivered = sample.delivered - this.#lossRoundDelivered;
    const events = this.#lossEvents;
    this.#lossRoundLost = sample.lost;
    this.#lossRoundDelivered = sample.delivered;
    this.#lossEvents = 0;
    if (lost <= LOSS_THRESHOLD * (lost + delivered)) return;
    if (this.#state === "startup") {
      if (events >= STARTUP_LOSS_EVENTS) {
        this.#fullBandwidthReached = true;
        this.#fullBandwidthNow = true;
        this.#longTermInFlight = Math.max(
          this.#bdp(this.#maxBandwidth),
          this.#latestInFlight,
        );
      }
      return;
    }
    if (
      this.#state === "probe_bw_refill" || this.#state === "probe_bw_up"
    ) return;
    if (this.#shortTermBandwidth === Infinity) {
      this.#shortTermBandwidth = this.#maxBandwidth;
    }
    if (this.#shortTermInFlight === Infinity) {
      this.#shortTermInFlight = this.#window;
    }
    this.#shortTermBandwidth = Math.max(
      this.#latestBandwidth,
      BETA * this.#shortTermBandwidth,
    );
    this.#shortTermInFlight = Math.max(
      this.#latestInFlight,
      BETA * this.#shortTermInFlight,
    );
  }

  /** How much more is acknowledged at once than the bandwidth explains (§5.5.9). */
  #updateExtraAcked(ackedBytes: number): void {
    if (this.#roundStart && ++this.#extraAckedRounds >= EXTRA_ACKED_ROUNDS) {
      this.#extraAckedRounds = 0;
      this.#extraAcked = [this.#extraAcked[1], 0];
    }
    const expected = this.bandwidth * (this.#now - this.#burstStart);
    if (this.#burstDelivered <= expected) {
      this.#burstStart = this.#now;
      this.#burstDelivered = ackedBytes;
    } else {
      this.#burstDelivered += ackedBytes;
    }
    const elapsed = this.bandwidth * (this.#now - this.#burstStart);
    this.#extraAcked[1] = Math.max(
      this.#extraAcked[1],
      Math.min(this.#burstDelivered - elapsed, this.#window),
    );
  }

  #bdp(bandwidth: number, gain = 1): number {
    if (this.#minRtt === Infinity) return initialWindow(this.#datagram);
    return gain * bandwidth * this.#minRtt;
  }

  /** Room for what leaves in one quantum, and for acknowledgements to keep coming (§5.6.4.2). */
  #quantized(inFlight: number): number {
    const quantum = Math.min(this.bandwidth, QUANTUM_MAX);
    const least = Math.max(
      3 * quantum,
      MIN_PIPE_DATAGRAMS * this.#datagram,
      inFlight,
    );
    return this.#state === "probe_bw_up" ? least + 2 * this.#datagram : least;
  }

  /** The long-term bound less what is left to others (§5.5.10). */
  get #inFlightWithHeadroom(): number {
    const bound = this.#longTermInFlight;
    if (bound === Infinity) return Infinity;
    const headroom = Math.max(this.#datagram, HEADROOM * bound);
    return Math.max(bound - headroom, MIN_PIPE_DATAGRAMS * this.#datagram);
  }

  // --- states ---------------------------------------------------------------

  #checkFullBandwidth(): void {
    const { rate, isAppLimited } = this.#sample;
    if (this.#fullBandwidthNow || isAppLimited) return;
    if (rate >= this.#fullBandwidth * FULL_BANDWIDTH_GROWTH) {
      this.#fullBandwidth = rate;
      this.#fullBandwidthRounds = 0;
      return;
    }
    if (!this.#roundStart) return;
    if (++this.#fullBandwidthRounds >= FULL_BANDWIDTH_ROUNDS) {
      this.#fullBandwidthNow = true;
      this.#fullBandwidthReached = true;
    }
  }

  #restartFullBandwidth(rate: number): void {
    this.#fullBandwidth = rate;
    this.#fullBandwidthRounds = 0;
    this.#fullBandwidthNow = false;
  }

  #checkStartup(bytesInFlight: number): void {
    if (this.#state === "startup" && this.#fullBandwidthReached) {
      this.#enter("drain", DRAIN_GAIN, WINDOW_GAIN);
    }
    if (
      this.#state === "drain" &&
      bytesInFlight <= this.#quantized(this.#bdp(this.bandwidth))
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
    this.#latestBandwidth = 0;
    this.#latestInFlight = 0;
    this.#upCount = Infinity;
    // Two to three seconds, or as many rounds as Reno needs, between probes.
    this.#roundsSinceProbe = this.#random() < 0.5 ? 0 : 1;
    this.#probeWait = 2000 + 1000 * this.#random();
    this.#cycleStart = this.#now;
    this.#ackPhase = "stopping";
    this.#beginRound();
    this.#enter("probe_bw_down", PROBE_DOWN_GAIN, WINDOW_GAIN);
  }

  #refill(): void {
    this.#resetShortTerm();
    this.#upRounds = 0;
    this.#upAcked = 0;
    this.#ackPhase = "refilling";
    this.#beginRound();
    this.#enter("probe_bw_refill", 1, WINDOW_GAIN);
  }

  #goUp(): void {
    this.#probeSamples = true;
    this.#ackPhase = "starting";
    this.#beginRound();
    this.#restartFullBandwidth(this.#sample.rate);
    this.#cycleStart = this.#now;
    this.#enter("probe_bw_up", PROBE_UP_GAIN, PROBE_UP_WINDOW_GAIN);
    this.#raiseSlope();
  }

  #beginRound(): void {
    this.#roundEnd = this.#sample.delivered;
  }

  #resetShortTerm(): void {
    this.#shortTermBandwidth = Infinity;
    this.#shortTermInFlight = Infinity;
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
          bytesInFlight <= this.#quantized(this.#bdp(this.#maxBandwidth))
        ) this.#enter("probe_bw_cruise", 1, WINDOW_GAIN);
        break;
      case "probe_bw_cruise":
        if (this.#isTimeToProbe()) this.#refill();
        break;
      case "probe_bw_refill":
        if (this.#roundStart) this.#goUp();
        break;
      case "probe_bw_up":
        if (wasLimited && this.#window >= this.#longTermInFlight) {
          // The bound is what limits the rate: a plateau says nothing yet.
          this.#restartFullBandwidth(this.#sample.rate);
        } else if (this.#fullBandwidthNow) {
          this.#goDown();
        }
        break;
    }
  }

  #isTimeToProbe(): boolean {
    const target = Math.min(this.#bdp(this.bandwidth), this.#window);
    const renoRounds = Math.min(target / this.#datagram, RENO_ROUNDS_MAX);
    return this.#now - this.#cycleStart > this.#probeWait ||
      this.#roundsSinceProbe >= renoRounds;
  }

  /** Follows what probing shows about the most the path bears (§5.5.10.2). */
  #adaptLongTerm(ackedBytes: number, wasLimited: boolean): void {
    const sample = this.#sample;
    if (this.#roundStart) {
      if (this.#ackPhase === "starting") {
        this.#ackPhase = "feedback";
      } else if (this.#ackPhase === "stopping") {
        this.#probeSamples = false;
        this.#ackPhase = "none";
        if (!sample.isAppLimited) {
          this.#bandwidths = [this.#bandwidths[1], 0];
        }
      }
    }
    if (sample.priorDelivered < 0) return;
    const inFlight = sample.sampleInFlight;
    if (sample.sampleLost > LOSS_THRESHOLD * inFlight) {
      if (this.#probeSamples) this.#onInFlightTooHigh(inFlight);
      return;
    }
    if (this.#longTermInFlight === Infinity) return;
    if (inFlight > this.#longTermInFlight) this.#longTermInFlight = inFlight;
    if (this.#state === "probe_bw_up") this.#raise(ackedBytes, wasLimited);
  }

  #onInFlightTooHigh(inFlight: number): void {
    this.#probeSamples = false;
    if (!this.#sample.isAppLimited) {
      this.#priorLongTermInFlight = this.#longTermInFlight;
      const target = Math.min(this.#bdp(this.bandwidth), this.#window);
      this.#longTermInFlight = Math.max(inFlight, BETA * target);
    }
    if (this.#state === "probe_bw_up") this.#goDown();
  }

  /** Raises the long-term bound, exponentially by rounds (§5.5.10.2). */
  #raise(ackedBytes: number, wasLimited: boolean): void {
    if (!wasLimited || this.#window < this.#longTermInFlight) return;
    this.#upAcked += ackedBytes;
    if (this.#upAcked >= this.#upCount) {
      const steps = Math.floor(this.#upAcked / this.#upCount);
      this.#upAcked -= steps * this.#upCount;
      this.#longTermInFlight += steps * this.#datagram;
    }
    if (this.#roundStart) this.#raiseSlope();
  }

  #raiseSlope(): void {
    const growth = 2 ** this.#upRounds;
    this.#upRounds = Math.min(this.#upRounds + 1, 30);
    this.#upCount = Math.max(this.#window / growth, this.#datagram);
  }

  /** Keeps the minimum RTT fresh, by a moment of little in flight if it must (§5.3.4). */
  #updateMinRtt(rtt: number, bytesInFlight: number): void {
    const now = this.#now;
    const expired = now > this.#probeRttMinAt + PROBE_RTT_INTERVAL_MS;
    if (expired || rtt <= this.#probeRttMin * SIMILAR_RTT) {
      this.#probeRttMin = expired ? rtt : Math.min(this.#probeRttMin, rtt);
      this.#probeRttMinAt = now;
    }
    if (
      this.#probeRttMin < this.#minRtt || now > this.#minRttAt + MIN_RTT_MS
    ) {
      this.#minRtt = this.#probeRttMin;
      this.#minRttAt = this.#probeRttMinAt;
    } else if (this.#probeRttMin <= this.#minRtt * SIMILAR_RTT) {
      this.#minRttAt = this.#probeRttMinAt;
    }
    if (
      expired && this.#fullBandwidthReached && this.#state !== "probe_rtt"
    ) {
      this.#priorWindow = this.#window;
      this.#probeRttDoneAt = 0;
      this.#ackPhase = "stopping";
      this.#enter("probe_rtt", 1, PROBE_RTT_WINDOW_GAIN);
    }
    if (this.#state === "probe_rtt") this.#probeRtt(bytesInFlight);
  }

  #probeRtt(bytesInFlight: number): void {
    this.#sample.onAppLimited(bytesInFlight);
    if (this.#probeRttDoneAt === 0) {
      if (bytesInFlight > this.#probeRttWindow) return;
      this.#probeRttDoneAt = this.#now + PROBE_RTT_MS;
      this.#probeRttRoundDone = false;
      this.#beginRound();
      return;
    }
    if (this.#roundStart) this.#probeRttRoundDone = true;
    if (!this.#probeRttRoundDone || this.#now <= this.#probeRttDoneAt) return;
    this.#probeRttMinAt = this.#now;
    this.#window = Math.max(this.#window, this.#priorWindow);
    this.#resetShortTerm();
    this.#goDown();
    this.#enter("probe_bw_cruise", 1, WINDOW_GAIN);
  }

  get #probeRttWindow(): number {
    return Math.max(
      this.#bdp(this.bandwidth, PROBE_RTT_WINDOW_GAIN),
      MIN_PIPE_DATAGRAMS * this.#datagram,
    );
  }

  /** Moves the window towards what the model allows (§5.6.4). */
  #setWindow(ackedBytes: number): void {
    const most = this.#quantized(
      this.#bdp(this.bandwidth, this.#windowGain) +
        Math.max(this.#extraAcked[0], this.#extraAcked[1]),
    );
    let window = this.#window;
    if (this.#fullBandwidthReached) {
      window = Math.min(window + ackedBytes, most);
    } else if (
      window < most ||
      this.#sample.delivered < initialWindow(this.#datagram)
    ) {
      window += ackedBytes;
    }
    const least = MIN_PIPE_DATAGRAMS * this.#datagram;
    if (this.#state === "probe_rtt") {
      window = Math.min(window, this.#probeRttWindow);
    }
    let bound = Infinity;
    if (this.#state === "probe_bw_cruise" || this.#state === "probe_rtt") {
      bound = this.#inFlightWithHeadroom;
    } else if (this.#isProbingBandwidth()) {
      bound = this.#longTermInFlight;
    }
    bound = Math.max(Math.min(bound, this.#shortTermInFlight), least);
    this.#window = Math.min(window, bound);
  }
}
