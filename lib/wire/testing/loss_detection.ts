/** Loss detection with packets sent, for its tests. */

import type { AckFrame } from "../packet/ack_ranges.ts";
import { LossDetection } from "../recovery/loss_detection.ts";
import type { LossReport, TimeoutReport } from "../recovery/loss_report.ts";
import { testPacket as packet } from "./sent_packet.ts";

/** Bytes of each packet. */
export const SIZE = 1200;

/** Sends packets `first` … `last` at `time`. */
export function send(
  recovery: LossDetection<null>,
  first: number,
  last: number,
  time: number,
): void {
  for (let n = first; n <= last; n++) recovery.onPacketSent(packet(n, time));
}

/** An ACK frame of ranges given as [start, end], largest first. */
export function ack(...ranges: [number, number][]): AckFrame {
  return { ranges: ranges.map(([start, end]) => ({ start, end })), delay: 0 };
}

/** Numbers of the packets that a report declares lost. */
export function lostNumbers(report: LossReport<null>): number[] {
  return report.lost.map((packet) => packet.number);
}

/** Takes an ACK frame of these ranges at `now`; returns what is lost by it. */
export function lostBy(
  recovery: LossDetection<null>,
  now: number,
  ...ranges: [number, number][]
): number[] {
  return lostNumbers(recovery.onAck(ack(...ranges), now));
}

/** The report of a timer that fired for overdue packets. */
export function asLoss(report: TimeoutReport<null>): LossReport<null> {
  if (report.kind !== "loss") throw new Error(`a ${report.kind}, not a loss`);
  return report;
}

/**
 * A space whose RTT is known to be 100 ms; packet 0 has been used for it, and
 * packets 1 … `last` are sent at 0.
 */
export function measured(last = 0): LossDetection<null> {
  const recovery = new LossDetection<null>(25);
  for (let i = 0; i < 50; i++) recovery.rtt.update(100, 0, -1000);
  send(recovery, 0, 0, -100);
  recovery.onAck(ack([0, 0]), 0);
  send(recovery, 1, last, 0);
  return recovery;
}
