/**
 * Which packet numbers have arrived, as the ranges an ACK frame carries (RFC
 * 9000 §13.2, §19.3).
 */

import { ACK_RANGES_MAX } from "../../limits.ts";

/** Packet numbers from `start` to `end`, both included. */
export interface AckRange {
  start: number;
  end: number;
}

/** An ACK frame as numbers (RFC 9000 §19.3). */
export interface AckFrame {
  /** At least one range; largest numbers first, with a gap between any two. */
  ranges: readonly Readonly<AckRange>[];
  /** How long the largest number waited before this was sent, in milliseconds. */
  delay: number;
}

/**
 * The set of packet numbers received so far, bounded in memory. Numbers below
 * what was dropped, or what the peer knows about, are not acknowledged again
 * (RFC 9000 §13.2.3).
 *
 * @example
 * ```ts
 * const received = new AckRanges();
 * received.add(0);
 * received.add(2);
 * received.ranges(); // [{ start: 2, end: 2 }, { start: 0, end: 0 }]
 * ```
 */
export class AckRanges {
  /** Descending, never adjacent. */
  readonly #ranges: AckRange[] = [];
  readonly #limit: number;
  /** Numbers below this are of no more interest. */
  #floor = 0;

  /** Keeps at most `limit` ranges; the oldest are dropped first. */
  constructor(limit: number = ACK_RANGES_MAX) {
    this.#limit = limit;
  }

  /** Largest number received, −1 when there is none to acknowledge. */
  get largest(): number {
    return this.#ranges.length === 0 ? -1 : this.#ranges[0].end;
  }

  /**
   * The ranges, largest numbers first. The array is the live one: read or
   * encode it before the next call that changes it.
   */
  ranges(): readonly Readonly<AckRange>[] {
    return this.#ranges;
  }

  add(number: number): void {
    if (number < this.#floor) return;
    const ranges = this.#ranges;
    if (ranges.length > 0 && number === ranges[0].end + 1) {
      ranges[0].end = number;
      return;
    }
    let index = 0;
    while (index < ranges.length && number < ranges[index].start) index++;
    const below = ranges[index];
    if (below !== undefined && number <= below.end) return;
    const above = ranges[index - 1];
    const joinsBelow = below !== undefined && below.end + 1 === number;
    const joinsAbove = above !== undefined && above.start - 1 === number;
    if (joinsBelow && joinsAbove) {
      above.start = below.start;
      ranges.splice(index, 1);
    } else if (joinsBelow) {
      below.end = number;
    } else if (joinsAbove) {
      above.start = number;
    } else {
      ranges.splice(index, 0, { start: number, end: number });
      if (ranges.length > this.#limit) {
        const dropped = ranges.pop();
        if (dropped !== undefined) this.#floor = dropped.end + 1;
      }
    }
  }

  /**
   * Stops acknowledging numbers below `number`: the peer has seen an ACK frame
   * that covered them (RFC 9000 §13.2.4).
   */
  forgetBelow(number: number): void {
    if (number <= this.#floor) return;
    this.#floor = number;
    const ranges = this.#ranges;
    while (ranges.length > 0 && ranges[ranges.length - 1].end < number) {
      ranges.pop();
    }
    const oldest = ranges.at(-1);
    if (oldest !== undefined) oldest.start = Math.max(oldest.start, number);
  }
}
