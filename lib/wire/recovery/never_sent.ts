/** Packet numbers that were left out on purpose, as recovery remembers them. */

import type { AckRange } from "../packet/ack_ranges.ts";
import {
  TransportError,
  TransportErrorCode,
} from "../packet/transport_error.ts";
import { LatestNumbers } from "./latest_numbers.ts";

/** More lie further back than any packet whose fate is open. */
const REMEMBERED = 8;

/** The latest of those numbers. */
export class NeverSent extends LatestNumbers {
  constructor() {
    super(REMEMBERED);
  }

  has(number: number): boolean {
    return this.numbers.includes(number);
  }

  /**
   * Refuses an acknowledgement of one of them (RFC 9000 §21.4).
   *
   * @param ranges The latest first, as in an ACK frame.
   * @throws {TransportError} `PROTOCOL_VIOLATION`.
   */
  refuseIn(ranges: readonly AckRange[]): void {
    for (const number of this.numbers) {
      for (const { start, end } of ranges) {
        if (end < number) break;
        if (start > number) continue;
        throw new TransportError(
          TransportErrorCode.PROTOCOL_VIOLATION,
          `peer acknowledges packet ${number}, which was never sent`,
        );
      }
    }
  }
}
