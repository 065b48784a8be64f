/** Doing once what several ask for at the same time. */

import { abortable } from "@std/async";

interface Flight<V> {
  readonly result: Promise<V>;
  readonly controller: AbortController;
  callers: number;
}

/**
 * Runs one operation for each key at a time; further callers of the key share
 * its result. Results are not kept.
 *
 * @example
 * ```ts
 * import { SingleFlight } from "./single_flight.ts";
 *
 * const flights = new SingleFlight<string, number>();
 * const load = (key: string) => flights.run(key, () => Promise.resolve(1));
 * await Promise.all([load("a"), load("a")]); // runs once
 * ```
 */
export class SingleFlight<K, V> {
  readonly #flights: Map<K, Flight<V>> = new Map();

  /** Operations in flight. */
  get size(): number {
    return this.#flights.size;
  }

  /**
   * Joins the operation in flight for `key`, or starts it.
   *
   * @param start Given a signal that aborts when no caller is left.
   * @param signal Ends this caller's wait.
   * @returns What `start` made.
   * @throws What `start` failed with, or the signal's reason.
   */
  async run(
    key: K,
    start: (signal: AbortSignal) => Promise<V>,
    signal?: AbortSignal,
  ): Promise<V> {
    signal?.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#start(key, start);
    flight.callers++;
    try {
      return await (signal === undefined
        ? flight.result
        : abortable(flight.result, signal));
    } finally {
      // One that has ended is not told: a reason costs more than the rest.
      if (--flight.callers === 0 && this.#forget(key, flight)) {
        flight.controller.abort(signal?.reason);
      }
    }
  }

  #start(key: K, start: (signal: AbortSignal) => Promise<V>): Flight<V> {
    const controller = new AbortController();
    const result = (async () => await start(controller.signal))();
    const flight: Flight<V> = { result, controller, callers: 0 };
    this.#flights.set(key, flight);
    // A failure after the last caller has left is of no interest to anybody.
    const onEnd = () => this.#forget(key, flight);
    result.then(onEnd, onEnd);
    return flight;
  }

  #forget(key: K, flight: Flight<V>): boolean {
    return this.#flights.get(key) === flight && this.#flights.delete(key);
  }
}
