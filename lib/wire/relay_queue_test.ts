import { assertEquals } from "@std/assert";
import { RELAY_QUEUE_MAX } from "../limits.ts";
import { RelayQueue } from "./relay_queue.ts";
import { RELAY_OVERHEAD_MAX } from "./packet/frame.ts";
import { decodeFrames } from "./testing/frames.ts";
import { WireWriter } from "./packet/wire_buffer.ts";

/** Empties a queue by packets of `size` bytes; returns the node ids in order. */
function drainIds(queue: RelayQueue, size: number): bigint[] {
  const ids: bigint[] = [];
  while (queue.length > 0) {
    const writer = new WireWriter(new Uint8Array(size));
    queue.write(writer, size - 13);
    for (const frame of decodeFrames(writer.written()).frames) {
      if (frame.type === "relay") ids.push(frame.nodeId);
    }
  }
  return ids;
}

Deno.test("relayed packets of several nodes take turns", () => {
  const queue = new RelayQueue();
  for (const id of [1n, 1n, 1n, 2n, 2n, 3n]) {
    queue.push(id, new Uint8Array(100));
  }
  assertEquals(drainIds(queue, 250), [1n, 2n, 3n, 1n, 2n, 1n]);
});

Deno.test("a flood of one node pushes out its own packets and no others", () => {
  const queue = new RelayQueue();
  for (let i = 0; i < 10_000; i++) queue.push(1n, new Uint8Array(10));
  assertEquals(queue.length, RELAY_QUEUE_MAX);
  for (let i = 0; i < 100; i++) queue.push(2n, new Uint8Array(10));
  for (let i = 0; i < 10_000; i++) queue.push(1n, new Uint8Array(10));
  assertEquals(queue.length, RELAY_QUEUE_MAX);
  const ids = drainIds(queue, 1200);
  assertEquals(ids.filter((id) => id === 2n).length, 100);
});

Deno.test("as many nodes as packets share a full queue", () => {
  const queue = new RelayQueue();
  for (let id = 0n; id < 1000n; id++) queue.push(id, new Uint8Array(10));
  assertEquals(queue.length, RELAY_QUEUE_MAX);
  assertEquals(drainIds(queue, 1200).length, RELAY_QUEUE_MAX);
});

Deno.test("a relayed packet that fits no datagram is dropped, one that waits for room is not", () => {
  const queue = new RelayQueue();
  queue.push(1n, new Uint8Array(5000));
  queue.push(2n, new Uint8Array(1000));
  const writer = new WireWriter(new Uint8Array(1200));
  writer.offset = 500;
  queue.write(writer, 1187);
  assertEquals([queue.length, writer.offset], [1, 500]);
  assertEquals(drainIds(queue, 1200), [2n]);
});

Deno.test("a relayed packet that just fits a datagram waits for one, and leaves nothing over", () => {
  const capacity = 1200 - RELAY_OVERHEAD_MAX;
  const queue = new RelayQueue();
  queue.push(1n, new Uint8Array(capacity));
  const filled = new WireWriter(new Uint8Array(1200));
  filled.offset = 1;
  queue.write(filled, capacity);
  assertEquals([queue.length, filled.offset], [1, 1]);
  const empty = new WireWriter(new Uint8Array(1200));
  queue.write(empty, capacity);
  const [frame] = decodeFrames(empty.written()).frames;
  assertEquals(frame.type === "relay" && frame.payload.length, capacity);
  queue.push(1n, new Uint8Array(capacity + 1));
  queue.write(new WireWriter(new Uint8Array(1200)), capacity);
  assertEquals(queue.length, 0);
});
