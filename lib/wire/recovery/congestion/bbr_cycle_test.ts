/** The states of BBR: in which order, how long, and what each may send. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Bbr } from "./bbr.ts";
import { type BbrState, GAINS } from "./bbr_gains.ts";
import { CongestionPath, PACKET } from "../../testing/congestion_path.ts";

/** A change of state, with what was so when it came. */
interface Change {
  readonly state: BbrState;
  readonly at: number;
  readonly inFlight: number;
  readonly window: number;
}

/** A path of one packet for each millisecond, and the changes of its sender. */
function cycles(random = 0.5) {
  const path = new CongestionPath(new Bbr(PACKET, () => random), PACKET);
  const changes: Change[] = [];
  path.onStep = () => {
    const { state, window } = path.control;
    if (state === changes.at(-1)?.state) return;
    const inFlight = path.bytesInFlight / PACKET;
    changes.push({ state, at: path.now, inFlight, window: window / PACKET });
  };
  return { path, bbr: path.control, changes };
}

const CYCLE = [
  "probe_bw_cruise",
  "probe_bw_refill",
  "probe_bw_up",
  "probe_bw_down",
];

/** Changes to a state, each with how long it lasted. */
function stays(changes: readonly Change[], state: BbrState) {
  return changes.flatMap((change, i) =>
    change.state === state && i + 1 < changes.length
      ? [{ ...change, lasted: changes[i + 1].at - change.at }]
      : []
  );
}

Deno.test("Bbr drains start-up's queue, then goes round cruise, refill, up and down", () => {
  const { path, changes } = cycles();
  path.run(12_000);
  const states = changes.map(({ state }) => state);
  const at = states.indexOf("probe_bw_cruise");
  assertEquals(states.slice(0, 2), ["startup", "drain"]);
  assert(at <= 3);
  assert(states.length > at + 12);
  states.slice(at).forEach((state, i) => assertEquals(state, CYCLE[i % 4]));
});

Deno.test("Bbr leaves start-up three rounds after the rate has stopped to grow", () => {
  const { path, bbr, changes } = cycles();
  let fullAt = 0;
  const { onStep } = path;
  path.onStep = () => {
    if (fullAt === 0 && bbr.bandwidth > 0.8 * path.rate) fullAt = path.now;
    onStep();
  };
  path.run(1000);
  const left = changes.find(({ state }) => state === "drain")!.at;
  // With the queue that has formed a round takes twice 40 ms.
  assert(left - fullAt > 3 * 40, `${left - fullAt}`);
  assert(left - fullAt < 4 * 80, `${left - fullAt}`);
});

Deno.test("Bbr ends its drain, and what follows a probe, when only the path is full", () => {
  const { path, changes } = cycles();
  path.run(10_000);
  for (const state of ["drain", "probe_bw_down"] as const) {
    for (const { at, inFlight, lasted } of stays(changes, state)) {
      if (lasted < 10) continue;
      const next = changes.find((change) => change.at === at + lasted)!;
      assert(inFlight > 60, `${state} begins with ${inFlight}`);
      assert(next.inFlight >= 38 && next.inFlight <= 44, `${next.inFlight}`);
    }
  }
  assert(stays(changes, "probe_bw_down").length > 3);
});

Deno.test("Bbr cruises without a queue", () => {
  const { path, bbr } = cycles();
  path.run(3000);
  path.onStep = () => {
    if (bbr.state !== "probe_bw_cruise") return;
    assert(path.bytesInFlight <= 44 * PACKET);
    assert(path.bytesInFlight >= 38 * PACKET);
  };
  path.run(9000);
});

Deno.test("Bbr refills for one round and probes until the rate has not grown for three", () => {
  const { path, changes } = cycles();
  path.run(10_000);
  const refills = stays(changes, "probe_bw_refill");
  const ups = stays(changes, "probe_bw_up");
  assert(refills.length > 3);
  for (const { lasted } of refills) assertAlmostEquals(lasted, 41, 3);
  for (const { lasted } of ups) {
    assert(lasted >= 3 * 41 && lasted < 5 * 41, `${lasted}`);
  }
});

Deno.test("Bbr probes after as many rounds as Reno needs, or after two to three seconds", () => {
  for (
    const { rate, random, least, most } of [
      // A path of 40 packets, in 40 rounds of 40 ms.
      { rate: PACKET, random: 0.5, least: 1600, most: 1900 },
      // Of 80, more than Reno is waited for: in two seconds and a half.
      { rate: 2 * PACKET, random: 0.5, least: 2500, most: 2600 },
      // Of 20, in 20 rounds.
      { rate: PACKET / 2, random: 0.5, least: 780, most: 1100 },
    ]
  ) {
    const { path, changes } = cycles(random);
    path.rate = rate;
    path.run(9000);
    const downs = changes.filter(({ state }) => state === "probe_bw_down");
    const refills = changes.filter(({ state }) => state === "probe_bw_refill");
    assert(refills.length > 1);
    for (const { at } of refills.slice(1)) {
      const down = downs.findLast((change) => change.at < at)!;
      const waited = at - down.at;
      assert(waited >= least && waited <= most, `${rate}: ${waited}`);
    }
  }
});

Deno.test("Bbr paces each state by its gain, 1 % below", () => {
  const { path, bbr } = cycles();
  const seen = new Set<BbrState>();
  path.onStep = () => {
    if (bbr.bandwidth < 600) return;
    seen.add(bbr.state);
    const gain = bbr.pacingRate(40) / bbr.bandwidth / 0.99;
    assertAlmostEquals(gain, GAINS[bbr.state].pacing, 1e-9);
  };
  path.run(5000);
  assertEquals(seen.size, 6);
});

Deno.test("Bbr paces by the first guess of the rate until more is known", () => {
  const { path, bbr } = cycles();
  path.supply = 120;
  path.run(200);
  assert(bbr.bandwidth > 0);
  assert(bbr.inSlowStart);
  assertAlmostEquals(bbr.pacingRate(40), 2.77 * 10 * PACKET / 40);
  path.supply = Infinity;
  path.run(2000);
  assert(!bbr.inSlowStart);
});

Deno.test("Bbr is not held up by the first guess of the rate once it knows better", () => {
  const { path, bbr } = cycles();
  path.rate = 60;
  assertAlmostEquals(bbr.pacingRate(40), 2.77 * 10 * PACKET / 40);
  path.run(8000);
  assert(bbr.pacingRate(40) < 1.3 * 60);
});

Deno.test("Bbr probes for the RTT with half of what the path holds, for 200 ms and a round", () => {
  const { path, bbr, changes } = cycles();
  path.run(2000);
  path.delay = 80;
  let lowSince = 0;
  const { onStep } = path;
  path.onStep = () => {
    onStep();
    if (bbr.state === "probe_rtt") {
      assert(bbr.window <= 21 * PACKET, `${bbr.window / PACKET}`);
      if (path.bytesInFlight <= bbr.window) lowSince ||= path.now;
    }
  };
  path.run(8000);
  const [probe] = stays(changes, "probe_rtt");
  assert(probe.at > 6500 && probe.at < 7500, `${probe.at}`);
  const low = probe.at + probe.lasted - lowSince;
  assert(low > 200 && low <= 200 + 2 * 80, `${low}`);
  const after = changes[changes.findIndex(({ at }) => at === probe.at) + 1];
  assertEquals(after.state, "probe_bw_cruise");
  // The window is back at once.
  assert(after.window > 75, `${after.window}`);
});

Deno.test("Bbr takes no short supply for a slow path", () => {
  const { path, bbr } = cycles();
  path.run(2000);
  path.supply = 120;
  path.run(12_000);
  assertAlmostEquals(bbr.bandwidth / path.rate, 1, 0.05);
  path.supply = Infinity;
  const { delivered } = path;
  path.run(12_500);
  assert(path.delivered - delivered > 420);
});

Deno.test("Bbr stays in start-up while the application is the limit", () => {
  const { path, bbr } = cycles();
  path.supply = 120;
  path.run(3000);
  assertEquals(bbr.state, "startup");
  path.supply = Infinity;
  path.run(4000);
  assertAlmostEquals(bbr.bandwidth / path.rate, 1, 0.05);
});

Deno.test("Bbr keeps the window at two larger datagrams after start-up", () => {
  const { path, bbr } = cycles();
  path.run(2000);
  bbr.onMtuChange(60_000);
  assertEquals(bbr.window, 120_000);
  path.run(2100);
  bbr.onMtuChange(1400);
  assert(bbr.window > 2 * 1400);
});
