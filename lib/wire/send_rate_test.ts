import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { CongestionAlgorithm } from "./packet/congestion_algorithm.ts";
import { RateLimit } from "./recovery/rate_limit.ts";
import type { LinkOptions } from "./testing/link.ts";
import { LinkSimulation } from "./testing/link_simulation.ts";

const LINK = { rate: 20, delay: 20 };
/** What the link carries of content, in bytes per second. */
const FULL = 20e6 / 8 * 0.95;

/** Endless flows from holders that share a limit. */
function simulate(
  limit: RateLimit,
  flows = 1,
  link: Partial<LinkOptions> = LINK,
  congestion: CongestionAlgorithm = "bbr",
): LinkSimulation {
  return new LinkSimulation({
    down: link,
    flows: Array.from({ length: flows }, () => ({ congestion })),
    // Read for each connection: each has a part of its own.
    connection: {
      get rates() {
        return [limit.share()];
      },
    },
  });
}

/** Bytes per second of a flow between two times in seconds. */
function rateOf(
  simulation: LinkSimulation,
  from: number,
  to: number,
  flow = 0,
) {
  return simulation.flows[flow].rate(1000 * from, 1000 * to) * 1e6 / 8;
}

for (const congestion of ["bbr", "cubic"] as const) {
  Deno.test(`a limit on what is sent is kept within 5 %, without a queue (${congestion})`, () => {
    for (const rate of [20_000, 1_000_000]) {
      const simulation = simulate(new RateLimit(rate, 0), 1, LINK, congestion);
      simulation.run(20_000);
      assertAlmostEquals(rateOf(simulation, 2, 20) / rate, 1, 0.05);
      const waits = simulation.down.waits.toSorted((a, b) => a - b);
      assert(waits[Math.floor(0.95 * waits.length)] < 10);
      assertEquals(simulation.down.counters.overflowed, 0);
    }
  });
}

Deno.test("connections share a limit, and what one leaves is for the others", () => {
  const simulation = simulate(new RateLimit(1_000_000, 0), 4);
  simulation.run(15_000);
  const flows = [0, 1, 2, 3];
  const rates = flows.map((flow) => rateOf(simulation, 3, 15, flow));
  const sum = rates.reduce((a, b) => a + b);
  assertAlmostEquals(sum / 1_000_000, 1, 0.05);
  const squares = rates.reduce((sum, rate) => sum + rate ** 2, 0);
  assert(sum ** 2 / (4 * squares) >= 0.95, `${rates}`);
  for (const { server } of simulation.flows.slice(1)) {
    server.connection.close(simulation.now, 0, "");
  }
  simulation.run(25_000);
  assertAlmostEquals(rateOf(simulation, 16, 25) / 1_000_000, 1, 0.05);
});

Deno.test("a holder keeps to what its peer asks for, also under way, and goes on at once", () => {
  const simulation = simulate(new RateLimit(Infinity, 0));
  const wish = (seconds: number, rate: number) =>
    simulation.at(1000 * seconds, () => {
      const [{ client }] = simulation.flows;
      client.connection.limitReceiving(rate, simulation.now);
    });
  wish(8, 100_000);
  wish(20, 400_000);
  wish(32, Infinity);
  simulation.run(32_000);
  const { overflowed } = simulation.down.counters;
  simulation.run(36_000);
  assert(rateOf(simulation, 4, 8) > 0.9 * FULL);
  assertAlmostEquals(rateOf(simulation, 9, 20) / 100_000, 1, 0.05);
  assertAlmostEquals(rateOf(simulation, 21, 32) / 400_000, 1, 0.05);
  assert(rateOf(simulation, 33, 36) > 0.85 * FULL, "the path is still known");
  assert(simulation.down.counters.overflowed < overflowed + 50);
  assertEquals(simulation.flows[0].closes, []);
});

Deno.test("the stricter of a limit and a wish counts", () => {
  const simulation = simulate(new RateLimit(300_000, 0));
  const ask = (at: number, rate: number) =>
    simulation.at(at, () => {
      const [{ client }] = simulation.flows;
      client.connection.limitReceiving(rate, simulation.now);
    });
  ask(1, 100_000);
  ask(12_000, 1_000_000);
  simulation.run(24_000);
  assertAlmostEquals(rateOf(simulation, 1, 12) / 100_000, 1, 0.05);
  assertAlmostEquals(rateOf(simulation, 13, 24) / 300_000, 1, 0.05);
});

Deno.test("a limit of 1000 bytes per second is kept for minutes, lossy path or not", () => {
  for (const loss of [0, 0.02]) {
    const limit = new RateLimit(1000, 0);
    const simulation = simulate(limit, 1, { ...LINK, loss });
    simulation.run(120_000);
    assertAlmostEquals(rateOf(simulation, 5, 120) / 1000, 1, 0.05);
    assertEquals(simulation.flows[0].closes, []);
  }
});

Deno.test("time under a limit is told as such", () => {
  const simulation = simulate(new RateLimit(100_000, 0));
  simulation.run(10_000);
  const { limitedMs } = simulation.flows[0].server.connection.stats;
  assert(limitedMs.rate > 9000, JSON.stringify(limitedMs));
});
