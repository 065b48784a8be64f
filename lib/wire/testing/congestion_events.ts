/** What a congestion controller is told, for tests. */

import type {
  AckEvent,
  InFlightPacket,
} from "../recovery/congestion/congestion_controller.ts";

/** A packet in flight. */
export function inFlight(
  number: number,
  time: number,
  size: number,
): InFlightPacket {
  return { number, time, size };
}

/** An ACK of one packet on a path whose RTT is 100 ms, changed by `fields`. */
export function ackEvent(fields: Partial<AckEvent>): AckEvent {
  const { latestRtt = 100 } = fields;
  return {
    now: 0,
    ackedBytes: 1200,
    newestNumber: 0,
    newestTime: 0,
    latestRtt,
    smoothedRtt: latestRtt,
    minRtt: latestRtt,
    rttSampled: true,
    bytesInFlight: 0,
    appLimited: false,
    ...fields,
  };
}
