/**
 * Packets that went another way than all others, as probes of a path do. They
 * overtake the others or get lost, and neither says anything of the path in use.
 */

import type { AckRange } from "../packet/ack_ranges.ts";
import { LatestNumbers } from "./latest_numbers.ts";

/** More are never sent within the time for which the fate of a packet is open. */
const REMEMBERED = 256;

/** The numbers of the latest ones. */
export class ApartPackets extends LatestNumbers {
  constructor() {
    super(REMEMBERED);
  }

  /**
   * The largest number of another packet in an ACK frame, −1 for none.
   *
   * @param ranges The latest first.
   */
  largestOther(ranges: readonly Readonly<AckRange>[]): number {
    let i = this.numbers.length - 1;
    for (const { start, end } of ranges) {
      let number = end;
      while (i >= 0 && this.numbers[i] > number) i--;
      while (i >= 0 && number >= start && this.numbers[i] === number) {
        i--;
        number--;
      }
      if (number >= start) return number;
    }
    return -1;
  }
}
