import { assertEquals } from "@std/assert";
import { AckAggregation } from "./ack_aggregation.ts";

const LARGE = 1_000_000;

Deno.test("a path that delivers as expected has no extra beyond one acknowledgement", () => {
  const bursts = new AckAggregation();
  for (let now = 1; now < 100; now++) bursts.onAck(now, 10, false, 10, LARGE);
  assertEquals(bursts.extra, 10);
});

Deno.test("what comes at once after silence is extra", () => {
  const bursts = new AckAggregation();
  bursts.onAck(10, 100, false, 10, LARGE);
  for (let i = 0; i < 5; i++) bursts.onAck(20, 100, false, 10, LARGE);
  assertEquals(bursts.extra, 500);
});

Deno.test("no burst is larger than the window", () => {
  const bursts = new AckAggregation();
  bursts.onAck(10, 5000, false, 10, 700);
  assertEquals(bursts.extra, 700);
});

Deno.test("a burst is forgotten after five to ten rounds", () => {
  const bursts = new AckAggregation();
  bursts.onAck(10, 500, false, 1, LARGE);
  let rounds = 0;
  for (let now = 2000; bursts.extra >= 500; now += 1000, rounds++) {
    bursts.onAck(now, 1, true, 1, LARGE);
  }
  assertEquals(rounds, 10);
});

Deno.test("a pause of the sender is no part of a burst's time", () => {
  const measure = (restart: boolean) => {
    const bursts = new AckAggregation();
    bursts.onAck(10, 100, false, 10, LARGE);
    if (restart) bursts.onRestart(15);
    bursts.onAck(16, 100, false, 10, LARGE);
    return bursts.extra;
  };
  assertEquals([measure(false), measure(true)], [140, 100]);
});
