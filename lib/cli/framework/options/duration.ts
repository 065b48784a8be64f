/**
 * Durations as people write them: `30`, `1m30s`, `2h 15min`.
 *
 * @module
 */

import type { ValueKind } from "./value_kind.ts";

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "µs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

const UNITS: Readonly<Record<string, bigint>> = {
  ...NANOSECONDS,
  sec: NANOSECONDS.s,
  secs: NANOSECONDS.s,
  min: NANOSECONDS.m,
  mins: NANOSECONDS.m,
  hr: NANOSECONDS.h,
  hrs: NANOSECONDS.h,
  day: NANOSECONDS.d,
  days: NANOSECONDS.d,
};

const SECONDS_MAX = 2n ** 64n - 1n;

/** The longest time a timer can wait, in milliseconds (24.8 days). */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Parses a duration: a whole number of seconds, or components of a whole
 * number and a unit with blanks only between components.
 *
 * @param value For example `90`, `1m30s`, `250ms`, `1h 5min`.
 * @returns Milliseconds, at most what a timer can wait.
 * @throws {RangeError} When it is no duration, or too long to count.
 *
 * @example
 * ```ts
 * import { parseDuration } from "./duration.ts";
 *
 * console.log(parseDuration("1m30s")); // 90000
 * ```
 */
export function parseDuration(value: string): number {
  let nanoseconds = 0n;
  if (/^[0-9]+$/.test(value)) {
    nanoseconds = BigInt(value) * UNITS.s;
  } else {
    const component = /([0-9]+)([a-zµ]+)\s*/y;
    if (value === "") throw new RangeError("a duration cannot be empty");
    while (component.lastIndex < value.length) {
      const start = component.lastIndex;
      const found = component.exec(value);
      if (found === null) {
        throw new RangeError(
          `expected a number and a unit at '${value.slice(start)}'`,
        );
      }
      const [, digits, name] = found;
      if (!Object.hasOwn(UNITS, name)) {
        throw new RangeError(
          `unknown unit '${name}' (known: ns, us, ms, s, m, h, d)`,
        );
      }
      nanoseconds += BigInt(digits) * UNITS[name];
    }
    if (/\s$/.test(value)) throw new RangeError("blanks at the end");
  }
  if (nanoseconds / UNITS.s > SECONDS_MAX) throw new RangeError("too long");
  return Math.min(Number(nanoseconds) / 1e6, TIMER_MAX_MS);
}

/** A time limit: a duration above zero. */
export const TIME_LIMIT: ValueKind<number> = {
  metavar: "DUR",
  parse(value) {
    const milliseconds = parseDuration(value);
    if (milliseconds === 0) {
      throw new RangeError("a time limit must be longer than 0");
    }
    return milliseconds;
  },
};
