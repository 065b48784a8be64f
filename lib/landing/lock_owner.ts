/**
 * Whether the owner of a lock file is gone, which the worker may not ask, or
 * wait for.
 */

import { delay } from "@std/async";
import { IoError } from "../errors.ts";
import { LOCK_WATCH_MS } from "../limits.ts";
import { isNotFound } from "../os/os_error.ts";
import type { Owner } from "./worker/owner_file.ts";

/**
 * Names this machine and its table of processes.
 *
 * @returns Empty where the process may not know, or there is no such table to
 * look at: then nobody's owner is ever taken for gone.
 */
export function thisMachine(): string {
  try {
    return `${Deno.hostname()}/${Deno.readLinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}

/**
 * Looks whether a landing was refused because of a process of this machine that
 * is not there any more.
 *
 * @param error What the worker threw.
 * @param machine Of {@linkcode thisMachine}.
 * @returns That process.
 */
export function ownerThatIsGone(
  error: unknown,
  machine: string,
): Owner | undefined {
  if (!(error instanceof IoError) || machine === "") return undefined;
  const { pid } = error.fields;
  if (error.fields.machine !== machine || typeof pid !== "number") {
    return undefined;
  }
  try {
    Deno.lstatSync(`/proc/${pid}`);
    return undefined;
  } catch (cause) {
    return isNotFound(cause) ? { pid, machine } : undefined;
  }
}

/** Waits; tests have their own. */
type Pause = (ms: number, signal?: AbortSignal) => Promise<void>;

/**
 * Watches a lock file that seems to have been left, for longer than an owner
 * takes to touch it.
 *
 * @param error What the worker threw.
 * @param signal Ends the watching.
 * @returns Its owner, who is gone if it is still the same then; nothing where
 * nothing seems to be left.
 */
export async function watchLeftLock(
  error: unknown,
  signal?: AbortSignal,
  pause: Pause = (ms, signal) => delay(ms, { signal }),
): Promise<Owner | undefined> {
  if (!(error instanceof IoError)) return undefined;
  const { pid = 0, machine, touched } = error.fields;
  const isLeft = typeof pid === "number" && typeof machine === "string" &&
    typeof touched === "number";
  if (!isLeft) return undefined;
  await pause(LOCK_WATCH_MS, signal);
  return { pid, machine, touched };
}
