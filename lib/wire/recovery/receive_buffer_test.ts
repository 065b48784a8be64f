import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  ReceiveBufferBound,
  receiveBufferBurst,
  receiveBufferCharge,
  receiveBufferRoom,
} from "./receive_buffer.ts";

/** The default of Linux. */
const BUFFER = 212_992;

/** Datagrams of `size` that are let into flight at once. */
function inFlight(size: number): number {
  const room = receiveBufferRoom(BUFFER, size);
  return Math.floor(room / receiveBufferCharge(size));
}

Deno.test("a datagram is charged as Linux counts it, a tiny one fifty times its length", () => {
  // Of ss -m on a socket that holds one.
  const counted = [
    [1, 832],
    [128, 832],
    [200, 1280],
    [600, 1280],
    [900, 2304],
    [1472, 2304],
    [1700, 4352],
    [3700, 4352],
    [4500, 8448],
    [8192, 16_640],
    [16_000, 16_640],
    [20_000, 20_832],
    [60_000, 60_832],
  ];
  for (const [size, bytes] of counted) {
    assertEquals(receiveBufferCharge(size), bytes, `${size} bytes`);
  }
});

Deno.test("three quarters of what Linux holds may be in flight, and three large datagrams", () => {
  // Counted by sending to a socket that nobody reads.
  const held = [[1, 256], [600, 166], [1472, 92], [2000, 48], [8192, 12]];
  for (const [size, datagrams] of held) {
    assert(inFlight(size) <= 0.75 * datagrams, `${size} bytes`);
    assert(inFlight(size) >= 0.65 * datagrams, `${size} bytes`);
  }
  assertEquals(inFlight(61_440), 3);
});

Deno.test("a burst takes half of that, and at least a datagram", () => {
  assertEquals(receiveBufferBurst(BUFFER, 1472), 32 * 1472);
  assertEquals(receiveBufferBurst(BUFFER, 61_440), 61_440);
  assertEquals(receiveBufferBurst(1200, 61_440), 61_440);
  // Two are in flight also where not even one fits.
  assert(receiveBufferRoom(1200, 1472) >= 2 * receiveBufferCharge(1472));
});

Deno.test("losses lower what may be in flight, once a round trip, and quiet rounds raise it again", () => {
  const size = 1472;
  const bound = new ReceiveBufferBound(BUFFER);
  const all = bound.datagrams(size);
  bound.onLost(10, 5, size);
  const once = bound.datagrams(size);
  assertAlmostEquals(once, 0.7 * all, 1e-6);
  // Sent before the reduction.
  bound.onLost(11, 9, size);
  assertEquals(bound.datagrams(size), once);
  bound.onAcked(once * size, size);
  assertAlmostEquals(bound.datagrams(size), once + 1, 0.1);
  for (let round = 0; round < 100; round++) {
    bound.onAcked(bound.datagrams(size) * size, size);
  }
  assertEquals(bound.datagrams(size), all);
  // However much is lost, two are in flight.
  for (let now = 100; now < 200; now++) bound.onLost(now, now - 0.5, size);
  assertEquals(bound.datagrams(size), 2);
});

Deno.test("a path that carries datagrams of which three fit is short up to 5 ms, else up to 1.5 ms", () => {
  const bound = new ReceiveBufferBound(BUFFER);
  assertEquals(bound.shortPathMs(1472), 1.5);
  assertEquals(bound.shortPathMs(61_440), 5);
});
