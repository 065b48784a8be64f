/**
 * Connections of one key take one turn at sending between them: who makes many
 * gets no more than who makes one.
 */

/** What waits of one key, first come, first served. */
export class TurnGroup<T> {
  readonly waiting: T[] = [];
  /** Connections that it has. */
  members = 0;
}

/** The groups of an endpoint, by key. */
export class TurnGroups<T> {
  readonly #groups = new Map<string, TurnGroup<T>>();

  /** Adds a connection. */
  join(key: string): TurnGroup<T> {
    const group = this.#groups.get(key) ?? new TurnGroup<T>();
    this.#groups.set(key, group);
    group.members++;
    return group;
  }

  /** A connection is over; what it has left to send goes out all the same. */
  leave(key: string): void {
    const group = this.#groups.get(key);
    if (group !== undefined && --group.members === 0) this.#groups.delete(key);
  }
}
