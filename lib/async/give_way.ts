/** Making place for whatever else waits, in the middle of long work. */

const NOTHING = new Uint8Array();

/**
 * Lets sockets, files and timers have a turn, in some 20 µs.
 *
 * An immediate or a message does not: as long as there is one, Deno 2.9 looks at
 * sockets once in 61 turns, and on 2.4 an immediate takes a millisecond. A hash
 * is made by another thread, for which the event loop waits as it does for a
 * socket.
 *
 * @example
 * ```ts
 * import { giveWay } from "./give_way.ts";
 *
 * for (let step = 0; step < 3; step++) await giveWay();
 * ```
 */
export async function giveWay(): Promise<void> {
  await crypto.subtle.digest("SHA-256", NOTHING);
}
