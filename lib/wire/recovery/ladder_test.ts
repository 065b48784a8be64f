/**
 * What transfers get of links of many kinds, with the product's own
 * connections at both ends on a virtual clock. `deno task bench:links` measures
 * the same at full rate and length.
 */

import { assert, assertEquals } from "@std/assert";
import { LinkSimulation } from "../testing/link_simulation.ts";
import {
  requestP99,
  type RungFigures,
  RUNGS,
  runRung,
} from "../testing/rungs.ts";
import type { CongestionAlgorithm } from "../packet/congestion_algorithm.ts";

/**
 * Fast links are slowed down to this, in Mbit/s, with their delays: it is the
 * time of the test.
 */
const RATE_MAX = 20;
/** Links on which so much gets lost that small requests are sent more than once. */
const LOSSY = ["4g", "aspera", "loss-10", "loss-20", "loss-30"];
const SEED = Number(Deno.env.get("LADDER_SEED") ?? 1);

/** Runs a rung and says how to repeat it when it is not as expected. */
function ladder(
  word: keyof typeof RUNGS,
  expected: (figures: RungFigures) => void,
  congestion: CongestionAlgorithm = "bbr",
  seconds = 12,
): void {
  const rung = RUNGS[word];
  const rate = Math.min(RATE_MAX, rung.link.rate);
  const figures = runRung(
    { ...rung, link: { ...rung.link, rate } },
    congestion,
    1000 * seconds,
    SEED,
  );
  try {
    assertEquals(figures.closes, []);
    expected(figures);
  } catch (error) {
    console.log(
      `LADDER_SEED=${SEED}: ${word}, ${congestion}: ${JSON.stringify(figures)}`,
    );
    throw error;
  }
}

/**
 * Least share of the link after the first seconds: what is lost and headers
 * take the rest.
 */
const SHARES = {
  clean: 0.93,
  wifi: 0.91,
  wan: 0.92,
  "4g": 0.88,
  aspera: 0.85,
  dsl: 0.75,
  "loss-10": 0.76,
  "loss-20": 0.62,
  "loss-30": 0.45,
  bloat: 0.92,
  shallow: 0.75,
  jitter: 0.92,
  reorder: 0.92,
};

for (const [word, share] of Object.entries(SHARES)) {
  Deno.test(`BBR fills ${RUNGS[word].name}`, () =>
    ladder(word, ({ steadyShare }) => assert(steadyShare > share)));
}

Deno.test("BBR keeps queues and its own overflow small where there is no other loss", () => {
  for (const word of ["clean", "bloat"]) {
    const { link } = RUNGS[word];
    ladder(word, ({ queueMs, overflowed }) => {
      assert(queueMs < 3 * link.delay);
      assert(overflowed < 0.01);
    });
  }
});

Deno.test("BBR does not take what overflows on a local network for losses of the path", () => {
  const figures = runRung(RUNGS.lan, "bbr", 500, SEED);
  assert(figures.overflowed < 0.02, JSON.stringify(figures));
});

Deno.test("CUBIC fills a clean link and fills queues", () => {
  ladder("clean", ({ steadyShare }) => assert(steadyShare > 0.9), "cubic");
  ladder("bloat", ({ queueMs }) => assert(queueMs > 300), "cubic");
});

Deno.test("half of the link is in use within ten round trips", () => {
  for (const word of ["clean", "wifi", "4g", "reorder"]) {
    ladder(word, ({ halfAfterRtts }) => assert(halfAfterRtts < 10), "bbr", 4);
  }
});

Deno.test("two BBR flows come to share a link, and leave a CUBIC flow its part", () => {
  ladder("two", ({ fairness }) => assert(fairness > 0.85), "bbr", 40);
  ladder("two-shallow", ({ fairness }) => assert(fairness > 0.85), "bbr", 40);
  ladder(
    "beside-cubic",
    ({ shares: [bbr, cubic] }) => {
      assert(bbr > 0.2);
      assert(cubic > 0.15);
    },
    "bbr",
    40,
  );
});

Deno.test("a small request does not wait for the bulk beside it", () => {
  for (const word of ["clean", "wifi", "wan", "bloat", "shallow", ...LOSSY]) {
    const bound = 2 * 2 * RUNGS[word].link.delay + 50;
    ladder(word, (figures) => assert(requestP99(figures) <= bound));
  }
  ladder("clean", (figures) => assert(requestP99(figures) <= 130), "cubic");
});

Deno.test("transfers survive a smaller MTU, an outage and a longer path under way", () => {
  ladder("black-hole", ({ steadyShare }) => assert(steadyShare > 0.8));
  ladder("blackout", ({ steadyShare }) => assert(steadyShare > 0.5), "bbr", 30);
  ladder("rtt-jump", ({ shares: [share] }) => assert(share > 0.6), "bbr", 40);
});

Deno.test("a path that becomes slower is not flooded", () => {
  const simulation = new LinkSimulation({
    down: { rate: 20, delay: 20 },
    flows: [{ congestion: "bbr" }],
    seed: SEED,
  });
  simulation.at(5000, () => simulation.down.options.rate = 5);
  simulation.run(12_000);
  const before = { ...simulation.down.counters };
  simulation.run(25_000);
  const { datagrams, overflowed } = simulation.down.counters;
  assert(
    overflowed - before.overflowed < 0.03 * (datagrams - before.datagrams),
  );
  assert(simulation.flows[0].rate(12_000, 25_000) > 0.85 * 5);
});

Deno.test("a tunnel on a loopback address is searched for its MTU, however full it is", () => {
  const link = { rate: 20, delay: 5, mtu: 1500 };
  const simulation = new LinkSimulation({
    down: link,
    up: { ...link, rate: Infinity },
    flows: [{ congestion: "bbr" }],
    seed: SEED,
    connection: { datagramCeiling: () => 61_440 },
  });
  simulation.run(4000);
  const [{ server }] = simulation.flows;
  assertEquals(server.connection.stats.datagramSize, 1472);
});

Deno.test("a window of three large datagrams survives loss without waiting for probe time-outs", () => {
  const rate = (loss: number) => {
    const simulation = new LinkSimulation({
      down: { rate: 4000, delay: 0.1, queue: 212_992, loss },
      up: { delay: 0.1, loss },
      flows: [{ congestion: "bbr" }],
      seed: SEED,
      connection: { datagramCeiling: () => 65_507 },
    });
    simulation.run(2000);
    // The first second may pass with a first packet that is lost.
    return simulation.flows[0].rate(1000, 2000);
  };
  assert(rate(0.005) > 0.8 * rate(0));
});

Deno.test("a transfer of some size ends, with every byte, on a link with every fault", () => {
  const bytes = 4 << 20;
  const link = {
    rate: 20,
    delay: 20,
    loss: 0.05,
    reorder: 0.02,
    duplicate: 0.01,
    corrupt: 0.001,
    jitter: 5,
  };
  for (let seed = SEED; seed < SEED + 5; seed++) {
    const simulation = new LinkSimulation({
      down: link,
      up: { ...link, rate: Infinity },
      flows: [{ congestion: "bbr", bytes }],
      seed,
    });
    simulation.run(60_000);
    const [flow] = simulation.flows;
    assert(flow.doneAt < 10_000, `LADDER_SEED=${seed}: ${flow.doneAt}`);
    assertEquals([flow.received, flow.closes], [bytes, []]);
  }
});
