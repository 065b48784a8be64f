/** Rates as people write them: `500K`, `1.5M`, `10MB`, `none`. */

import { grouped, optional } from "../framework/options/option.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";
import { parseByteCount } from "./byte_count.ts";

/**
 * Parses bytes per second. A letter alone, or with `iB`, counts in 1024s, as
 * curl and rsync do, with `B` in 1000s.
 *
 * @returns Infinite for `none`.
 */
export function parseRate(value: string): number {
  if (value === "none") return Infinity;
  const rate = parseByteCount(value.replace(/\/s$/i, ""));
  if (rate === undefined) {
    throw new RangeError(
      "expected bytes per second such as 500K, 1.5M or 1000000, or none",
    );
  }
  if (rate < 1 || rate > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(
      "not from 1 byte per second to 8191T; none is no limit",
    );
  }
  return rate;
}

export const RATE: ValueKind<number> = {
  metavar: "RATE",
  parse: parseRate,
};

const UNITS =
  "bytes of content per second, with K, M or G for 1024s (KB, MB, GB for 1000s)";

/** Limits what is received. */
export const LIMIT_RATE = optional("limit-rate", RATE, {
  group: "Network options",
  help: `Fetch no faster than this: ${UNITS}`,
  shownDefault: "none",
});

/** Limit what a holder sends. */
export const SERVE_RATES = grouped("Network options", {
  limitRate: optional("limit-rate", RATE, {
    help:
      `Send no more than this to all nodes together, which get equal parts: ${UNITS}`,
    shownDefault: "none",
  }),
  limitRateSession: optional("limit-rate-session", RATE, {
    help: "Send no more than this to each node that is attached",
    shownDefault: "none",
  }),
});
