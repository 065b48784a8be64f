/** What becomes of the session of a fetch, as progress and in the log. */

import type { KeepEvent } from "../../mesh/mod.ts";
import { messageOf } from "../failure.ts";
import { Float } from "../framework/output/report.ts";
import type { ProgressNote } from "../framework/progress/progress_meter.ts";
import type { Log } from "../framework/terminal/log.ts";

/** What is said while nothing can come. */
function lost(address: string, reason: string): ProgressNote {
  return {
    event: "lost",
    fields: { address, reason },
    text: "holder lost, attaching",
    isStop: true,
  };
}

/** The event as progress; attempts that fail are none. */
export function keepNote(event: KeepEvent): ProgressNote | undefined {
  switch (event.type) {
    case "silent":
      return lost(event.address, "the peer is silent");
    case "lost": {
      const { address, close: { by, reason } } = event;
      return lost(address, reason === "" ? by : reason);
    }
    case "heard":
    case "attached": {
      const { address, afterMs } = event;
      return {
        event: "attached",
        fields: { address, after_secs: new Float(afterMs / 1000) },
        text: `attached again to ${address}`,
        isStop: false,
      };
    }
    case "attach_failed":
      return undefined;
  }
}

export function logKeepEvent(log: Log, event: KeepEvent): void {
  switch (event.type) {
    case "silent": {
      const { address } = event;
      return log.info("holder silent, looking for it", { address });
    }
    case "lost": {
      const { address, close: { by, reason } } = event;
      return log.info("holder lost, attaching again", { address, by, reason });
    }
    case "heard":
    case "attached": {
      const { type, address, afterMs } = event;
      const after_ms = Math.round(afterMs);
      const what = type === "heard" ? "holder heard again" : "attached again";
      return log.info(what, { address, after_ms });
    }
    case "attach_failed": {
      const { error, retryMs: retry_ms } = event;
      const reason = messageOf(error);
      return log.info("not attached yet", { reason, retry_ms });
    }
  }
}
