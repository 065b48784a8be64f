/** CUBIC congestion control (RFC 9438) with HyStart++ (RFC 9406). */

import { DATAGRAM_MIN } from "../../../limits.ts";
import {
  type AckEvent,
  type CongestionController,
  type CongestionEvent,
  type InFlightPacket,
  MINIMUM_WINDOW_DATAGRAMS,
} from "./congestion_controller.ts";
import { initialWindow } from "./initial_window.ts";
import { HyStart } from "./hystart.ts";

/** How steep the cubic is, in datagrams per s³ (RFC 9438 §5.1). */
const C = 0.4;
/** What is left of the window after a loss (RFC 9438 §4.6). */
const BETA = 0.7;
/** Growth in the Reno-friendly region, in datagrams per window (RFC 9438 §4.3). */
const ALPHA = 3 * (1 - BETA) / (1 + BETA);
/**
 * Rate as a multiple of window / RTT, so that pacing never is the limit (RFC
 * 9002 §7.7).
 */
const PACING_GAIN = 1.25;
/** The same in slow start, where the window doubles within the round trip. */
const PACING_GAIN_SLOW_START = 2;
/**
 * Floor of the RTT used to pace, in milliseconds: a clock tick on loopback may
 * read 0.
 */
const PACING_RTT_MIN_MS = 0.01;

/**
 * What a congestion event changes besides the window, and a spurious one has to
 * restore (RFC 9438 §4.9).
 */
interface Curve {
  /** Slow start ends here. */
  threshold: number;
  /** W_max: the window before the last reduction, less by fast convergence. */
  maxWindow: number;
  /** cwnd_prior: the window before the last reduction. */
  priorWindow: number;
  /** W_est: what Reno would have. */
  renoWindow: number;
  /**
   * When congestion avoidance began, moved on by times without growth; −1 when
   * it has not.
   */
  epochStart: number;
  /** Milliseconds from the epoch's start until the cubic is back at W_max. */
  k: number;
}

/** CUBIC for one path. */
export class Cubic implements CongestionController {
  readonly #hystart = new HyStart();
  #datagram: number;
  /** Most bytes in flight. */
  window: number;
  #curve: Curve = {
    threshold: Infinity,
    maxWindow: 0,
    priorWindow: 0,
    renoWindow: 0,
    epochStart: -1,
    k: 0,
  };
  /** Since when the window has not been the limit; −1 when it is. */
  #limitedSince = -1;
  /** Losses of packets sent until then belong to the last congestion event. */
  #recoveryStart = -Infinity;
  /** Acknowledgements of packets sent until then do not grow the window. */
  #recoveryEnd = -Infinity;
  #saved: Curve & { window: number } | undefined;

  /** Starts in slow start with the initial window. */
  constructor(maxDatagramSize: number = DATAGRAM_MIN) {
    this.#datagram = maxDatagramSize;
    this.window = initialWindow(maxDatagramSize);
  }

  get inSlowStart(): boolean {
    return this.window < this.#curve.threshold;
  }

  /** Notes a packet for HyStart++'s rounds. */
  onPacketSent(packet: InFlightPacket): void {
    this.#hystart.onPacketSent(packet.number);
  }

  /** Grows the window, unless it was not the limit (RFC 9002 §7.8, RFC 9438 §5.8). */
  onAck(event: AckEvent): void {
    const curve = this.#curve;
    const { now, ackedBytes } = event;
    if (event.newestTime <= this.#recoveryEnd) return;
    // Bytes in flight count too: a connection that is limited by the peer's
    // receive buffer always has more to send, and must not grow without end.
    if (
      event.appLimited || event.bytesInFlight + ackedBytes < this.window / 2
    ) {
      if (this.#limitedSince < 0) this.#limitedSince = now;
      return;
    }
    if (this.#limitedSince >= 0) {
      if (curve.epochStart >= 0) curve.epochStart += now - this.#limitedSince;
      this.#limitedSince = -1;
    }
    if (this.inSlowStart) {
      this.#slowStart(event);
    } else {
      this.#avoidCongestion(now, ackedBytes, event.smoothedRtt);
    }
  }

  /** Shrinks the window once per round trip with losses (RFC 9438 §4.6–4.8). */
  onCongestionEvent(event: CongestionEvent): void {
    const curve = this.#curve;
    const { now, newestLostTime, persistent } = event;
    const minimum = MINIMUM_WINDOW_DATAGRAMS * this.#datagram;
    if (newestLostTime > this.#recoveryStart) {
      this.#saved = { window: this.window, ...curve };
      this.#recoveryStart = now;
      this.#recoveryEnd = now;
      curve.epochStart = -1;
      this.#limitedSince = -1;
      curve.priorWindow = this.window;
      curve.maxWindow = this.window < curve.maxWindow
        ? this.window * (1 + BETA) / 2
        : this.window;
      curve.threshold = Math.max(this.window * BETA, minimum);
      this.window = curve.threshold;
    }
    if (persistent) {
      this.window = minimum;
      this.#recoveryEnd = -Infinity;
      curve.epochStart = -1;
      this.#hystart.restart();
    }
  }

  /** Goes back to where the last congestion event began (RFC 9438 §4.9). */
  onSpuriousCongestion(): void {
    if (this.#saved === undefined) return;
    const { window, ...curve } = this.#saved;
    this.#saved = undefined;
    this.#recoveryEnd = -Infinity;
    this.window = Math.max(this.window, window);
    this.#curve = curve;
  }

  /**
   * Keeps the window at the minimum or, before any loss, the initial window of
   * the new size.
   */
  onMtuChange(maxDatagramSize: number): void {
    this.#datagram = maxDatagramSize;
    const least = this.#curve.threshold === Infinity
      ? initialWindow(maxDatagramSize)
      : MINIMUM_WINDOW_DATAGRAMS * maxDatagramSize;
    if (this.window < least) this.window = least;
  }

  /** A little more than one window per round trip, twice as much in slow start. */
  pacingRate(smoothedRtt: number | undefined): number {
    if (smoothedRtt === undefined) return Infinity;
    const gain = this.window < this.#curve.threshold
      ? PACING_GAIN_SLOW_START
      : PACING_GAIN;
    return gain * this.window / Math.max(smoothedRtt, PACING_RTT_MIN_MS);
  }

  #slowStart(event: AckEvent): void {
    const curve = this.#curve;
    const sample = event.rttSampled ? event.latestRtt : Infinity;
    const ended = this.#hystart.onAck(event.newestNumber, sample);
    this.window = Math.min(
      this.window + event.ackedBytes / this.#hystart.growthDivisor,
      curve.threshold,
    );
    if (ended) curve.threshold = this.window;
  }

  #avoidCongestion(now: number, ackedBytes: number, srtt: number): void {
    const curve = this.#curve;
    if (curve.epochStart < 0) this.#beginEpoch(now);
    const elapsed = now - curve.epochStart;
    const alpha = curve.renoWindow >= curve.priorWindow ? 1 : ALPHA;
    curve.renoWindow += alpha * this.#datagram * ackedBytes / this.window;
    if (this.#cubic(elapsed) < curve.renoWindow) {
      this.window = Math.max(this.window, curve.renoWindow);
      return;
    }
    const target = Math.min(this.#cubic(elapsed + srtt), 1.5 * this.window);
    if (target > this.window) {
      this.window += (target - this.window) * ackedBytes / this.window;
    }
  }

  /** Begins a stage of congestion avoidance (RFC 9438 §4.2). */
  #beginEpoch(now: number): void {
    const curve = this.#curve;
    curve.epochStart = now;
    curve.renoWindow = this.window;
    if (curve.maxWindow <= this.window) {
      curve.maxWindow = this.window;
      curve.k = 0;
    } else {
      const gap = (curve.maxWindow - this.window) / this.#datagram;
      curve.k = 1000 * Math.cbrt(gap / C);
    }
  }

  /** W_cubic after `elapsed` milliseconds, in bytes (RFC 9438 §4.2, figure 1). */
  #cubic(elapsed: number): number {
    const curve = this.#curve;
    const seconds = (elapsed - curve.k) / 1000;
    return C * this.#datagram * seconds ** 3 + curve.maxWindow;
  }
}
