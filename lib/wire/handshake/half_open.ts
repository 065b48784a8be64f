/**
 * Handshakes that were answered and whose connections are half-open. Where there
 * is no more room, the address that has most of them loses its oldest one.
 */

import {
  HALF_OPEN_MAX,
  HALF_OPEN_MS,
  RESPONSE_REPEATS_MAX,
} from "../../limits.ts";

/** One of them. */
export interface HalfOpenHandshake {
  /** Names the attempt: the initiator's ephemeral key. */
  readonly attempt: string;
  /** The Response: a repeated Initial gets the same. */
  readonly packet: Uint8Array;
  /** The connection, as a `connectionIdKey`. */
  readonly key: string;
  readonly hostname: string;
  /** Whose share it takes: its address, or that of all that proved none. */
  readonly source: string;
  /** Names the peer's key. */
  readonly peer: string;
}

interface Kept extends HalfOpenHandshake {
  readonly until: number;
  /** How often the Response has been sent again. */
  repeats: number;
}

/** All of one socket. */
export class HalfOpen {
  /** By attempt, oldest first. */
  readonly #byAttempt = new Map<string, Kept>();
  readonly #byKey = new Map<string, Kept>();
  readonly #bySource = new Map<string, Set<Kept>>();

  get size(): number {
    return this.#byAttempt.size;
  }

  /** Whether an attempt was answered before. */
  has(attempt: string): boolean {
    return this.#byAttempt.has(attempt);
  }

  /** The Response to such an attempt, to be sent again; not any number of times. */
  repeat(attempt: string): Uint8Array | undefined {
    const kept = this.#byAttempt.get(attempt);
    if (kept === undefined || kept.repeats >= RESPONSE_REPEATS_MAX) {
      return undefined;
    }
    kept.repeats++;
    return kept.packet;
  }

  /** Whether there is room for one of a source, by taking it from another or not. */
  hasRoom(source: string): boolean {
    if (this.size < HALF_OPEN_MAX) return true;
    const own = this.#bySource.get(source)?.size ?? 0;
    return (this.#largest()?.size ?? 0) > own;
  }

  /**
   * Keeps one, for which there is room.
   *
   * @returns The connection that it has displaced, as a `connectionIdKey`.
   */
  add(handshake: HalfOpenHandshake, now: number): string | undefined {
    const displaced = this.size < HALF_OPEN_MAX
      ? undefined
      : this.#largest()?.values().next().value;
    if (displaced !== undefined) this.#delete(displaced);
    const kept = { ...handshake, until: now + HALF_OPEN_MS, repeats: 0 };
    this.#byAttempt.set(kept.attempt, kept);
    this.#byKey.set(kept.key, kept);
    const ofSource = this.#bySource.get(kept.source) ?? new Set();
    this.#bySource.set(kept.source, ofSource.add(kept));
    return displaced?.key;
  }

  /** Takes the one with this connection out. */
  take(key: string): HalfOpenHandshake | undefined {
    const kept = this.#byKey.get(key);
    if (kept !== undefined) this.#delete(kept);
    return kept;
  }

  /** Forgets those that are too old. */
  expire(now: number): void {
    for (const kept of this.#byAttempt.values()) {
      if (kept.until > now) return;
      this.#delete(kept);
    }
  }

  #delete(kept: Kept): void {
    this.#byAttempt.delete(kept.attempt);
    this.#byKey.delete(kept.key);
    const ofSource = this.#bySource.get(kept.source);
    ofSource?.delete(kept);
    if (ofSource?.size === 0) this.#bySource.delete(kept.source);
  }

  #largest(): Set<Kept> | undefined {
    let largest: Set<Kept> | undefined;
    for (const ofSource of this.#bySource.values()) {
      if (ofSource.size > (largest?.size ?? 0)) largest = ofSource;
    }
    return largest;
  }
}
