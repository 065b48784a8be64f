/** What BBR makes of losses. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Bbr } from "./bbr.ts";
import { CongestionPath, PACKET } from "../../testing/congestion_path.ts";

const lossy = (queue = Infinity) => {
  const path = new CongestionPath(new Bbr(PACKET), PACKET);
  path.queue = queue * PACKET;
  return { path, bbr: path.control };
};

/** Runs until something is so, which it is within ten seconds. */
function runUntil(path: CongestionPath<Bbr>, isSo: () => boolean): void {
  const end = path.now + 10_000;
  while (!isSo()) {
    assert(path.now < end, "it never came");
    path.run(path.now + 1);
  }
}

/** A sender that cruises on a path with a queue of 20 packets. */
function cruising() {
  const { path, bbr } = lossy(20);
  path.run(3000);
  runUntil(path, () => bbr.state === "probe_bw_cruise");
  return { path, bbr };
}

/** Other traffic fills the queue: longer round trips, and losses in every one. */
function crowd(path: CongestionPath<Bbr>): void {
  path.delay = 55;
  path.loses = (n) => n % 8 === 0;
}

Deno.test("Bbr ends start-up by losses of a round that shows a queue, before the rate stops to grow", () => {
  const endOfStartup = (queue: number) => {
    const { path, bbr } = lossy(queue);
    runUntil(path, () => bbr.state !== "startup");
    return path.now;
  };
  assert(endOfStartup(20) < endOfStartup(Infinity) - 100);
});

Deno.test("Bbr needs six losses in a round to end start-up", () => {
  for (const [events, state] of [[5, "startup"], [6, "drain"]] as const) {
    const { path, bbr } = lossy();
    // Two full rounds with a queue, and rates that still grow.
    runUntil(path, () => path.bytesInFlight >= 60 * PACKET);
    for (let i = 0; i < events; i++) path.lose(20 * PACKET);
    for (let i = 0; i < 60 && bbr.state === "startup"; i++) {
      path.run(path.now + 1);
    }
    assertEquals(bbr.state, state);
  }
});

Deno.test("Bbr keeps a short queue from overflowing by more than 2 %", () => {
  for (const queue of [10, 20]) {
    const { path } = lossy(queue);
    path.run(3000);
    const { delivered, overflowed } = path;
    path.run(15_000);
    assert(path.overflowed - overflowed < 0.02 * (path.delivered - delivered));
    assert(path.delivered - delivered > 0.95 * 12_000);
  }
});

Deno.test("Bbr's probe ends when the queue overflows, and it keeps below what has", () => {
  const { path, bbr } = lossy(20);
  path.run(3000);
  let probing = 0;
  let longest = 0;
  let most = 0;
  path.onStep = () => {
    probing = bbr.state === "probe_bw_up" ? probing + 1 : 0;
    longest = Math.max(longest, probing);
    most = Math.max(most, path.bytesInFlight);
    // 40 packets on the way and 20 in the queue, and what is noticed late.
    assert(path.bytesInFlight <= 75 * PACKET);
    if (bbr.state === "probe_bw_cruise") {
      assert(bbr.window <= 46 * PACKET, `${bbr.window / PACKET}`);
    }
  };
  path.run(9000);
  assert(longest > 80 && longest < 4 * 60, `${longest}`);
  // A probe does fill the queue, or it would show nothing.
  assert(most > 58 * PACKET, `${most / PACKET}`);
});

Deno.test("Bbr raises the bound when a path has come to hold more", () => {
  const { path, bbr } = lossy(10);
  path.run(5000);
  const before = bbr.window;
  path.rate = 3 * PACKET;
  path.queue = 100 * PACKET;
  path.run(16_000);
  assertAlmostEquals(bbr.bandwidth / path.rate, 1, 0.05);
  assert(bbr.window > 2.5 * before);
});

Deno.test("Bbr gives way within some rounds when other traffic fills the queue between probes", () => {
  const { path, bbr } = cruising();
  const { bandwidth, window } = bbr;
  crowd(path);
  const since = path.now;
  let least = bandwidth;
  path.onStep = () => least = Math.min(least, bbr.bandwidth);
  path.run(since + 500);
  assert(least < 0.93 * bandwidth, `${least / bandwidth}`);
  assert(bbr.window < window);
  // No further than by 30 % for each round.
  assert(least > 0.3 * bandwidth);
});

Deno.test("Bbr forgets what it has given way when it probes again", () => {
  const { path, bbr } = cruising();
  const { bandwidth } = bbr;
  crowd(path);
  runUntil(path, () => bbr.bandwidth < 0.95 * bandwidth);
  path.delay = 40;
  path.loses = () => false;
  runUntil(path, () => bbr.state === "probe_bw_refill");
  assertAlmostEquals(bbr.bandwidth / bandwidth, 1, 0.05);
});

Deno.test("Bbr takes its bounds back when the losses have proven to be none", () => {
  const { path, bbr } = cruising();
  const { bandwidth } = bbr;
  crowd(path);
  runUntil(path, () => bbr.bandwidth < 0.95 * bandwidth);
  bbr.onSpuriousCongestion();
  assertEquals(bbr.bandwidth, bandwidth);
});

Deno.test("Bbr sends what a path loses by itself on top", () => {
  const { path, bbr } = lossy();
  path.loses = (n) => n % 10 === 3;
  path.run(6000);
  const { delivered } = path;
  path.run(12_000);
  // A tenth of what leaves is lost behind the bottleneck.
  assert(path.delivered - delivered > 0.87 * 6000);
  assertAlmostEquals(
    bbr.pacingRate(40) / bbr.bandwidth,
    { probe_bw_up: 1.25, probe_bw_down: 0.9 }[bbr.state as string] ?? 1.1,
    0.1,
  );
});

Deno.test("Bbr goes on with two datagrams after persistent congestion, and grows back within a second", () => {
  const { path, bbr } = lossy();
  path.run(2000);
  path.lose(PACKET, true);
  assertEquals(bbr.window, 2 * PACKET);
  path.run(3000);
  assert(bbr.window > 40 * PACKET);
  const { window } = bbr;
  path.lose();
  assertEquals(bbr.window, window);
});
