import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { INITIAL_RTT_MS, RttEstimator } from "./rtt_estimator.ts";

Deno.test("RttEstimator assumes 333 ms before the first sample (RFC 9002 §6.2.2)", () => {
  const rtt = new RttEstimator();
  assert(!rtt.hasSample);
  assertEquals(rtt.smoothed, INITIAL_RTT_MS);
  assertEquals(rtt.variance, 166.5);
  assertEquals(rtt.pto(0), 999);
});

Deno.test("RttEstimator takes the first sample as it is, without ack delay (RFC 9002 §5.3)", () => {
  const rtt = new RttEstimator();
  rtt.update(100, 25, 1000);
  assertEquals([rtt.latest, rtt.min, rtt.smoothed], [100, 100, 100]);
  assertEquals([rtt.variance, rtt.firstSampleTime], [50, 1000]);
});

Deno.test("RttEstimator weighs later samples 1/8 and their deviation 1/4", () => {
  const rtt = new RttEstimator();
  rtt.update(100, 0, 0);
  rtt.update(140, 20, 0);
  // adjusted 120: variance ¾·50 + ¼·|100 − 120|, smoothed ⅞·100 + ⅛·120
  assertAlmostEquals(rtt.variance, 42.5);
  assertAlmostEquals(rtt.smoothed, 102.5);
  assertEquals(rtt.min, 100);
  assertAlmostEquals(rtt.pto(25), 102.5 + 170 + 25);
});

Deno.test("RttEstimator keeps the smallest sample", () => {
  const rtt = new RttEstimator();
  const smallest = [100, 90, 95, 80].map((sample) => {
    rtt.update(sample, 0, 0);
    return rtt.min;
  });
  assertEquals(smallest, [100, 90, 90, 80]);
});

Deno.test("RttEstimator does not believe an ack delay that would undercut the minimum", () => {
  const rtt = new RttEstimator();
  rtt.update(100, 0, 0);
  rtt.update(110, 20, 0);
  assertAlmostEquals(rtt.smoothed, 101.25);
});

Deno.test("RttEstimator knows the shortest time without the peer's delay", () => {
  const rtt = new RttEstimator();
  const shortest = [[100, 20], [90, 0], [70, 5], [3, 5]].map((sample) => {
    rtt.update(sample[0], sample[1], 0);
    return rtt.shortest;
  });
  assertEquals(shortest, [80, 80, 65, 0]);
});

Deno.test("RttEstimator keeps at least the timer granularity in the probe time-out", () => {
  const rtt = new RttEstimator();
  for (let i = 0; i < 100; i++) rtt.update(0.2, 0, i);
  assertAlmostEquals(rtt.pto(0), 1.2, 1e-6);
});

Deno.test("RttEstimator lets a minimum be replaced after persistent congestion", () => {
  const rtt = new RttEstimator();
  rtt.update(10, 0, 0);
  rtt.resetMin();
  assertEquals(rtt.min, 10);
  rtt.update(80, 0, 0);
  assertEquals(rtt.min, 80);
  rtt.update(90, 0, 0);
  assertEquals(rtt.min, 80);
});

Deno.test("RttEstimator assumes what it is told until there is a sample", () => {
  const rtt = new RttEstimator();
  assert(!rtt.known);
  rtt.assume(600);
  assertEquals([rtt.smoothed, rtt.variance, rtt.pto(25)], [600, 300, 1825]);
  assertEquals([rtt.known, rtt.hasSample, rtt.min], [true, false, Infinity]);
  rtt.update(40, 0, 5);
  assertEquals([rtt.smoothed, rtt.variance, rtt.min], [40, 20, 40]);
  rtt.assume(600);
  assertEquals([rtt.smoothed, rtt.known], [40, true]);
});

Deno.test("RttEstimator.reset forgets the old path", () => {
  const rtt = new RttEstimator();
  rtt.update(10, 0, 0);
  rtt.resetMin();
  rtt.reset();
  assertEquals({ ...rtt }, { ...new RttEstimator() });
  assert(!rtt.hasSample && !rtt.known);
  rtt.assume(70);
  rtt.reset();
  assert(!rtt.known);
  // The minimum is that of the new path's samples.
  for (const sample of [15, 20]) rtt.update(sample, 0, 0);
  assertEquals([rtt.min, rtt.shortest], [15, 15]);
});
