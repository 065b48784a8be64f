/**
 * Packets for other nodes that wait to be sent in RELAY frames.
 *
 * @module
 */

import { RELAY_OVERHEAD_MAX, writeRelay } from "./frame.ts";
import type { WireWriter } from "./wire_buffer.ts";

/** Packets that wait; more are dropped, as a router would. */
const RELAY_QUEUE_MAX = 256;

/** A short queue of opaque packets. */
export class RelayQueue {
  readonly #packets: { nodeId: bigint; payload: Uint8Array }[] = [];

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.#packets.length === 0;
  }

  /** Queues a packet, or drops it when too many wait. */
  push(nodeId: bigint, payload: Uint8Array): void {
    if (this.#packets.length >= RELAY_QUEUE_MAX) return;
    this.#packets.push({ nodeId, payload });
  }

  /**
   * Writes RELAY frames, as many as fit.
   *
   * @param capacity Longest payload that fits an empty packet of this path.
   */
  write(writer: WireWriter, capacity: number): void {
    let used = 0;
    for (const { nodeId, payload } of this.#packets) {
      if (payload.length + RELAY_OVERHEAD_MAX > writer.remaining) {
        // One that fits no packet of this path would block the others forever.
        if (payload.length <= capacity) break;
      } else writeRelay(writer, nodeId, payload);
      used++;
    }
    if (used > 0) this.#packets.splice(0, used);
  }
}
