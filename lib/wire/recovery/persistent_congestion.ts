/**
 * Persistent congestion: everything sent for a long time is lost (RFC 9002
 * §7.6).
 */

import type { SentPacket } from "./sent_packets.ts";

/** Probe time-outs that a run of losses must span (RFC 9002 §7.6.1). */
const PERSISTENT_CONGESTION_THRESHOLD = 3;

/** Follows runs of losses with no acknowledged packet in between, across reports. */
export class PersistentCongestion {
  /** When the run's first ack-eliciting packet was sent; infinite outside a run. */
  #start = Infinity;
  #endNumber = -1;

  /**
   * Takes the next lost packet, in the order of packet numbers.
   *
   * @param firstSampleTime When the RTT was first known: what was sent before does not count.
   * @returns Whether the run now spans persistent congestion.
   */
  onLost(
    packet: SentPacket<unknown>,
    firstSampleTime: number,
    pto: number,
  ): boolean {
    // A number in between is acknowledged, or it would have been lost first.
    if (packet.number !== this.#endNumber + 1) this.#start = Infinity;
    this.#endNumber = packet.number;
    if (
      !packet.ackEliciting || packet.mtuProbe || packet.time <= firstSampleTime
    ) return false;
    if (this.#start === Infinity) {
      this.#start = packet.time;
      return false;
    }
    if (packet.time - this.#start <= pto * PERSISTENT_CONGESTION_THRESHOLD) {
      return false;
    }
    this.#start = packet.time;
    return true;
  }

  /** A number was never sent: what follows it follows what came before. */
  onSkipped(number: number): void {
    if (number === this.#endNumber + 1) this.#endNumber = number;
  }

  /** Ends the run: one of its packets has arrived, or the path is a new one. */
  reset(): void {
    this.#start = Infinity;
    this.#endNumber = -1;
  }
}
