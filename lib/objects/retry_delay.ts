/** When a request is made again. */

import {
  OBJECT_RETRY_AFTER_MAX_MS,
  OBJECT_RETRY_MAX_MS,
  OBJECT_RETRY_MS,
} from "../limits.ts";

/** Answers that may be others a little later (RFC 9110 §15). */
const PASSING: ReadonlySet<number> = new Set([
  408,
  425,
  429,
  500,
  502,
  503,
  504,
  // Of CDNs: no answer, a cut one or none in time from the server behind.
  520,
  521,
  522,
  523,
  524,
]);

/** Whether a server may answer otherwise when it is asked again. */
export function isPassing(status: number): boolean {
  return PASSING.has(status);
}

/**
 * How long to wait before a request is made again: longer each time, and not as
 * long as others that failed at the same moment.
 *
 * @param failures How often it has failed, at least 1.
 * @param retryAfter What the server asked for: seconds or a date.
 * @param now Milliseconds of the Unix epoch.
 * @param random From 0 to 1.
 * @returns Milliseconds; at least what the server asked for, up to a bound.
 */
export function retryDelay(
  failures: number,
  retryAfter: string | null,
  now: number,
  random: number,
): number {
  const longest = Math.min(
    OBJECT_RETRY_MS * 2 ** (failures - 1),
    OBJECT_RETRY_MAX_MS,
  );
  const own = longest * (0.5 + random / 2);
  const asked = parseRetryAfter(retryAfter, now);
  return Math.max(own, Math.min(asked, OBJECT_RETRY_AFTER_MAX_MS));
}

/** RFC 9110 §10.2.3; what is no such value asks for nothing. */
function parseRetryAfter(value: string | null, now: number): number {
  if (value === null) return 0;
  const text = value.trim();
  if (/^[0-9]{1,10}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
