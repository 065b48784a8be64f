/** What the two ends of a session announce, as the product does. */

import {
  CONNECTION_WINDOW,
  IDLE_TIMEOUT_MS,
  REQUESTS_WINDOW,
  STREAM_WINDOW,
} from "../../limits.ts";

/** What a node announces that attaches. */
export const CLIENT = {
  maxIdleTimeoutMs: IDLE_TIMEOUT_MS,
  initialMaxData: CONNECTION_WINDOW,
  initialMaxStreamData: STREAM_WINDOW,
  initialMaxStreamsBidi: 256,
};

/** What one announces that was attached to. */
export const HOLDER = {
  ...CLIENT,
  initialMaxData: REQUESTS_WINDOW,
  initialMaxStreamData: 65_536,
};
