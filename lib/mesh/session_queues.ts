import type { PskScope } from "../wire/mod.ts";
import { Queue } from "./queue.ts";
import type { Session } from "./session.ts";

/**
 * The sessions that peers open, apart by what their pre-shared keys are for: so
 * what serves one kind never gets to see another.
 */
export class SessionQueues {
  readonly #all = new Queue<Session>();
  readonly #meeting = new Queue<Session>();

  /** @param scope None for those that get all that the node offers. */
  of(scope: PskScope | undefined): Queue<Session> {
    return scope === undefined ? this.#all : this.#meeting;
  }

  /** Takes a session in, until it is over. */
  push(session: Session, scope: PskScope | undefined): void {
    const queue = this.of(scope);
    queue.push(session);
    session.closed.then(() => queue.delete(session));
  }

  /** No more sessions will come. */
  end(): void {
    this.#all.end();
    this.#meeting.end();
  }
}
