/** The two ends of simulated transfers, as the program sets them up. */

import {
  CONNECTION_WINDOW_MAX,
  IDLE_TIMEOUT_MS,
  STREAM_WINDOW_MAX,
} from "../../limits.ts";
import type { ConnectionOptions } from "../connection_options.ts";
import type { RemoteAddress } from "../packet/remote_address.ts";

/** Flow control windows like the program's: a fetcher's, and a holder's. */
const RECEIVE_LIMITS = {
  initialMaxData: 24 << 20,
  initialMaxStreamData: 8 << 20,
};
/** How far those of a fetcher grow. */
export const WINDOW_GROWTH = {
  connection: { max: CONNECTION_WINDOW_MAX },
  stream: { max: STREAM_WINDOW_MAX },
};
const SERVE_LIMITS = {
  initialMaxData: 2 << 20,
  initialMaxStreamData: 128 << 10,
};

/** Where a flow's client or server is. */
export function addressOf(initiator: boolean, index: number): RemoteAddress {
  return {
    hostname: initiator ? "192.0.2.1" : "192.0.2.2",
    port: 1000 + index,
  };
}

/** What an end announces. */
export function parameters(initiator: boolean): ConnectionOptions["local"] {
  return {
    maxIdleTimeoutMs: IDLE_TIMEOUT_MS,
    ...(initiator ? RECEIVE_LIMITS : SERVE_LIMITS),
    initialMaxStreamsBidi: 256,
    maxAckDelayMs: 25,
    maxDatagramSize: 65_507,
    receiveBufferBytes: 212_992,
  };
}
