/**
 * What the connection asks of a congestion controller (RFC 9002 §7).
 *
 * @module
 */

import type { RttEstimator } from "../rtt_estimator.ts";

/** Fewest datagrams a window holds (RFC 9002 §7.2, kMinimumWindow). */
export const MINIMUM_WINDOW_DATAGRAMS = 2;

/**
 * Window at the start of a connection (RFC 9002 §7.2).
 *
 * @param maxDatagramSize Bytes of a full datagram.
 * @returns Bytes.
 */
export function initialWindow(maxDatagramSize: number): number {
  return Math.min(10 * maxDatagramSize, Math.max(14_720, 2 * maxDatagramSize));
}

/**
 * Decides how much may be in flight and how fast it leaves. Times are in
 * milliseconds, sizes in bytes. For each ACK frame the connection calls, in
 * this order: {@linkcode onSpuriousLoss}, {@linkcode onCongestionEvent},
 * {@linkcode onAck}, each only if there is something to tell.
 */
export interface CongestionController {
  /** The algorithm, for logs and status output. */
  readonly name: string;
  /** Most bytes in flight. */
  readonly window: number;
  /**
   * A packet that counts against the window has been sent.
   *
   * @param now The current time.
   * @param size Bytes of its datagram.
   * @param packetNumber Its packet number.
   * @param bytesInFlight Bytes in flight with this packet.
   * @param appLimited Whether nothing more is waiting to be sent although the window has room.
   */
  onPacketSent(
    now: number,
    size: number,
    packetNumber: number,
    bytesInFlight: number,
    appLimited: boolean,
  ): void;
  /**
   * Packets in flight have been acknowledged.
   *
   * @param now The current time.
   * @param ackedBytes Bytes that are newly acknowledged.
   * @param largestAckedSentTime When the newest of them was sent.
   * @param largestAckedNumber Its packet number.
   * @param rtt The path's round-trip time, updated with this acknowledgement.
   * @param bytesInFlight Bytes still in flight.
   * @param appLimited Whether the sender has been short of data, or held back by
   * flow control, so that the window was not the limit.
   */
  onAck(
    now: number,
    ackedBytes: number,
    largestAckedSentTime: number,
    largestAckedNumber: number,
    rtt: RttEstimator,
    bytesInFlight: number,
    appLimited: boolean,
  ): void;
  /**
   * Packets in flight are lost.
   *
   * @param now The current time.
   * @param lostSentTime When the newest of them was sent.
   * @param lostBytes Their bytes, path MTU probes left out.
   * @param persistent Whether they amount to persistent congestion (RFC 9002 §7.6).
   */
  onCongestionEvent(
    now: number,
    lostSentTime: number,
    lostBytes: number,
    persistent: boolean,
  ): void;
  /** Every loss of the latest congestion event has proven spurious. */
  onSpuriousLoss(): void;
  /**
   * The size of a full datagram has changed.
   *
   * @param maxDatagramSize Bytes.
   */
  onMtuChange(maxDatagramSize: number): void;
  /**
   * How fast to send.
   *
   * @param rtt The path's round-trip time.
   * @returns Bytes per millisecond; infinite before the first RTT sample.
   */
  pacingRate(rtt: RttEstimator): number;
}
