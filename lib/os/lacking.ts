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
