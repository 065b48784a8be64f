/** What becomes of the session of a fetch, as progress and in the log. */

import type { KeepEvent } from "../../mesh/mod.ts";
import { messageOf } from "../failure.ts";
import { Float } from "../framework/output/report.ts";
import type { ProgressUpdate } from "../framework/progress/progress_meter.ts";
import type { Log } from "../framework/terminal/log.ts";

/** The event as progress; attempts that fail are none. */
export function keepUpdate(event: KeepEvent): ProgressUpdate {
  switch (event.type) {
    case "lost": {
      const { address, close: { by, reason } } = event;
      return {
        note: {
          event: "lost",
          fields: { address, reason: reason === "" ? by : reason },
          text: "holder lost, attaching again",
          isStop: true,
        },
      };
    }
    case "attached": {
      const { address, afterMs } = event;
      return {
        note: {
          event: "attached",
          fields: { address, after_secs: new Float(afterMs / 1000) },
          text: `attached again to ${address}`,
          isStop: false,
        },
      };
    }
    case "attach_failed":
      return {};
  }
}

export function logKeepEvent(log: Log, event: KeepEvent): void {
  switch (event.type) {
    case "lost": {
      const { address, close: { by, reason } } = event;
      return log.info("holder lost, attaching again", { address, by, reason });
    }
    case "attached": {
      const after_ms = Math.round(event.afterMs);
      return log.info("attached again", { address: event.address, after_ms });
    }
    case "attach_failed": {
      const { error, retryMs: retry_ms } = event;
      return log.info("not attached yet", {
        reason: messageOf(error),
        retry_ms,
      });
    }
  }
}
