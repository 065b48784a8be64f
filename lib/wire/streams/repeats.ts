/**
 * Small requests and answers on a path that loses much: what is lost of them
 * is found out by nothing but a time-out, since nothing follows on their
 * stream, so that one lost packet costs what several round trips do. They are
 * sent more than once instead, a little apart, as losses come in bursts.
 */

import type { SentFrame } from "./sent_frame.ts";

/** All that a stream carries, in bytes, if it is to be sent more than once. */
const SMALL_STREAM_MAX = 2048;

/** How rarely all copies may be lost. */
const ALL_LOST_MAX = 0.004;

/** The same where a copy costs next to nothing, as of most requests. */
const ALL_LOST_MAX_TINY = 0.0005;

/** Bytes of a frame that cost next to nothing. */
const TINY = 128;

/** Copies beside the first packet: with these, four in ten may be lost. */
const COPIES_MAX = 5;

/** The part of all bytes sent that copies may take, and what is saved of it. */
const BUDGET_PART = 1 / 16;
const BUDGET_MAX = 16 * 1024;

/** What a packet takes beside the data, about, in bytes. */
const OVERHEAD = 64;

/** Copies that wait; whatever is more is sent once. */
const WAITING_MAX = 256;

/** Parts of a round trip between two copies. */
const COPIES_PER_RTT = 32;

/**
 * How often something small is sent again unasked.
 *
 * @param loss The share of packets that get lost, between 0 and 1.
 * @param length Its bytes.
 */
export function copiesFor(loss: number, length: number): number {
  if (loss <= ALL_LOST_MAX) return 0;
  const most = length <= TINY ? ALL_LOST_MAX_TINY : ALL_LOST_MAX;
  let copies = 0;
  let allLost = loss;
  while (allLost > most && copies < COPIES_MAX) {
    copies++;
    allLost *= loss;
  }
  return copies;
}

/** The copies of small frames that are still to be sent. */
export class Repeats {
  /** In the order in which they are due, as long as the path stays the same. */
  readonly #waiting: { readonly frame: SentFrame; readonly due: number }[] = [];
  /** Bytes that copies may take now. */
  #budget = BUDGET_MAX;

  /** When {@linkcode takeDue} has something; infinite when never. */
  get deadline(): number {
    return this.#waiting.length === 0 ? Infinity : this.#waiting[0].due;
  }

  /**
   * Looks at what a packet carried.
   *
   * @param size Of its datagram, in bytes.
   * @param loss The share of packets that get lost on the path.
   * @param rtt The least round trip of the path, in milliseconds.
   */
  onSent(
    frames: readonly SentFrame[],
    size: number,
    now: number,
    loss: number,
    rtt: number,
  ): void {
    this.#budget = Math.min(BUDGET_MAX, this.#budget + size * BUDGET_PART);
    if (loss <= ALL_LOST_MAX || rtt === Infinity) return;
    for (const frame of frames) {
      const { kind, stream } = frame;
      if (kind !== "stream" || stream?.schedulingClass !== "interactive") {
        continue;
      }
      if (stream.send.written > SMALL_STREAM_MAX) continue;
      if (stream.copies >= copiesFor(loss, frame.length)) continue;
      const cost = frame.length + OVERHEAD;
      if (this.#waiting.length >= WAITING_MAX || cost > this.#budget) return;
      this.#budget -= cost;
      stream.copies++;
      const due = now + Math.max(1, rtt / COPIES_PER_RTT);
      this.#waiting.push({ frame, due });
    }
  }

  /** The next frame that is to be sent again now, `undefined` for none. */
  takeDue(now: number): SentFrame | undefined {
    return this.deadline <= now ? this.#waiting.shift()?.frame : undefined;
  }
}
