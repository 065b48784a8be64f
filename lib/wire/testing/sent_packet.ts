/** Sent packets, for tests. */

import type { SentPacket } from "../recovery/sent_packets.ts";

/** An ack-eliciting packet of 1200 bytes, changed by `changes`. */
export function testPacket(
  number: number,
  time: number,
  changes: Partial<SentPacket<null>> = {},
): SentPacket<null> {
  return {
    number,
    time,
    size: 1200,
    ackEliciting: true,
    inFlight: true,
    mtuProbe: false,
    frames: null,
    ...changes,
  };
}
