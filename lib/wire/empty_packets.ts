/**
 * Ends the connection of a peer that attached and sends little but packets that bring nothing: no
 * new data, no news of what we have sent. Each costs receiving, opening and half
 * an acknowledgement, and no honest peer has a use for many: pings and probes are
 * few, and what comes twice or too late is less than what came. A node that was
 * attached to has larger windows, which it may have to send twice, and is left
 * when it is of no use.
 */

import { EMPTY_PACKETS_MAX, EMPTY_PACKETS_PER_SECOND } from "../limits.ts";
import {
  TransportError,
  TransportErrorCode,
} from "./packet/transport_error.ts";

/**
 * How many more may come. Each packet that brings something earns one, and so
 * does each that the peer has to answer.
 */
export class EmptyPackets {
  readonly #max: number;
  #left: number;
  #at: number;
  /** Bytes of data that had come before the packet that is being read. */
  #before = 0;
  #isUseful = false;

  /** @param attached Whether the peer has attached to us. */
  constructor(attached: boolean, now: number) {
    this.#max = attached ? EMPTY_PACKETS_MAX : Infinity;
    this.#left = this.#max;
    this.#at = now;
  }

  /** A packet that the peer has to answer has left. */
  onAsked(): void {
    this.#earn(1);
  }

  /** Reading a packet begins, when `bytes` of new data have come. */
  begin(bytes: number): void {
    this.#before = bytes;
    this.#isUseful = false;
  }

  /** A frame of the packet was good for something. */
  onUseful(): void {
    this.#isUseful = true;
  }

  /**
   * The packet is read.
   *
   * @param bytes Of new data that have come by now.
   * @throws {TransportError} `PROTOCOL_VIOLATION` when too many brought nothing.
   */
  end(now: number, bytes: number): void {
    if (this.#isUseful || bytes > this.#before) {
      this.#earn(1);
      return;
    }
    this.#earn((now - this.#at) / 1000 * EMPTY_PACKETS_PER_SECOND);
    this.#at = now;
    this.#left--;
    if (this.#left >= 0) return;
    throw new TransportError(
      TransportErrorCode.PROTOCOL_VIOLATION,
      "a flood of packets that bring nothing",
    );
  }

  #earn(packets: number): void {
    this.#left = Math.min(this.#max, this.#left + packets);
  }
}
