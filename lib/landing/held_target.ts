/** Targets at which another landing is at work. */

import { delay } from "@std/async";
import { IoError } from "../errors.ts";
import { LOCK_LOOK_MS } from "../limits.ts";
import { resolveTarget } from "./resolve_target.ts";
import { insideTarget } from "./worker/leftovers.ts";
import { TargetLock } from "./worker/target_lock.ts";

/**
 * Tells whether a landing was refused because another one is at its target.
 *
 * @param error What was thrown.
 */
export function isHeldTarget(error: unknown): error is IoError {
  return error instanceof IoError && error.fields.held === true;
}

/**
 * Waits until nobody is known to be at a target. Where there are no locks that
 * is not known here: then the wait is short, and who lands there is told again.
 *
 * @param typed The target as typed.
 * @param signal Ends the wait.
 */
export async function untilTargetIsFree(
  typed: string,
  signal?: AbortSignal,
): Promise<void> {
  do {
    await delay(LOCK_LOOK_MS, { signal }).catch(() => {});
    signal?.throwIfAborted();
  } while (await isHeld(typed));
}

async function isHeld(typed: string): Promise<boolean> {
  const target = resolveTarget(typed);
  return await TargetLock.isHeld(target) ||
    await TargetLock.isHeld(insideTarget(target.out));
}
