import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Bbr } from "./bbr.ts";
import type { BbrState } from "./bbr_gains.ts";
import {
  CongestionPath,
  PACKET as SIZE,
} from "../../testing/congestion_path.ts";

/** A path with a BBR sender that notes the states it passes. */
function bbrPath(rate: number) {
  const path = new CongestionPath(new Bbr(SIZE), rate);
  const states = new Set<BbrState>();
  path.onStep = () => states.add(path.control.state);
  return { path, bbr: path.control, states };
}

Deno.test("Bbr finds the bandwidth and drains the queue of start-up", () => {
  const { path, bbr, states } = bbrPath(1200);
  assertEquals(bbr.state, "startup");
  path.run(1500);
  assertAlmostEquals(bbr.bandwidth / 1200, 1, 0.15);
  assert(bbr.state.startsWith("probe_bw"));
  assert(states.has("drain"));
  const bdp = 1200 * 40;
  assert(bbr.window < 3 * bdp);
});

Deno.test("Bbr probes for bandwidth and follows it when it grows", () => {
  const { path, bbr, states } = bbrPath(300);
  path.run(2000);
  path.rate = 900;
  path.run(20_000);
  assert(bbr.bandwidth > 800, `${bbr.bandwidth}`);
  for (const phase of ["down", "cruise", "refill", "up"] as const) {
    assert(states.has(`probe_bw_${phase}`));
  }
});

Deno.test("Bbr gives bandwidth up within two probing cycles when it shrinks", () => {
  const { path, bbr } = bbrPath(900);
  path.run(2000);
  path.rate = 300;
  path.run(15_000);
  assert(bbr.bandwidth < 360, `${bbr.bandwidth}`);
});

Deno.test("Bbr does not enter ProbeRTT on a path that keeps showing its minimum", () => {
  const { path, states } = bbrPath(1200);
  path.run(15_000);
  assert(!states.has("probe_rtt"));
});

Deno.test("Bbr enters ProbeRTT, and leaves it, when the RTT has risen for good", () => {
  const { path, bbr, states } = bbrPath(1200);
  path.run(2000);
  path.delay = 90;
  path.run(20_000);
  assert(states.has("probe_rtt"));
  assert(bbr.state !== "probe_rtt");
  assertAlmostEquals(bbr.bandwidth / 1200, 1, 0.15);
  assert(bbr.window > 1200 * 90);
});

Deno.test("Bbr falls to two datagrams on persistent congestion and recovers at its bandwidth", () => {
  const { path, bbr } = bbrPath(1200);
  path.run(2000);
  const before = bbr.window;
  path.lose(SIZE, true);
  assertEquals(bbr.window, 2 * SIZE);
  path.run(4000);
  assert(bbr.window > 0.8 * before);
});

Deno.test("Bbr does not react to single losses", () => {
  const { path, bbr } = bbrPath(1200);
  path.run(2000);
  const before = bbr.window;
  path.lose();
  assertEquals(bbr.window, before);
  path.run(2100);
  assertAlmostEquals(bbr.bandwidth / 1200, 1, 0.15);
});

Deno.test("Bbr starts with the initial window and paces it once the RTT is known", () => {
  const bbr = new Bbr(SIZE);
  assertEquals(bbr.window, 12_000);
  assertEquals(bbr.pacingRate(undefined), Infinity);
  assertAlmostEquals(bbr.pacingRate(100), 2.77 * 120);
  bbr.onMtuChange(65_507);
  assertEquals(bbr.window, 131_014);
});

Deno.test("Bbr starts with 32 datagrams when it can spread them over a known round trip", () => {
  const bbr = new Bbr(SIZE, () => 0.5, true);
  assertEquals(bbr.window, 32 * SIZE);
  assertAlmostEquals(bbr.pacingRate(100), 2.77 * 32 * SIZE / 100);
  bbr.onMtuChange(1472);
  assertEquals(bbr.window, 32 * 1472);
  assertEquals(new Bbr(1473, () => 0.5, true).window, 14_720);
});
