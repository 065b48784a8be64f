/**
 * Sessions that have arrived and wait for the node's owner.
 *
 * @module
 */

import type { Session } from "./session.ts";

/**
 * A queue of sessions. The node's limit on open sessions bounds it: one that
 * ends before it is taken leaves.
 */
export class SessionQueue {
  readonly #sessions = new Set<Session>();
  #wake: (() => void) | undefined;
  #ended = false;

  /** Sessions that wait. */
  get length(): number {
    return this.#sessions.size;
  }

  /** Adds a session. */
  push(session: Session): void {
    this.#sessions.add(session);
    session.closed.then(() => this.#sessions.delete(session));
    this.#wake?.();
  }

  /** No more sessions will come. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The sessions in order of arrival. */
  async *iterate(): AsyncGenerator<Session> {
    for (;;) {
      const [session] = this.#sessions;
      if (session !== undefined) {
        this.#sessions.delete(session);
        yield session;
      } else if (this.#ended) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
