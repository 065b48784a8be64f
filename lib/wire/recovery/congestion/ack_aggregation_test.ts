import { assertEquals } from "@std/assert";
import { ackEvent } from "../../testing/congestion_events.ts";
import { AckAggregation } from "./ack_aggregation.ts";

const LARGE = 1_000_000;

/** An aggregation, and how to feed it. */
function measure() {
  const bursts = new AckAggregation();
  const onAck = (
    now: number,
    ackedBytes: number,
    roundStart: boolean,
    bandwidth: number,
    window = LARGE,
  ) =>
    bursts.onAck(ackEvent({ now, ackedBytes }), roundStart, bandwidth, window);
  return { bursts, onAck };
}

Deno.test("a path that delivers as expected has no extra beyond one acknowledgement", () => {
  const { bursts, onAck } = measure();
  for (let now = 1; now < 100; now++) onAck(now, 10, false, 10);
  assertEquals(bursts.extra, 10);
});

Deno.test("what comes at once after silence is extra", () => {
  const { bursts, onAck } = measure();
  onAck(10, 100, false, 10);
  for (let i = 0; i < 5; i++) onAck(20, 100, false, 10);
  assertEquals(bursts.extra, 500);
});

Deno.test("no burst is larger than the window", () => {
  const { bursts, onAck } = measure();
  onAck(10, 5000, false, 10, 700);
  assertEquals(bursts.extra, 700);
});

Deno.test("a burst is forgotten after five to ten rounds", () => {
  const { bursts, onAck } = measure();
  onAck(10, 500, false, 1);
  let rounds = 0;
  for (let now = 2000; bursts.extra >= 500; now += 1000, rounds++) {
    onAck(now, 1, true, 1);
  }
  assertEquals(rounds, 10);
});

Deno.test("a pause of the sender is no part of a burst's time", () => {
  const extra = (restart: boolean) => {
    const { bursts, onAck } = measure();
    onAck(10, 100, false, 10);
    if (restart) bursts.onRestart(15);
    onAck(16, 100, false, 10);
    return bursts.extra;
  };
  assertEquals([extra(false), extra(true)], [140, 100]);
});
