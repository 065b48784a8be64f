/** Recovery with packets sent, for its tests. */

import { DATAGRAM_MIN } from "../../limits.ts";
import type { AckFrame } from "../packet/ack_ranges.ts";
import { Recovery } from "../recovery/recovery.ts";
import type { RecoveryOptions } from "../recovery/recovery_options.ts";
import type { SentPacket } from "../recovery/sent_packets.ts";
import { testPacket } from "./sent_packet.ts";

/** See {@linkcode recovery}. */
export interface TestRecovery {
  readonly recovery: Recovery<null>;
  /** Numbers of the packets that were told to have arrived. */
  readonly acked: number[];
  /** Numbers of the packets that were told to be lost. */
  readonly lost: number[];
  /** Sends a packet and returns its number. */
  readonly send: (now: number, changes?: Partial<SentPacket<null>>) => number;
  /** Sends as many packets as may leave now and returns their numbers. */
  readonly sendAll: (now: number) => number[];
}

/** A recovery with what it told about packets, and packets to feed it. */
export function recovery(options: Partial<RecoveryOptions> = {}): TestRecovery {
  const acked: number[] = [];
  const lost: number[] = [];
  let number = 0;
  const made = new Recovery<null>(
    {
      congestion: "cubic",
      random: () => 0.5,
      maxAckDelay: 25,
      datagramCeiling: () => DATAGRAM_MIN,
      receiveBufferBytes: Infinity,
      ...options,
    },
    {
      onPacketAcked: (packet) => acked.push(packet.number),
      onPacketLost: (packet) => lost.push(packet.number),
    },
    0,
  );
  const send = (now: number, changes: Partial<SentPacket<null>> = {}) => {
    made.onPacketSent(testPacket(number, now, changes), false);
    return number++;
  };
  const sendAll = (now: number) => {
    const sent: number[] = [];
    while (made.maySend(now, DATAGRAM_MIN)) sent.push(send(now));
    return sent;
  };
  return { recovery: made, acked, lost, send, sendAll };
}

/** An ACK frame of one range. */
export function ack(start: number, end: number): AckFrame {
  return { ranges: [{ start, end }], delay: 0 };
}
