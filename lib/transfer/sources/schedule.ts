/**
 * Who is asked for which chunk. Numbers go in, and orders come out: no chunk, no
 * request and no clock is known here.
 */

import { SOURCE_AGAIN_MS } from "../../limits.ts";
import { type QueuedWant, SourceLoad, UNKNOWN_MS } from "./source_load.ts";

/** What is to be done. */
export type Order =
  /** Ask a source for a chunk. */
  | { readonly kind: "ask"; readonly source: number; readonly want: number }
  /** End a request: another source has brought the chunk, or nobody wants it. */
  | { readonly kind: "end"; readonly source: number; readonly want: number }
  /** There is nobody left who may have the chunk. */
  | { readonly kind: "fail"; readonly want: number }
  /** A source has been silent for too long, and is forgotten. */
  | { readonly kind: "drop"; readonly source: number };

/** Another source has to be quicker by as much to be asked, too. */
const QUICKER = 0.75;

/**
 * Deals one queue of chunks out to sources.
 *
 * Each source is kept busy: it has work for a second, by what it brings, and
 * what is asked of it grows and shrinks with that. So a slow one holds one chunk
 * or two, and a fast one is never idle. A chunk goes to the source that will
 * have brought it first. One that a source lacks goes to the others, and one of
 * a source that stalls goes to another one as well, before all that wait.
 *
 * When nothing waits, a source that has had nothing to do for a moment is asked
 * for what another one would take longer to bring: at the end of a fetch, but
 * also where the reader waits for one slow chunk. What comes first counts, and
 * the other request is ended.
 *
 * A source that has stalled is asked now and then for something that another one
 * is asked for already, so that it is found out at no price when it is back.
 */
export class Schedule {
  readonly #sources = new Map<number, SourceLoad>();
  readonly #wants = new Map<number, QueuedWant>();
  /** Those that nobody is asked for, the next one first. */
  #queue: QueuedWant[] = [];
  #orders: Order[] = [];
  /** Sources that may still come. */
  #expected: number;
  readonly #silentMs: number;

  /**
   * @param expected How many sources may come.
   * @param silentMs For how long a source may be asked in vain.
   */
  constructor(expected: number, silentMs: number) {
    this.#expected = expected;
    this.#silentMs = silentMs;
  }

  /** Sources that there are, and that may come. */
  get sources(): number {
    return this.#sources.size + this.#expected;
  }

  /** What is to be done by now; each order is given once. */
  takeOrders(): Order[] {
    const orders = this.#orders;
    this.#orders = [];
    return orders;
  }

  /** A source that was expected has come. */
  join(id: number, now: number): void {
    this.#expected--;
    this.#sources.set(id, new SourceLoad(id, now));
    this.#assign(now);
  }

  /** A source that was expected does not come. */
  miss(now: number): void {
    this.#expected--;
    this.#failHopeless();
    this.#assign(now);
  }

  /** A source is not to be asked any more; requests to it are over. */
  leave(id: number, now: number): void {
    const source = this.#sources.get(id);
    if (source === undefined) return;
    this.#sources.delete(id);
    for (const want of [...source.wants].reverse()) {
      want.asks.delete(id);
      if (want.asks.size === 0) this.#queue.unshift(want);
    }
    this.#failHopeless();
    this.#assign(now);
  }

  /**
   * Wants a chunk, or some with one request.
   *
   * @param lacking Sources that are known not to have it.
   * @param isUrgent Whether it goes ahead of all that wait.
   */
  want(
    id: number,
    bytes: number,
    lacking: Iterable<number>,
    isUrgent: boolean,
    now: number,
  ): void {
    const want: QueuedWant = {
      id,
      bytes,
      lacking: new Set(lacking),
      asks: new Map(),
    };
    this.#wants.set(id, want);
    if (isUrgent) this.#queue.unshift(want);
    else this.#queue.push(want);
    if (!this.#hasHope(want)) this.#fail(want);
    this.#assign(now);
  }

  /** Nobody wants it any more. */
  unwant(id: number, now: number): void {
    const want = this.#wants.get(id);
    if (want === undefined) return;
    this.#forget(want, now);
    this.#assign(now);
  }

  /** Some bytes of a chunk have come; less than none when it begins anew. */
  progress(id: number, wantId: number, bytes: number, now: number): void {
    const source = this.#sources.get(id);
    const want = this.#wants.get(wantId);
    const received = want?.asks.get(id);
    if (source === undefined || want === undefined || received === undefined) {
      return;
    }
    source.receive(want, bytes, now);
    if (this.#queue.length > 0 && this.#hasRoom(source)) this.#assign(now);
  }

  /** A source has brought a chunk as a whole. */
  delivered(id: number, wantId: number, now: number): void {
    const source = this.#sources.get(id);
    const want = this.#wants.get(wantId);
    if (source === undefined || want === undefined || !want.asks.has(id)) {
      return;
    }
    source.release(want, now);
    source.hear(now);
    this.#forget(want, now);
    this.#assign(now);
  }

  /** A source does not have a chunk, or cannot send it. */
  lacks(id: number, wantId: number, now: number): void {
    const source = this.#sources.get(id);
    const want = this.#wants.get(wantId);
    if (source === undefined || want === undefined || !want.asks.has(id)) {
      return;
    }
    source.release(want, now);
    source.hear(now);
    want.lacking.add(id);
    if (want.asks.size === 0) {
      this.#queue.unshift(want);
      if (!this.#hasHope(want)) this.#fail(want);
    }
    this.#assign(now);
  }

  /** Time has passed: to be called every tenth of a second or so. */
  tick(now: number): void {
    for (const source of this.#sources.values()) source.tick(now);
    for (const source of [...this.#sources.values()]) {
      if (source.silentMs >= this.#silentMs && this.#isOtherAlive(source)) {
        this.#orders.push({ kind: "drop", source: source.id });
        this.leave(source.id, now);
      }
    }
    this.#assign(now);
  }

  #isOtherAlive(source: SourceLoad): boolean {
    return this.#some((other) => other !== source && !other.isStalled);
  }

  #some(is: (source: SourceLoad) => boolean): boolean {
    for (const source of this.#sources.values()) if (is(source)) return true;
    return false;
  }

  #ask(source: SourceLoad, want: QueuedWant, now: number): void {
    source.ask(want, now);
    this.#orders.push({ kind: "ask", source: source.id, want: want.id });
  }

  /** Ends what is still asked for, and forgets a chunk. */
  #forget(want: QueuedWant, now: number): void {
    this.#wants.delete(want.id);
    for (const id of [...want.asks.keys()]) {
      const source = this.#sources.get(id);
      if (source !== undefined) source.release(want, now);
      this.#orders.push({ kind: "end", source: id, want: want.id });
    }
    this.#queue = this.#queue.filter((queued) => queued !== want);
  }

  #fail(want: QueuedWant): void {
    this.#wants.delete(want.id);
    this.#queue = this.#queue.filter((queued) => queued !== want);
    this.#orders.push({ kind: "fail", want: want.id });
  }

  #hasHope(want: QueuedWant): boolean {
    return this.#expected > 0 || want.asks.size > 0 ||
      this.#some(({ id }) => !want.lacking.has(id));
  }

  #failHopeless(): void {
    for (const want of [...this.#queue]) {
      if (!this.#hasHope(want)) this.#fail(want);
    }
  }

  /** Whether a source can be asked for more. */
  #hasRoom(source: SourceLoad): boolean {
    return this.sources === 1 || source.hasRoom;
  }

  #assign(now: number): void {
    if (this.#wants.size === 0 || this.#sources.size === 0) return;
    this.#askForStalled(now);
    this.#askForQueued(now);
    this.#askAgain(now);
    this.#probe(now);
  }

  /** The source that would bring a chunk first, of those that have room. */
  #choose(
    want: QueuedWant,
    isFit: (source: SourceLoad) => boolean,
    now: number,
  ): SourceLoad | undefined {
    let best: SourceLoad | undefined;
    let bestMs = Infinity;
    for (const source of this.#sources.values()) {
      const { id } = source;
      if (want.lacking.has(id) || want.asks.has(id)) continue;
      if (!isFit(source) || !this.#hasRoom(source)) continue;
      const ms = source.wouldTake(want.bytes, now);
      if (best !== undefined && ms >= bestMs) continue;
      best = source;
      bestMs = ms;
    }
    return best;
  }

  /** Asks others for what is wanted from sources that have stalled alone. */
  #askForStalled(now: number): void {
    for (const stalled of this.#sources.values()) {
      if (!stalled.isStalled) continue;
      for (const want of stalled.wants) {
        if (!this.#isStuck(want)) continue;
        const source = this.#choose(want, ({ isStalled }) => !isStalled, now);
        if (source !== undefined) this.#ask(source, want, now);
      }
    }
  }

  #isStuck(want: QueuedWant): boolean {
    for (const id of want.asks.keys()) {
      if (!this.#sources.get(id)?.isStalled) return false;
    }
    return true;
  }

  #askForQueued(now: number): void {
    if (this.#queue.length === 0) return;
    // Where all have stalled, none is worse than another.
    const isAnyAlive = this.#some(({ isStalled }) => !isStalled);
    const isFit = ({ isStalled }: SourceLoad) => !isStalled || !isAnyAlive;
    this.#queue = this.#queue.filter((want) => {
      const source = this.#choose(want, isFit, now);
      if (source === undefined) return true;
      this.#ask(source, want, now);
      return false;
    });
  }

  /** Asks sources that have nothing to do for what others are slow to bring. */
  #askAgain(now: number): void {
    for (const source of this.#sources.values()) {
      if (source.isStalled || !this.#hasRoom(source)) {
        source.idleSince = undefined;
        continue;
      }
      source.idleSince ??= now;
      if (now - source.idleSince < SOURCE_AGAIN_MS) continue;
      const { idleSince } = source;
      for (const want of this.#wants.values()) {
        if (!this.#hasRoom(source)) break;
        if (this.#isQuickerAt(source, want, now)) this.#ask(source, want, now);
      }
      source.idleSince = idleSince;
    }
  }

  /** Whether a source would bring sooner what others are asked for. */
  #isQuickerAt(source: SourceLoad, want: QueuedWant, now: number): boolean {
    const { asks, lacking, bytes } = want;
    if (asks.has(source.id) || lacking.has(source.id)) return false;
    let soonest = Infinity;
    for (const id of asks.keys()) {
      const other = this.#sources.get(id);
      if (other === undefined || other.isStalled) continue;
      soonest = Math.min(soonest, other.willTake(want, now));
    }
    const would = source.isKnown ? source.wouldTake(bytes, now) : UNKNOWN_MS;
    return asks.size > 0 && would < QUICKER * soonest;
  }

  /** Tries those again that have stalled, where it costs nothing. */
  #probe(now: number): void {
    for (const source of this.#sources.values()) {
      if (!source.isDue(now)) continue;
      for (const want of this.#wants.values()) {
        if (want.asks.size === 0 || want.lacking.has(source.id)) continue;
        this.#ask(source, want, now);
        break;
      }
    }
  }
}
