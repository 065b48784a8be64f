/**
 * Chunks that were sent whole and are not acknowledged: they stay in memory
 * until then, to be sent again. One bound for all sessions of a holder; when it
 * is passed, the response ends whose peer would take longest for the rest of
 * what it was sent. On any path that works that is some round trips, so that it
 * is one whose peer holds acknowledgements back.
 */

import { SERVE_SENT_BYTES } from "../../limits.ts";

/** Milliseconds over which it is seen how fast a peer acknowledges. */
const SPAN_MS = 1000;
/**
 * A peer that needs no longer, in milliseconds, loses nothing, unless twice the
 * bound is passed.
 */
const DRAIN_MS = 1000;

/** What is looked at of a stream. */
export interface SentStream {
  /** Bytes that the peer has, without a gap. */
  readonly acknowledged: number;
}

/** The chunks of one response. */
export class SentChunks {
  bytes = 0;
  readonly #chunks: { readonly end: number; readonly length: number }[] = [];
  #since = 0;
  #before = 0;
  /** Bytes per millisecond that the peer acknowledges. */
  #rate = Infinity;

  constructor(
    private readonly stream: SentStream,
    readonly end: () => void,
  ) {}

  add(end: number, length: number, now: number): void {
    if (this.#chunks.length === 0) this.#mark(now);
    this.#chunks.push({ end, length });
    this.bytes += length;
  }

  /** Forgets what has been acknowledged. */
  look(now: number): void {
    const { acknowledged } = this.stream;
    let count = 0;
    for (const { end, length } of this.#chunks) {
      if (end > acknowledged) break;
      this.bytes -= length;
      count++;
    }
    this.#chunks.splice(0, count);
    if (now - this.#since < SPAN_MS) return;
    this.#rate = (acknowledged - this.#before) / (now - this.#since);
    this.#mark(now);
  }

  /** This process did not run for so many milliseconds. */
  excuse(ms: number): void {
    this.#since += ms;
  }

  /** Milliseconds that the peer needs for the rest. */
  get drainMs(): number {
    return this.bytes / this.#rate;
  }

  #mark(now: number): void {
    this.#since = now;
    this.#before = this.stream.acknowledged;
  }
}

/** Those of all responses. */
export class AllSentChunks {
  readonly #all = new Set<SentChunks>();
  readonly #max: number;

  /** @param max Bytes for all together. */
  constructor(max: number = SERVE_SENT_BYTES) {
    this.#max = max;
  }

  /** Bytes of chunks that wait for acknowledgements, as of the last look. */
  get bytes(): number {
    let sum = 0;
    for (const { bytes } of this.#all) sum += bytes;
    return sum;
  }

  /** How many responses have any. */
  get size(): number {
    return this.#all.size;
  }

  add(chunks: SentChunks): void {
    this.#all.add(chunks);
  }

  delete(chunks: SentChunks): void {
    this.#all.delete(chunks);
  }

  /** Ends what keeps too much for too long. */
  look(now: number): void {
    let total = 0;
    for (const chunks of this.#all) {
      chunks.look(now);
      if (chunks.bytes === 0) this.#all.delete(chunks);
      total += chunks.bytes;
    }
    while (total > this.#max) {
      const worst = this.#slowest(total > 2 * this.#max ? -1 : DRAIN_MS);
      if (worst === undefined) return;
      total -= worst.bytes;
      this.#all.delete(worst);
      worst.end();
    }
  }

  /** This process did not run for so many milliseconds: nobody could acknowledge. */
  excuse(ms: number): void {
    for (const chunks of this.#all) chunks.excuse(ms);
  }

  #slowest(least: number): SentChunks | undefined {
    let slowest: SentChunks | undefined;
    let most = least;
    for (const chunks of this.#all) {
      const { drainMs } = chunks;
      if (drainMs > most) [slowest, most] = [chunks, drainMs];
    }
    return slowest;
  }
}
