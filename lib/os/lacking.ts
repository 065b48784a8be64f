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

/**
 * Tells a file system that does not have a call from a call that failed. Only
 * for calls on what we made, with arguments that are right: then EPERM and
 * EINVAL say that, too.
 *
 * @param error What was thrown.
 */
export function isLacking(error: unknown): boolean {
  const code = osErrorCode(error);
  return code === undefined
    ? error instanceof Deno.errors.NotSupported
    : LACKING.has(code);
}

/** Codes of calls that a disk has, and that did not succeed this time. */
const FAILING: ReadonlySet<string> = new Set([
  "EDQUOT",
  "EIO",
  "EMFILE",
  "ENFILE",
  "ENOSPC",
  "EROFS",
  "ESTALE",
]);

/**
 * Tells a disk that fails, or is full, from one that has no such call or refuses
 * it.
 *
 * @param error What was thrown, or an error that it was the cause of.
 */
export function isFailing(error: unknown): boolean {
  const code = osErrorCode(error) ??
    osErrorCode(error instanceof Error ? error.cause : undefined);
  return code !== undefined && FAILING.has(code);
}
