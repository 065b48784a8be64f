/**
 * How much of a holder's processor a key may have for requests that bring it
 * nothing: lookups, calls, ranges of a few bytes. Content pays for itself, as who
 * takes it has a turn at sending for it.
 *
 * Requests of one client keep a processor busy for as long as it goes on asking,
 * since an answer costs more than the question. So while others have sessions
 * too, each key may ask for so much in a second, and who asks for more waits. The
 * keys that do so share what two of them may have.
 */

import { ASKING_PER_SECOND, CONTENT_PER_LOOKUP } from "../../limits.ts";

/** What may be asked for at a time, in seconds' worth of it. */
const BURST_S = 0.5;
/** Keys that ask for too much and have the full rate each. */
const FULL_RATE_KEYS = 2;

/** One key. */
class Asker {
  sessions = 0;
  /** Lookups that are not made up for, as of `at`. */
  owed = 0;
  at = 0;

  settle(perMs: number, now: number): void {
    this.owed = Math.max(0, this.owed - perMs * (now - this.at));
    this.at = now;
  }
}

/** The keys that have sessions; nothing is kept of others. */
export class AskingBudgets {
  readonly #askers = new Map<string, Asker>();
  /** Those that were seen to owe more than a burst. */
  readonly #greedy = new Set<Asker>();

  /** Adds a session. */
  join(key: string): AskingBudget {
    const asker = this.#askers.get(key) ?? new Asker();
    this.#askers.set(key, asker);
    asker.sessions++;
    const leave = () => {
      if (--asker.sessions > 0) return;
      this.#askers.delete(key);
      this.#greedy.delete(asker);
    };
    return {
      spend: (lookups, now) => this.#spend(asker, lookups, now),
      earn: (bytes) => {
        asker.owed = Math.max(0, asker.owed - bytes / CONTENT_PER_LOOKUP);
      },
      [Symbol.dispose]: leave,
    };
  }

  #spend(asker: Asker, lookups: number, now: number): number {
    const burst = BURST_S * ASKING_PER_SECOND;
    const crowd = this.#greedy.has(asker)
      ? Math.max(1, this.#greedy.size / FULL_RATE_KEYS)
      : 1;
    const perMs = ASKING_PER_SECOND / 1000 / crowd;
    asker.settle(perMs, now);
    asker.owed += lookups;
    // Who is alone with the node owes nobody for it.
    if (this.#askers.size === 1) asker.owed = Math.min(asker.owed, burst);
    const waits = asker.owed > burst;
    if (waits) this.#greedy.add(asker);
    else this.#greedy.delete(asker);
    return waits ? (asker.owed - burst) / perMs : 0;
  }
}

/** What one session sees of it. */
export interface AskingBudget extends Disposable {
  /**
   * Asks for something that costs as much as so many lookups.
   *
   * @returns Milliseconds to wait before it is done.
   */
  spend(lookups: number, now: number): number;
  /** So many bytes of content were taken. */
  earn(bytes: number): void;
}
