/**
 * How often a sender wants to be told what has arrived: what it asks its peer
 * for in ACK_FREQUENCY frames (as draft-ietf-quic-ack-frequency does).
 */

import { ACK_DELAY_UNIT_MS, writeVarintFrame } from "../packet/frame.ts";
import { FrameType } from "../packet/frame_type.ts";
import type { WireWriter } from "../packet/wire_buffer.ts";

/** What a receiver does until it is asked for something else (RFC 9000 §13.2.2). */
export const DEFAULT_ACK_PACKETS = 2;
/**
 * Acknowledgements wanted for each window; each costs both ends some 20 µs, and
 * some of them get lost.
 */
const ACKS_PER_WINDOW = 16;
/**
 * The same where the peer's socket holds the window: its packets come in one
 * burst, and who waits for room only has to be kept from running dry.
 */
const ACKS_PER_BUFFER = 4;
/**
 * Most packets for one acknowledgement otherwise: 2 ms at 100 Mbit/s, which
 * timers of 1 ms still tell apart.
 */
const PACKETS_MAX = 16;
/** By how much a wish must differ from the one before to be told. */
const CHANGE = 1.5;

/** The wishes of one sender. */
export class AckFrequency {
  /** Packets that one acknowledgement is wanted for. */
  packets = DEFAULT_ACK_PACKETS;
  /** Longest that one may be held back, in milliseconds; 0 before it is known. */
  delayMs = 0;
  /** Whether the peer is to be told. */
  owed = false;
  #nextTime = -Infinity;
  readonly #maxAckDelay: number;

  /** Never asks for more delay than the peer allows itself, `maxAckDelay`. */
  constructor(maxAckDelay: number) {
    this.#maxAckDelay = maxAckDelay;
  }

  /**
   * Writes an ACK_FREQUENCY frame, if one is owed.
   *
   * @returns Whether there was one, and it fitted.
   */
  write(writer: WireWriter): boolean {
    if (!this.owed) return false;
    const delay = Math.round(this.delayMs / ACK_DELAY_UNIT_MS);
    const type = FrameType.ACK_FREQUENCY;
    if (!writeVarintFrame(writer, type, this.packets, delay)) return false;
    this.owed = false;
    return true;
  }

  /**
   * Finds out what is wanted now; once for each round trip at most.
   *
   * @param inFlight Packets that may be in flight.
   * @param by What bounds them: a window that still doubles, so that each
   * acknowledgement counts and HyStart++ wants samples, one that does not, or
   * the peer's socket.
   */
  update(
    now: number,
    inFlight: number,
    by: "slow start" | "window" | "socket",
    smoothedRtt: number,
  ): void {
    if (now < this.#nextTime) return;
    const share = by === "socket" ? ACKS_PER_BUFFER : ACKS_PER_WINDOW;
    const packets = by === "slow start"
      ? DEFAULT_ACK_PACKETS
      : Math.max(1, Math.min(PACKETS_MAX, Math.floor(inFlight / share)));
    const delayMs = Math.min(Math.max(1, smoothedRtt / 4), this.#maxAckDelay);
    if (
      packets === this.packets ||
      !differs(packets, this.packets) && !differs(delayMs, this.delayMs)
    ) return;
    this.packets = packets;
    this.delayMs = delayMs;
    this.owed = true;
    this.#nextTime = now + smoothedRtt;
  }
}

function differs(a: number, b: number): boolean {
  return Math.max(a, b) >= CHANGE * Math.min(a, b);
}
