/**
 * Time that passes only when nothing else can happen: timers, the clock and
 * simulated links share it, so that hours take a moment.
 */

import { handlerOf } from "../../mesh/testing/session_pair.ts";
import { type LinkOptions, Simulation } from "../../wire/testing/simulation.ts";
import type { TransportParameters } from "../../wire/handshake/transport_parameters.ts";
import { CountedSession } from "./session_pair.ts";

/** Promise callbacks that run before time passes. */
const TURNS = 200;

interface Timer {
  at: number;
  readonly every: number | undefined;
  readonly run: () => void;
}

/** Takes the place of the runtime's timers and clock until it is disposed of. */
export class VirtualTime implements Disposable {
  /** Milliseconds; links begin with the same. */
  now = 1000;
  readonly #links: Simulation[] = [];
  readonly #timers = new Map<number, Timer>();
  #nextId = 1;
  readonly #restore: () => void;

  constructor() {
    const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
    const { now } = performance;
    const start =
      (repeats: boolean) => (run: () => void, ms = 0, ...rest: unknown[]) => {
        if (rest.length > 0) throw new Error("Cannot pass arguments to timers");
        const every = repeats ? Math.max(1, ms) : undefined;
        this.#timers.set(this.#nextId, { at: this.now + ms, every, run });
        return this.#nextId++;
      };
    const clear = (id: number) => this.#timers.delete(id);
    Object.assign(globalThis, {
      setTimeout: start(false),
      setInterval: start(true),
      clearTimeout: clear,
      clearInterval: clear,
    });
    performance.now = () => this.now;
    this.#restore = () => {
      Object.assign(globalThis, {
        setTimeout,
        setInterval,
        clearTimeout,
        clearInterval,
      });
      performance.now = now;
    };
  }

  /**
   * Connects two sessions, before any time has passed.
   *
   * @param parameters What the first one announces.
   * @returns The one that attached, and the other.
   */
  connect(
    link: LinkOptions,
    parameters: Partial<TransportParameters>,
    serverParameters: Partial<TransportParameters>,
  ): [CountedSession, CountedSession] {
    const sessions: CountedSession[] = [];
    const simulation = new Simulation({
      link,
      client: { handler: handlerOf(sessions, 0), keepAlive: true },
      server: { handler: handlerOf(sessions, 1) },
      clientParameters: parameters,
      serverParameters,
    });
    if (simulation.now !== this.now) throw new Error("time has passed already");
    this.#links.push(simulation);
    const driver = {
      now: () => this.now,
      wake: () => {},
      closeSent: () => Promise.resolve(),
    };
    for (const end of [simulation.client, simulation.server]) {
      const nodeId = BigInt(2 * this.#links.length + sessions.length);
      sessions.push(new CountedSession(end, driver, nodeId));
    }
    return [sessions[0], sessions[1]];
  }

  /**
   * Lets time pass until a promise settles.
   *
   * @throws {Error} When it does not within `ms` virtual milliseconds.
   */
  async until<T>(promise: Promise<T>, ms: number): Promise<T> {
    let settled = false;
    const mark = () => settled = true;
    promise.then(mark, mark);
    const end = this.now + ms;
    for (;;) {
      for (let i = 0; i < TURNS && !settled; i++) await Promise.resolve();
      if (settled) return await promise;
      if (!this.#step(end)) throw new Error(`nothing came of it in ${ms} ms`);
    }
  }

  /** Lets so many milliseconds pass. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    do {
      for (let i = 0; i < TURNS; i++) await Promise.resolve();
    } while (this.#step(end));
  }

  [Symbol.dispose](): void {
    this.#restore();
  }

  /** Goes to the next thing that happens before `end`, if there is one. */
  #step(end: number): boolean {
    const dueOf = (link: Simulation) => link.nextAt();
    const timers = Array.from(this.#timers.values(), ({ at }) => at);
    const next = Math.min(...this.#links.map(dueOf), ...timers);
    this.now = Math.max(this.now, Math.min(next, end));
    if (next > end) return false;
    // Several of one moment run one after another.
    const link = this.#links.find((link) => dueOf(link) <= this.now);
    if (link !== undefined) {
      link.step(this.now);
      return true;
    }
    const [id, timer] = this.#timers.entries()
      .reduce((first, each) => each[1].at < first[1].at ? each : first);
    if (timer.every === undefined) this.#timers.delete(id);
    else timer.at += timer.every;
    timer.run();
    return true;
  }
}
