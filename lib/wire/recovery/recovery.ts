/**
 * What a connection knows of its path and does with it: loss detection,
 * congestion control, pacing and the path MTU, working together.
 */

import { DATAGRAM_MIN } from "../../limits.ts";
import type { AckFrame } from "../packet/ack_ranges.ts";
import { AckFrequency } from "./ack_frequency.ts";
import {
  type AckEvent,
  type CongestionController,
  emptyAckEvent,
} from "./congestion/congestion_controller.ts";
import { Bbr } from "./congestion/bbr.ts";
import { Cubic } from "./congestion/cubic.ts";
import type { CongestionAlgorithm } from "../packet/congestion_algorithm.ts";
import { LossDetection } from "./loss_detection.ts";
import type { AckReport, LossReport } from "./loss_report.ts";
import { Pacer } from "./pacer.ts";
import { PathMtu } from "./path_mtu.ts";
import { ReceiveBufferBound } from "./receive_buffer.ts";
import type {
  PathChange,
  RecoveryHandler,
  RecoveryOptions,
} from "./recovery_options.ts";
import type { RttEstimator } from "./rtt_estimator.ts";
import type { SentPacket } from "./sent_packets.ts";

/** Loss detection and congestion control of one connection. */
export class Recovery<F> {
  readonly #options: RecoveryOptions;
  readonly #handler: RecoveryHandler<F>;
  readonly #loss: LossDetection<F>;
  #congestion: CongestionController;
  #pacer: Pacer;
  readonly #mtu: PathMtu;
  /** How often the peer is to acknowledge. */
  readonly ackFrequency: AckFrequency;
  /** Datagrams of this many bytes always get through. */
  readonly datagramFloor: number;
  #pacedUntil = Infinity;
  packetsLost = 0;
  /** Those of {@linkcode packetsLost} that arrived after all. */
  packetsLate = 0;
  /** Filled anew for every ACK frame instead of allocated. */
  readonly #ackEvent: AckEvent = emptyAckEvent();
  #buffer: ReceiveBufferBound;
  /** Whether the peer's buffer, not the window, is the limit. */
  #bufferLimited = false;
  /** Whether it was the peer's buffer that let no packet go when last asked. */
  heldByBuffer = false;

  constructor(
    options: RecoveryOptions,
    handler: RecoveryHandler<F>,
    now: number,
  ) {
    this.#options = options;
    this.#handler = handler;
    this.ackFrequency = new AckFrequency(options.maxAckDelay);
    this.datagramFloor = options.datagramFloor ?? DATAGRAM_MIN;
    this.#pacer = this.#newPacer();
    this.#buffer = new ReceiveBufferBound(options.receiveBufferBytes);
    this.#mtu = new PathMtu(this.datagramFloor, options.datagramCeiling);
    this.#loss = new LossDetection(options.maxAckDelay);
    this.#loss.rtt.shortest = options.pathRttMs ?? Infinity;
    if (options.handshakeRtt !== undefined) {
      this.#loss.rtt.update(options.handshakeRtt, 0, now);
    } else if (options.handshakeRttMax !== undefined) {
      this.#loss.rtt.assume(options.handshakeRttMax);
    }
    this.#congestion = this.#newController(this.rtt.known);
    this.#updateRate(now);
  }

  /** Largest datagram the path is known to carry, in bytes. */
  get datagramSize(): number {
    return this.#mtu.current;
  }

  get rtt(): RttEstimator {
    return this.#loss.rtt;
  }

  /** Probe time-out without back-off, in milliseconds. */
  get pto(): number {
    return this.#loss.pto;
  }

  get congestion(): CongestionAlgorithm {
    return this.#options.congestion;
  }

  get congestionWindow(): number {
    return this.#congestion.window;
  }

  get bytesInFlight(): number {
    return this.#loss.bytesInFlight;
  }

  /** See {@linkcode LossDetection.span}. */
  get span(): number {
    return this.#loss.span;
  }

  /** Largest packet number the peer has acknowledged, −1 for none. */
  get largestAcked(): number {
    return this.#loss.largestAcked;
  }

  /**
   * Whether the window, the peer's buffer and the pacer let a datagram of
   * `size` bytes go. A path MTU probe that is on its way holds nothing back: it
   * may be larger than the window, and it is one.
   */
  maySend(now: number, size: number): boolean {
    this.#pacedUntil = Infinity;
    this.heldByBuffer = false;
    const inFlight = this.#loss.bytesInFlight - this.#mtu.inFlight;
    if (inFlight > 0) {
      if (inFlight + size > this.#congestion.window) return false;
      this.#bufferLimited = this.#storesNothing &&
        !this.#buffer.admits(size, this.#loss.chargeInFlight);
      this.heldByBuffer = this.#bufferLimited;
      if (this.heldByBuffer) return false;
    }
    const sendAt = this.#pacer.nextSendTime(now, size);
    if (sendAt <= now) return true;
    this.#pacedUntil = sendAt;
    return false;
  }

  /**
   * Whether a path MTU probe of `size` bytes may go: where another packet may,
   * as it could be larger than a window ever is, and where the peer's buffer is
   * all that stores it, with room there.
   */
  mayProbe(now: number, size: number): boolean {
    return this.maySend(now, this.datagramSize) &&
      (!this.#storesNothing ||
        this.#buffer.admits(size, this.#loss.chargeInFlight));
  }

  /** Nothing waits to be sent: the pacer delays nothing. */
  onNothingToSend(): void {
    this.#pacedUntil = Infinity;
  }

  /** The size of a path MTU probe that is due, `undefined` for none. */
  dueProbe(now: number): number | undefined {
    return this.#mtu.nextProbe(now);
  }

  /**
   * Counts a packet that has just been sent.
   *
   * @param appLimited Whether there was no more to send, so that the window is
   * no measure of the path.
   */
  onPacketSent(packet: SentPacket<F>, appLimited: boolean): void {
    this.#loss.onPacketSent(packet);
    if (packet.mtuProbe) this.#mtu.onProbeSent(packet.size);
    if (!packet.inFlight) return;
    const { bytesInFlight } = this.#loss;
    this.#congestion.onPacketSent(packet, bytesInFlight, appLimited);
    if (!packet.mtuProbe) this.#pacer.onSent(packet.size);
  }

  /** Probe time-outs since anything was acknowledged. */
  get ptoCount(): number {
    return this.#loss.ptoCount;
  }

  /** Milliseconds since the first of these. */
  ptoMs(now: number): number {
    return this.#loss.ptoMs(now);
  }

  /** A packet went another way than the one in use, whose state it leaves alone. */
  onApartSent(number: number): void {
    this.#loss.onApartSent(number);
  }

  /** No packet ever has this number, which would have been the next. */
  onNumberSkipped(number: number): void {
    this.#loss.onNumberSkipped(number);
  }

  /**
   * Takes an ACK frame.
   *
   * @returns Number of the newest packet acknowledged now, −1 for none.
   * @throws {TransportError} When it acknowledges what was never sent.
   */
  onAck(now: number, frame: AckFrame, appLimited: boolean): number {
    const report = this.#loss.onAck(frame, now);
    const before = this.#mtu.current;
    for (const packet of report.acked) {
      if (this.#loss.isOnPath(packet)) this.#onArrived(packet, now);
      this.#handler.onPacketAcked(packet);
    }
    for (const packet of report.spurious) {
      if (packet.mtuProbe && this.#loss.isOnPath(packet)) {
        this.#mtu.onProbeAcked(packet.size, now);
      } else this.packetsLate++;
      this.#handler.onPacketAcked(packet);
    }
    this.#onCongestionSignals(now, report, appLimited);
    this.#onMtuChange(before);
    this.#updateAckFrequency(now);
    return report.newestAckedNumber;
  }

  #updateAckFrequency(now: number): void {
    const size = this.datagramSize;
    const window = this.congestionWindow / size;
    const { smoothed } = this.rtt;
    if (this.#storesNothing) {
      const inFlight = Math.min(window, this.#buffer.datagrams(size));
      this.ackFrequency.update(now, inFlight, "socket", smoothed);
    } else {
      const by = this.#congestion.inSlowStart ? "slow start" : "window";
      this.ackFrequency.update(now, window, by, smoothed);
    }
  }

  #onArrived(packet: SentPacket<F>, now: number): void {
    if (packet.mtuProbe) this.#mtu.onProbeAcked(packet.size, now);
    else if (packet.ackEliciting) this.#mtu.onPacketAcked(packet);
  }

  /** When {@linkcode onTimeout} is due or a packet that the pacer delayed may go. */
  nextTimeout(): number {
    return Math.min(
      this.#loss.nextTimeout(),
      this.#mtu.nextTimeout(),
      this.#pacedUntil,
    );
  }

  /**
   * Acts on the passing of time.
   *
   * @returns Whether a probe time-out has passed: one or two packets must go
   * out whatever the window says.
   */
  onTimeout(now: number): boolean {
    const report = this.#loss.onTimeout(now);
    const before = this.#mtu.current;
    if (report.kind === "loss") {
      this.#onLosses(now, report);
      this.#updateRate(now);
    } else if (report.kind === "pto") this.#mtu.onPto(report.count);
    this.#onMtuChange(before);
    return report.kind === "pto";
  }

  /**
   * The peer has come back after a silence.
   *
   * @returns Whether that is to be taken for a probe time-out.
   */
  onSignOfLife(now: number): boolean {
    const report = this.#loss.onSignOfLife(now);
    const before = this.#mtu.current;
    if (report.kind === "pto") this.#mtu.onPto(report.count);
    this.#onMtuChange(before);
    return report.kind === "pto";
  }

  /** The oldest packet without a fate, with a number above `after`. */
  oldestUnacked(after: number): SentPacket<F> | undefined {
    return this.#loss.oldestUnacked(after);
  }

  /** This machine has cut a datagram of `size` bytes into fragments. */
  onFragmented(size: number): void {
    const before = this.#mtu.current;
    this.#mtu.onFragmented(size);
    this.#onMtuChange(before);
  }

  /**
   * Packets take another path from now on (RFC 9000 §9.4).
   *
   * @param change With only another port it is most likely the same path behind
   * a NAT, and what is known of it is kept.
   */
  onPathChange(change: PathChange): void {
    const { rebound, rtt } = change;
    this.#loss.onPathChange(change);
    if (rebound) {
      this.#mtu.onRebinding();
      return;
    }
    this.#loss.rtt.assume(rtt);
    this.#congestion = this.#newController();
    this.#pacer = this.#newPacer();
    this.#buffer = new ReceiveBufferBound(this.#options.receiveBufferBytes);
    this.#mtu.onPathChange();
  }

  /**
   * Takes what the round trip of the handshake took at most; nothing has been
   * sent yet.
   */
  onHandshakeRtt(now: number, rtt: number): void {
    this.rtt.assume(rtt);
    this.#congestion = this.#newController(true);
    this.#updateRate(now);
  }

  #newPacer(): Pacer {
    return new Pacer(this.datagramFloor, (size) => this.#buffer.burst(size));
  }

  #newController(rttKnown = false): CongestionController {
    return this.#options.congestion === "bbr"
      ? new Bbr(this.datagramFloor, this.#options.random, rttKnown)
      : new Cubic(this.datagramFloor);
  }

  #onCongestionSignals(
    now: number,
    report: AckReport<F>,
    appLimited: boolean,
  ): void {
    // An undo concerns an earlier event, and losses belong to this sample.
    if (report.undo) this.#congestion.onSpuriousCongestion();
    if (report.lost.length > 0) this.#onLosses(now, report);
    if (report.ackedBytes > 0) {
      this.#buffer.onAcked(report.ackedBytes, this.datagramSize);
      const event = this.#ackEvent;
      const { bytesInFlight, rtt } = this.#loss;
      event.now = now;
      event.ackedBytes = report.ackedBytes;
      event.newestNumber = report.newestAckedNumber;
      event.newestTime = report.newestAckedTime;
      event.latestRtt = rtt.latest;
      event.smoothedRtt = rtt.smoothed;
      event.minRtt = rtt.min;
      event.rttSampled = report.rttSampled;
      event.bytesInFlight = bytesInFlight;
      event.appLimited = appLimited || this.#bufferLimited;
      this.#congestion.onAck(event);
    }
    this.#updateRate(now);
  }

  #updateRate(now: number): void {
    const { rtt } = this;
    const smoothed = rtt.known ? rtt.smoothed : undefined;
    // Where only the peer's buffer stores packets, its bound is the stricter
    // one, and a tick of the timer is worth more than what is in flight.
    const rate = this.#storesNothing
      ? Infinity
      : this.#congestion.pacingRate(smoothed);
    this.#pacer.setRate(rate, now);
  }

  #onLosses(now: number, report: LossReport<F>): void {
    for (const packet of report.lost) {
      const onPath = this.#loss.isOnPath(packet);
      if (!packet.mtuProbe) {
        this.packetsLost++;
        if (onPath) this.#mtu.onPacketLost(packet, now);
      } else if (onPath) this.#mtu.onProbeLost(packet.size, now);
      this.#handler.onPacketLost(packet);
    }
    if (report.lostBytes === 0) return;
    const { lostBytes, newestLostTime, persistent } = report;
    if (this.#storesNothing) {
      this.#buffer.onLost(now, newestLostTime, this.datagramSize);
    }
    this.#congestion.onCongestionEvent({
      now,
      lostBytes,
      newestLostTime,
      persistent,
    });
  }

  #onMtuChange(before: number): void {
    const current = this.#mtu.current;
    if (current === before) return;
    this.#congestion.onMtuChange(current);
    this.#pacer.onMtuChange(current);
  }

  /**
   * Whether the path is so short that the peer's socket buffer is what stores
   * packets, as far as it has been measured.
   */
  get #storesNothing(): boolean {
    return this.rtt.shortest <= this.#buffer.shortPathMs(this.datagramSize);
  }
}
