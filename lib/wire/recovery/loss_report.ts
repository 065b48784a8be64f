/** What loss detection finds out. */

import type { SentPacket } from "./sent_packets.ts";

/** Packets declared lost in one step. */
export interface LossReport<F> {
  /** The lost packets, oldest first, path MTU probes among them. */
  readonly lost: readonly SentPacket<F>[];
  /**
   * Bytes of `lost` that tell of congestion: all but path MTU probes and what
   * was sent on another path.
   */
  readonly lostBytes: number;
  /** When the newest packet of `lostBytes` was sent; −1 when there is none. */
  readonly newestLostTime: number;
  /** Whether the losses amount to persistent congestion (RFC 9002 §7.6). */
  readonly persistent: boolean;
}

/** What one ACK frame changed. */
export interface AckReport<F> extends LossReport<F> {
  /** Packets acknowledged for the first time, oldest first. */
  readonly acked: readonly SentPacket<F>[];
  /** Bytes of `acked` that were in flight on the present path. */
  readonly ackedBytes: number;
  /** When the newest packet of `acked` was sent; −1 when there is none. */
  readonly newestAckedTime: number;
  /** Number of the newest packet of `acked`; −1 when there is none. */
  readonly newestAckedNumber: number;
  /** Whether the frame gave an RTT sample. */
  readonly rttSampled: boolean;
  /** Packets that had been declared lost and arrived after all, oldest first. */
  readonly spurious: readonly SentPacket<F>[];
  /** Whether no real loss is left of the latest congestion episode: undo it. */
  readonly undo: boolean;
}

/** Why a timer was set, now that it has fired. */
export type TimeoutReport<F> =
  /** It is too early: the timer has moved. */
  | { readonly kind: "none" }
  /** Packets are overdue. */
  | LossReport<F> & { readonly kind: "loss" }
  /**
   * Nothing was acknowledged for long: send one or two ack-eliciting packets at
   * once.
   */
  | { readonly kind: "pto"; readonly count: number };

/** A report that is filled anew for every ACK frame instead of allocated. */
export class Report<F> implements AckReport<F> {
  readonly kind = "loss";
  readonly acked: SentPacket<F>[] = [];
  readonly lost: SentPacket<F>[] = [];
  readonly spurious: SentPacket<F>[] = [];
  ackedBytes = 0;
  newestAckedTime = -1;
  newestAckedNumber = -1;
  rttSampled = false;
  lostBytes = 0;
  newestLostTime = -1;
  persistent = false;
  undo = false;

  reset(): void {
    this.acked.length = this.lost.length = this.spurious.length = 0;
    this.ackedBytes = this.lostBytes = 0;
    this.newestAckedTime = this.newestAckedNumber = this.newestLostTime = -1;
    this.rttSampled = this.persistent = this.undo = false;
  }
}
