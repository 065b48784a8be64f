/** What data costs that came and that nobody has read yet, in memory. */

import { PIECE_COST, PIECES_FREE_BYTES } from "../../limits.ts";
import {
  TransportError,
  TransportErrorCode,
} from "../packet/transport_error.ts";
import type { FlowControl } from "./flow_control.ts";
import type { UnreadShare } from "./unread_budget.ts";

/**
 * The bytes kept for the application and, of pieces, what those cost besides.
 * Each piece costs an array beside its bytes, so that they count against the
 * credit that the peer has used: then no way of cutting data up makes it cost
 * more than twice its credit.
 */
export class UnreadCost {
  /** Arrays of data that came before what is in front of it, on all streams. */
  #pieces = 0;

  /**
   * Starts with nothing.
   *
   * @param share Counts what is kept of all connections, where others count.
   */
  constructor(
    private readonly flow: Pick<FlowControl, "unread">,
    private readonly share?: UnreadShare,
  ) {}

  /** The application has read some, which can but lower it. */
  onRead(): void {
    this.share?.set(this.#cost);
  }

  /**
   * So many more pieces wait.
   *
   * @throws {TransportError} `INTERNAL_ERROR` when they cost too much.
   */
  onPieces(change: number): void {
    this.#pieces += change;
    if (
      change > 0 &&
      this.#pieces * PIECE_COST > this.flow.unread + PIECES_FREE_BYTES
    ) {
      throw new TransportError(
        TransportErrorCode.INTERNAL_ERROR,
        `${this.#pieces} out-of-order pieces cost more than their data`,
      );
    }
    if (this.share?.set(this.#cost) === false) {
      throw new TransportError(
        TransportErrorCode.INTERNAL_ERROR,
        "too much was sent that is not read, and others need the room",
      );
    }
  }

  /** The connection is over. */
  leave(): void {
    this.share?.leave();
  }

  get #cost(): number {
    return this.flow.unread + this.#pieces * PIECE_COST;
  }
}
