import { assert, assertEquals } from "@std/assert";
import { LinkSimulation } from "../testing/link_simulation.ts";
import { ReceiveWindow, WindowBudget } from "./receive_window.ts";
import type { WindowGrowth } from "./stream_limits.ts";

const RTT = 100;

/** Uses a window up in halves, each in `elapsed` milliseconds. */
function sizes(
  window: ReceiveWindow,
  elapsed: number,
  rtt = RTT,
  count = 5,
): number[] {
  let [now, consumed] = [0, 0];
  return Array.from({ length: count }, () => {
    now += elapsed;
    consumed += window.size / 2;
    window.grow(now, rtt, consumed);
    window.onTold(now, consumed);
    return window.size;
  });
}

Deno.test("a window doubles while half of it lasts less than two round trips, up to its bound", () => {
  const window = () => new ReceiveWindow(100, { max: 500 });
  assertEquals(sizes(window(), 199), [100, 200, 400, 500, 500]);
  assertEquals(sizes(window(), 200), [100, 100, 100, 100, 100]);
});

Deno.test("a window without bounds keeps its size", () => {
  assertEquals(sizes(new ReceiveWindow(100), 1), [100, 100, 100, 100, 100]);
});

Deno.test("a window does not grow before the path is known", () => {
  const window = new ReceiveWindow(100, { max: 500 });
  assertEquals(sizes(window, 1, Infinity), [100, 100, 100, 100, 100]);
});

Deno.test("a limit that is told again does not make the window grow", () => {
  const window = new ReceiveWindow(100, { max: 500 });
  window.onTold(0, 0);
  for (const [now, consumed] of [[1, 0], [2, 49]]) {
    window.grow(now, RTT, consumed);
    assertEquals(window.size, 100);
  }
  window.grow(3, RTT, 50);
  assertEquals(window.size, 200);
});

Deno.test("windows of many connections grow by no more than their budget, and give it back", () => {
  const bounds = { max: 400, budget: new WindowBudget(500) };
  const [first, second, third] = [100, 100, 100].map((size) =>
    new ReceiveWindow(size, bounds)
  );
  assertEquals(sizes(first, 1).at(-1), 400);
  assertEquals(sizes(second, 1).at(-1), 200);
  assertEquals(sizes(third, 1).at(-1), 200);
  first.release();
  assertEquals(sizes(second, 1).at(-1), 400);
  first.release();
  assertEquals(sizes(third, 1).at(-1), 200, "what is given back twice is one");
});

Deno.test("a window is used up when less than half of it is left", () => {
  const window = new ReceiveWindow(100, { max: 200 });
  assertEquals(window.isUsedUp(100, 50), false);
  assertEquals(window.isUsedUp(100, 51), true);
});

/** Mbit/s of a link of 20 Mbit/s and 100 ms between ends with small windows. */
function rate(windowGrowth?: WindowGrowth): number {
  const limits = {
    maxIdleTimeoutMs: 30_000,
    initialMaxData: 128 << 10,
    initialMaxStreamData: 32 << 10,
    initialMaxStreamsBidi: 256,
    maxAckDelayMs: 25,
    maxDatagramSize: 65_507,
    receiveBufferBytes: 212_992,
  };
  const simulation = new LinkSimulation({
    down: { rate: 20, delay: 50 },
    flows: [{ congestion: "bbr" }],
    connection: { local: limits, peer: limits, windowGrowth },
  });
  simulation.run(10_000);
  return simulation.flows[0].rate(5000, 10_000);
}

Deno.test("windows that grow let a long path be filled, where fixed ones do not", () => {
  assert(rate() < 12);
  const growth = { connection: { max: 4 << 20 }, stream: { max: 1 << 20 } };
  assert(rate(growth) > 18);
});

Deno.test("when the budget of a connection is taken, its windows stay and data flows on", () => {
  const budget = new WindowBudget(0);
  const growth = {
    connection: { max: 4 << 20, budget },
    stream: { max: 1 << 20 },
  };
  const fixed = rate();
  assert(Math.abs(rate(growth) - fixed) < 0.3 * fixed);
});
