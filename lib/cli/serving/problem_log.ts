/** Tells what goes wrong with what is served, without a flood. */

import type { Fields } from "../framework/output/report.ts";
import type { Log } from "../framework/terminal/log.ts";
import { NAMED_MAX } from "../publishing/warning_log.ts";

/** In so many milliseconds at most NAMED_MAX problems are warnings. */
const WINDOW_MS = 60_000;

/**
 * Warns of problems, each in a sentence; where a whole tree has changed, or a
 * client asks again and again for what cannot be read, of the first of them, and
 * of the others only with `-v`: no log is filled by others.
 */
export function problemLog(
  log: Log,
  now: () => number = () => performance.now(),
): (message: string, fields?: Fields) => void {
  let since = -Infinity;
  let told = 0;
  return (message, fields) => {
    if (now() - since >= WINDOW_MS) {
      since = now();
      told = 0;
    }
    told++;
    if (told <= NAMED_MAX) return log.warn(message, fields);
    if (told === NAMED_MAX + 1) {
      log.warn("more of this kind, which only -v tells one by one");
    }
    log.info(message, fields);
  };
}
