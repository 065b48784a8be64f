/**
 * A whole fetch on a clock of its own: sources with rates and faults, one queue
 * of chunks, and a {@linkcode Schedule} between them.
 */

import { Schedule } from "../schedule.ts";

/** Milliseconds between two looks at the world. */
const STEP_MS = 5;

/** A source as it is. */
export interface SimulatedSource {
  /** Bytes in a millisecond. */
  readonly rate: number;
  /** From a request to its first byte, in milliseconds. */
  readonly delayMs?: number;
  /** When it is attached to; before it can only be expected. */
  readonly joinsAt?: number;
  /** When it turns out that it is not. */
  readonly missesAt?: number;
  /** From when to when it sends nothing. */
  readonly silent?: readonly (readonly [number, number])[];
  /** When it is known to be gone. */
  readonly goneAt?: number;
  /** Whether its chunks are wrong. */
  readonly lies?: boolean;
  /** Chunks that it does not have. */
  lacks?(want: number): boolean;
}

/** What is fetched. */
export interface SimulatedFetchOptions {
  readonly sources: readonly SimulatedSource[];
  /** Sizes of the chunks. */
  readonly chunks: readonly number[];
  /** Bytes that may be wanted at once. */
  readonly inflightBytes: number;
  /** Whether room is made in the order of the chunks, as for a stream. */
  readonly inOrder?: boolean;
  /** From the delivery of a chunk to when it is known to be right or wrong. */
  readonly verifyMs?: number;
  readonly silentMs?: number;
  /** When it has to be over. */
  readonly limitMs: number;
}

/** What came of it. */
export interface SimulatedFetchResult {
  /** When the last chunk was there. */
  readonly ms: number;
  /** Bytes that each source sent. */
  readonly bytes: readonly number[];
  /** Which chunks were landed, in order. */
  readonly landed: readonly number[];
  /** Chunks that nobody could bring. */
  readonly failed: readonly number[];
  /** Sources that the schedule or their lies have removed. */
  readonly dropped: readonly number[];
  /** Most bytes that each source had to do at once. */
  readonly peaks: readonly number[];
}

interface Request {
  readonly want: number;
  readonly chunk: number;
  readonly since: number;
  sent: number;
}

class World {
  now = 0;
  readonly bytes: number[];
  readonly peaks: number[];
  readonly landed: number[] = [];
  readonly failed: number[] = [];
  readonly dropped = new Set<number>();
  readonly #options: SimulatedFetchOptions;
  readonly #schedule: Schedule;
  readonly #requests: Map<number, Request>[];
  /** What is wanted now, by its number: which chunk. */
  readonly #wanted = new Map<number, number>();
  readonly #verifying: { at: number; source: number; chunk: number }[] = [];
  readonly #joined = new Set<number>();
  #nextChunk = 0;
  #nextWant = 0;
  #inflight = 0;
  #given = 0;

  constructor(options: SimulatedFetchOptions) {
    const { sources, silentMs = 30_000 } = options;
    this.#options = options;
    this.bytes = sources.map(() => 0);
    this.peaks = sources.map(() => 0);
    this.#requests = sources.map(() => new Map());
    this.#schedule = new Schedule(sources.length, silentMs);
  }

  get isOver(): boolean {
    const { chunks } = this.#options;
    return this.landed.length + this.failed.length === chunks.length;
  }

  step(): void {
    this.#gather();
    this.#wantMore();
    for (const source of [...this.#joined]) this.#send(source);
    this.#verify();
    this.now += STEP_MS;
    if (this.now % 100 === 0) this.#schedule.tick(this.now);
    this.#obey();
  }

  #gather(): void {
    const { sources } = this.#options;
    for (const [id, source] of sources.entries()) {
      const { joinsAt = 0, missesAt, goneAt } = source;
      if (missesAt === this.now) this.#schedule.miss(this.now);
      this.#obey();
      if (missesAt === undefined && joinsAt === this.now) {
        this.#joined.add(id);
        this.#schedule.join(id, this.now);
        this.#obey();
      }
      if (goneAt === this.now) this.#drop(id);
    }
  }

  #wantMore(): void {
    const { chunks, inflightBytes } = this.#options;
    while (this.#nextChunk < chunks.length) {
      const bytes = chunks[this.#nextChunk];
      if (this.#inflight > 0 && this.#inflight + bytes > inflightBytes) return;
      this.#inflight += bytes;
      this.#want(this.#nextChunk++, false);
    }
  }

  #want(chunk: number, isUrgent: boolean): void {
    const id = this.#nextWant++;
    this.#wanted.set(id, chunk);
    const bytes = this.#options.chunks[chunk];
    this.#schedule.want(id, bytes, [], isUrgent, this.now);
    this.#obey();
  }

  #obey(): void {
    for (;;) {
      const orders = this.#schedule.takeOrders();
      if (orders.length === 0) return;
      for (const order of orders) {
        switch (order.kind) {
          case "ask": {
            const chunk = this.#wanted.get(order.want);
            if (chunk === undefined) {
              throw new Error("asked for what nobody wants");
            }
            const { source, want } = order;
            if (!this.#joined.has(source)) throw new Error("asked a stranger");
            if (this.#requests[source].has(want)) {
              throw new Error("asked twice");
            }
            this.#requests[source].set(want, {
              want,
              chunk,
              since: this.now,
              sent: 0,
            });
            break;
          }
          case "end":
            this.#requests[order.source].delete(order.want);
            break;
          case "fail":
            this.failed.push(this.#wanted.get(order.want) ?? -1);
            this.#wanted.delete(order.want);
            break;
          case "drop":
            this.dropped.add(order.source);
            this.#joined.delete(order.source);
            this.#requests[order.source].clear();
        }
      }
    }
  }

  #drop(id: number): void {
    if (!this.#joined.delete(id)) return;
    this.dropped.add(id);
    this.#requests[id].clear();
    this.#schedule.leave(id, this.now);
    this.#obey();
  }

  /** What a source sends in one step, in equal parts for all requests. */
  #send(id: number): void {
    const { chunks, sources } = this.#options;
    const source = sources[id];
    const { delayMs = 0, silent = [] } = source;
    const requests = [...this.#requests[id].values()];
    const asked = requests.reduce((sum, { chunk }) => sum + chunks[chunk], 0);
    this.peaks[id] = Math.max(this.peaks[id], asked);
    if (silent.some(([from, to]) => this.now >= from && this.now < to)) return;
    const ready = requests.filter(({ since }) => this.now >= since + delayMs);
    let budget = source.rate * STEP_MS;
    for (const [i, request] of ready.entries()) {
      const { want, chunk } = request;
      if (source.lacks?.(chunk)) {
        this.#requests[id].delete(want);
        this.#schedule.lacks(id, want, this.now);
        this.#obey();
        continue;
      }
      const part = Math.min(
        budget / (ready.length - i),
        chunks[chunk] - request.sent,
      );
      budget -= part;
      request.sent += part;
      this.bytes[id] += part;
      this.#schedule.progress(id, want, part, this.now);
      this.#obey();
      if (request.sent < chunks[chunk]) continue;
      this.#requests[id].delete(want);
      this.#wanted.delete(want);
      this.#schedule.delivered(id, want, this.now);
      this.#obey();
      const at = this.now + (this.#options.verifyMs ?? 0);
      this.#verifying.push({ at, source: id, chunk });
    }
  }

  #verify(): void {
    const { sources, chunks, inOrder } = this.#options;
    const due = this.#verifying.filter(({ at }) => at <= this.now);
    for (const each of due) {
      this.#verifying.splice(this.#verifying.indexOf(each), 1);
      const { source, chunk } = each;
      if (sources[source].lies && this.#schedule.sources > 1) {
        this.#drop(source);
      }
      if (sources[source].lies && this.dropped.has(source)) {
        this.#want(chunk, true);
        continue;
      }
      this.landed.push(chunk);
      if (!inOrder) this.#inflight -= chunks[chunk];
    }
    // A reader takes them in order.
    while (inOrder && this.landed.includes(this.#given)) {
      this.#inflight -= chunks[this.#given++];
    }
  }
}

/** Fetches chunks from simulated sources; fails when it takes too long. */
export function simulateFetch(
  options: SimulatedFetchOptions,
): SimulatedFetchResult {
  const world = new World(options);
  while (!world.isOver) {
    if (world.now > options.limitMs) {
      throw new Error(
        `${world.landed.length} of ${options.chunks.length} chunks are there after ${world.now} ms`,
      );
    }
    world.step();
  }
  const { now: ms, bytes, landed, failed, dropped, peaks } = world;
  return { ms, bytes, landed, failed, dropped: [...dropped], peaks };
}
