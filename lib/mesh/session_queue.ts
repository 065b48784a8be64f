/**
 * Sessions that have arrived and wait for the node's owner.
 *
 * @module
 */

import type { Session } from "./session.ts";

/** An unbounded queue: the node's limit on sessions bounds it. */
export class SessionQueue {
  readonly #sessions: Session[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  /** Adds a session. */
  push(session: Session): void {
    this.#sessions.push(session);
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
      const session = this.#sessions.shift();
      if (session !== undefined) yield session;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
