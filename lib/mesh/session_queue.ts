/**
 * Sessions that have arrived and wait for the node's owner.
 *
 * @module
 */

import { Notify } from "../async/notify.ts";
import type { Session } from "./session.ts";

/**
 * A queue of sessions. The node's limit on open sessions bounds it: one that
 * ends before it is taken leaves.
 */
export class SessionQueue {
  readonly #sessions = new Set<Session>();
  readonly #changed = new Notify();
  #ended = false;

  push(session: Session): void {
    this.#sessions.add(session);
    session.closed.then(() => this.#sessions.delete(session));
    this.#changed.notifyAll();
  }

  /** No more sessions will come; those that wait can still be taken. */
  end(): void {
    this.#ended = true;
    this.#changed.notifyAll();
  }

  /** The sessions in order of arrival. */
  async *iterate(): AsyncGenerator<Session> {
    for (;;) {
      const [session] = this.#sessions;
      if (session !== undefined) {
        this.#sessions.delete(session);
        yield session;
      } else if (this.#ended) return;
      else await this.#changed.wait();
    }
  }
}
