/**
 * Which packet numbers have arrived, as the ranges an ACK frame carries (RFC
 * 9000 §13.2, §19.3).
 *
 * @module
 */

import { ACK_RANGES_MAX } from "../../limits.ts";

/** Packet numbers from `start` to `end`, both included. */
export interface AckRange {
  /** Smallest packet number of the range. */
  start: number;
  /** Largest packet number of the range. */
  end: number;
}

/** An ACK frame as numbers (RFC 9000 §19.3). */
export interface AckFrame {
  /** At least one range; largest numbers first, with a gap between any two. */
  ranges: readonly Readonly<AckRange>[];
  /** How long the receiver held the largest number before it sent this, in milliseconds. */
  delay: number;
}

/**
 * The set of packet numbers received so far, bounded in memory.
 *
 * Everything below {@linkcode AckRanges.floor} counts as received: either its
 * range was dropped because there were too many, or the peer knows about it.
 * So a number is new at most once, whatever a peer sends (RFC 9000 §13.2.3).
 *
 * @example
 * ```ts
 * const received = new AckRanges();
 * received.add(0);
 * received.add(2);
 * received.add(2); // false: a duplicate
 * received.ranges(); // [{ start: 2, end: 2 }, { start: 0, end: 0 }]
 * ```
 */
export class AckRanges {
  /** Descending, never adjacent. */
  readonly #ranges: AckRange[] = [];
  readonly #limit: number;
  #floor = 0;

  /**
   * Starts empty.
   *
   * @param limit Most ranges kept; the oldest are dropped first.
   */
  constructor(limit: number = ACK_RANGES_MAX) {
    this.#limit = limit;
  }

  /** Largest number received, −1 when there is none to acknowledge. */
  get largest(): number {
    return this.#ranges.length === 0 ? -1 : this.#ranges[0].end;
  }

  /** How many ranges there are. */
  get length(): number {
    return this.#ranges.length;
  }

  /** Numbers below this count as received and are not acknowledged again. */
  get floor(): number {
    return this.#floor;
  }

  /**
   * The ranges, largest numbers first. The array is the live one: read or
   * encode it before the next call that changes it.
   */
  ranges(): readonly Readonly<AckRange>[] {
    return this.#ranges;
  }

  /**
   * Tells whether `number` has been received, or is too old to know.
   *
   * @param number A packet number.
   */
  has(number: number): boolean {
    if (number < this.#floor) return true;
    for (const range of this.#ranges) {
      if (number > range.end) return false;
      if (number >= range.start) return true;
    }
    return false;
  }

  /**
   * Adds one packet number.
   *
   * @param number A packet number, a safe integer of 0 or more.
   * @returns `false` if it was there already, or is too old to know.
   */
  add(number: number): boolean {
    if (number < this.#floor) return false;
    const ranges = this.#ranges;
    if (ranges.length > 0 && number === ranges[0].end + 1) {
      ranges[0].end = number;
      return true;
    }
    let index = 0;
    while (index < ranges.length && number < ranges[index].start) index++;
    const below = ranges[index];
    if (below !== undefined && number <= below.end) return false;
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
    return true;
  }

  /**
   * Stops acknowledging numbers below `number`: the peer has seen an ACK frame
   * that covered them (RFC 9000 §13.2.4).
   *
   * @param number The smallest number that is still of interest.
   */
  forgetBelow(number: number): void {
    if (number <= this.#floor) return;
    this.#floor = number;
    const ranges = this.#ranges;
    while (ranges.length > 0 && ranges[ranges.length - 1].end < number) {
      ranges.pop();
    }
    if (ranges.length > 0) {
      const oldest = ranges[ranges.length - 1];
      if (oldest.start < number) oldest.start = number;
    }
  }
}
