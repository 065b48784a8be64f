/** Packets for other nodes that wait to be sent in RELAY frames. */

import { RELAY_QUEUE_MAX } from "../limits.ts";
import { RELAY_OVERHEAD_MAX, writeRelay } from "./packet/frame.ts";
import type { WireWriter } from "./packet/wire_buffer.ts";

/**
 * A short queue of opaque packets with a lane for each node. The lanes take
 * turns, and when the queue is full the longest one gives up a packet: a node
 * that sends much cannot push out one that sends little.
 */
export class RelayQueue {
  /** The lanes that are not empty; the first is next. */
  readonly #lanes = new Map<bigint, Uint8Array[]>();
  length = 0;

  /**
   * Queues a packet, or drops one when too many wait, as a router would.
   *
   * @param payload Must not change until it is sent.
   */
  push(nodeId: bigint, payload: Uint8Array): void {
    let lane = this.#lanes.get(nodeId);
    if (this.length >= RELAY_QUEUE_MAX) {
      const longest = this.#longest();
      if (lane !== undefined && lane.length >= longest.length) return;
      longest.pop();
      this.length--;
    }
    if (lane === undefined) this.#lanes.set(nodeId, lane = []);
    lane.push(payload);
    this.length++;
  }

  /**
   * Writes RELAY frames, as many as fit.
   *
   * @param capacity Longest payload that fits an empty packet of this path.
   */
  write(writer: WireWriter, capacity: number): void {
    for (const [nodeId, lane] of this.#lanes) {
      const payload = lane[0];
      if (payload !== undefined) {
        if (payload.length + RELAY_OVERHEAD_MAX > writer.remaining) {
          // One that fits no packet of this path would block the others forever.
          if (payload.length <= capacity) return;
        } else writeRelay(writer, nodeId, payload);
        lane.shift();
        this.length--;
      }
      // To the end of the turns, where this loop meets it again.
      this.#lanes.delete(nodeId);
      if (lane.length > 0) this.#lanes.set(nodeId, lane);
    }
  }

  #longest(): Uint8Array[] {
    let longest: Uint8Array[] = [];
    for (const lane of this.#lanes.values()) {
      if (lane.length > longest.length) longest = lane;
    }
    return longest;
  }
}
