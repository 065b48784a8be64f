/** Targets at which another landing is at work. */

import { abortable, delay } from "@std/async";
import { IoError } from "../errors.ts";
import { LOCK_LOOK_MS } from "../limits.ts";
import { isLacking } from "../os/lacking.ts";
import { lookAt } from "../os/os_error.ts";
import { resolveTarget } from "./resolve_target.ts";
import { insideTarget } from "./worker/leftovers.ts";
import { type Lockable, lockPath, unlock } from "./worker/target_lock.ts";

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
  await delay(LOCK_LOOK_MS, { signal });
  const target = resolveTarget(typed);
  for (const place of [target, insideTarget(target.out)]) {
    await untilUnlocked(lockPath(place), signal);
  }
}

async function untilUnlocked(
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  // Who opens a pipe or what a link leads to may wait for ever.
  if (lookAt(path)?.isFile !== true) return;
  let file: Lockable & Disposable;
  try {
    file = Deno.openSync(path, { read: true, write: true });
  } catch {
    return;
  }
  using _ = file;
  try {
    if (file.tryLock === undefined) {
      // Each look would keep a thread.
      const locked = file.lock(true);
      await (signal === undefined ? locked : abortable(locked, signal));
    }
    while (await file.tryLock?.(true) === false) {
      await delay(LOCK_LOOK_MS, { signal });
    }
    unlock(file);
  } catch (error) {
    if (!isLacking(error)) throw error;
  }
}
