import type { RemoteAddress } from "../wire/mod.ts";
import type { ConnectionEntry } from "./connection_entry.ts";
import { TimerHeap } from "./timer_heap.ts";

/** The connections of an endpoint: by their ids, and by when they are due. */
export class ConnectionTable {
  /** By the key of our connection id. */
  readonly #entries = new Map<string, ConnectionEntry>();
  /** By the key of the peer's id, where a Stateless Reset may come for it. */
  readonly #byResetKey = new Map<string, ConnectionEntry>();
  readonly #timers = new TimerHeap<ConnectionEntry>();

  add(entry: ConnectionEntry): void {
    this.#entries.set(entry.key, entry);
    if (entry.resetKey !== undefined) {
      this.#byResetKey.set(entry.resetKey, entry);
    }
    this.#timers.set(entry, entry.nextTimeout());
  }

  delete(entry: ConnectionEntry): void {
    this.#entries.delete(entry.key);
    if (entry.resetKey !== undefined) this.#byResetKey.delete(entry.resetKey);
    this.#timers.delete(entry);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): ConnectionEntry | undefined {
    return this.#entries.get(key);
  }

  withResetKey(key: string): ConnectionEntry | undefined {
    return this.#byResetKey.get(key);
  }

  values(): Iterable<ConnectionEntry> {
    return this.#entries.values();
  }

  /**
   * What the path to a machine takes at most, as far as any of its connections
   * has measured; each of several would have to find out by itself, while all
   * are busy.
   */
  pathRttMs({ hostname }: RemoteAddress): number {
    for (const { connection } of this.#entries.values()) {
      if (connection.address.hostname !== hostname) continue;
      const { pathRttMs } = connection;
      // The oldest knows best, and to ask all would take longer with each.
      if (pathRttMs < Infinity) return pathRttMs;
    }
    return Infinity;
  }

  /** When {@linkcode takeDue} may have something. */
  get nextTimeout(): number {
    return this.#timers.next;
  }

  /** Notes when the connection is due from now on. */
  onTimeoutChanged(entry: ConnectionEntry): void {
    this.#timers.set(entry, entry.nextTimeout());
  }

  /** Takes the next connection that is due, as late as it may say so itself. */
  takeDue(now: number): ConnectionEntry | undefined {
    for (;;) {
      const entry = this.#timers.takeDue(now);
      if (entry === undefined || entry.nextTimeout() <= now) return entry;
      this.#timers.set(entry, entry.nextTimeout());
    }
  }
}
