/** Calls that a file system does not have, told from calls that failed. */

import { osErrorCode } from "./os_error.ts";

/** Codes of calls that a file system does not have. */
const LACKING: ReadonlySet<string> = new Set([
  "EINVAL",
  "ENOLCK",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EPERM",
]);

/** ENOLCK, ENOSYS and EOPNOTSUPP by their numbers. */
const LACKING_NUMBERS: Partial<
  Record<typeof Deno.build.os, readonly number[]>
> = {
  linux: [37, 38, 95],
  android: [37, 38, 95],
  darwin: [77, 78, 102],
};

/**
 * Tells a file system that does not have a call from a call that failed. Only
 * for calls on what we made, with arguments that are right: then EPERM and
 * EINVAL say that, too.
 *
 * @param error What was thrown.
 */
export function isLacking(error: unknown): boolean {
  const code = osErrorCode(error);
  if (code !== undefined) return LACKING.has(code);
  if (error instanceof Deno.errors.NotSupported) return true;
  // The runtime has no names for some.
  const number = / \(os error (\d+)\)/.exec(String(error))?.[1];
  return LACKING_NUMBERS[Deno.build.os]?.includes(Number(number)) ?? false;
}
