/** Durations as people write them: `30`, `1m30s`, `2h 15min`. */

import type { ValueKind } from "./value_kind.ts";

const SECOND = 1_000_000_000n;

/** Nanoseconds of a unit, by each of its names. */
const UNITS: ReadonlyMap<string, bigint> = new Map(
  ([
    [["ns"], 1n],
    [["us", "µs"], 1_000n],
    [["ms"], 1_000_000n],
    [["s", "sec", "secs"], SECOND],
    [["m", "min", "mins"], 60n * SECOND],
    [["h", "hr", "hrs"], 3_600n * SECOND],
    [["d", "day", "days"], 86_400n * SECOND],
  ] as const).flatMap(([names, unit]) => names.map((name) => [name, unit])),
);

const SECONDS_MAX = 2n ** 64n - 1n;

/** The longest time a timer can wait, in milliseconds (24.8 days). */
export const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Parses seconds (`90`) or components (`1m30s`, `1h 5min`) to milliseconds;
 * blanks around it pass.
 */
export function parseDuration(typed: string): number {
  const value = typed.trim();
  if (value === "") throw new RangeError("a duration cannot be empty");
  let rest = /^[0-9]+$/.test(value) ? `${value}s` : value;
  let nanoseconds = 0n;
  while (rest !== "") {
    const found = /^([0-9]+)([a-zµ]+)\s*/.exec(rest);
    if (found === null) {
      throw new RangeError(`expected a number and a unit at '${rest}'`);
    }
    const unit = UNITS.get(found[2]);
    if (unit === undefined) {
      throw new RangeError(
        `unknown unit '${found[2]}' (known: ns, us, ms, s, m, h, d)`,
      );
    }
    nanoseconds += BigInt(found[1]) * unit;
    rest = rest.slice(found[0].length);
  }
  if (nanoseconds / SECOND > SECONDS_MAX) throw new RangeError("too long");
  return Math.min(Number(nanoseconds) / 1e6, TIMER_MAX_MS);
}

/** A time to do something for: a duration above zero. */
export const TIME_SPAN: ValueKind<number> = {
  metavar: "DUR",
  parse(value) {
    const milliseconds = parseDuration(value);
    if (milliseconds === 0) throw new RangeError("must be longer than 0");
    return milliseconds;
  },
};

/** How long ago something was: a duration, 0 included. */
export const AGE: ValueKind<number> = { metavar: "DUR", parse: parseDuration };

/** A time limit; 0 is none, as other programs have it. */
export const TIME_LIMIT: ValueKind<number> = {
  metavar: "DUR",
  parse: (value) => parseDuration(value) || TIMER_MAX_MS,
};
