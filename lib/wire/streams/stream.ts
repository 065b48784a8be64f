/** One bidirectional stream, as the parts of a connection share it. */

import type { ReceiveStream } from "./receive_stream.ts";
import type { SendStream } from "./send_stream.ts";
import type { Schedulable } from "./stream_scheduler.ts";

/** One bidirectional stream. */
export interface Stream extends Schedulable {
  /** Stream id; bit 0 is 0 where the initiator of the connection opened it. */
  readonly id: number;
  readonly send: SendStream;
  readonly receive: ReceiveStream;
  /** Whether the application has it; a stream of our own from the start. */
  accepted: boolean;
  /** Packets that were sent again unasked; see `repeats.ts`. */
  copies: number;
}

/** A stream on which nothing has happened. */
export function newStream(
  id: number,
  send: SendStream,
  receive: ReceiveStream,
  accepted: boolean,
): Stream {
  return {
    id,
    send,
    receive,
    accepted,
    schedulingClass: "interactive",
    deficit: 0,
    copies: 0,
    scheduled: false,
  };
}
