/**
 * A connection whose path changes: other addresses, forged ones,
 * a smaller MTU.
 */

import { assert, assertEquals } from "@std/assert";
import type { CongestionAlgorithm } from "./packet/congestion_algorithm.ts";
import { pattern } from "./testing/bytes.ts";
import { LinkSimulation } from "./testing/link_simulation.ts";
import { seededRandom } from "./testing/random.ts";
import { Simulation } from "./testing/simulation.ts";
import { connected } from "./testing/transfer.ts";

Deno.test("the peer is followed to a new address once it answers there", () => {
  const { simulation, client, server } = connected();
  client.address = { hostname: "198.51.100.7", port: 4444 };
  client.open(pattern(5000));
  simulation.runUntil(() => server.connection.address.port === 4444);
  server.open(pattern(5000));
  simulation.runUntil(() => client.available === 5000);
});

Deno.test("a peer that only receives is followed too, small as its packets are", () => {
  const { simulation, client, server } = connected(1000, {
    client: { keepAlive: true },
  });
  simulation.run(1000);
  client.address = { hostname: "198.51.100.7", port: 4444 };
  server.open(pattern(5000));
  simulation.runUntil(() => client.available === 5000);
  assertEquals(server.connection.address.port, 4444);
});

Deno.test("a first packet from elsewhere turns no data to an address that did not shake hands", () => {
  const simulation = new Simulation();
  const { client, server } = simulation;
  const home = client.address;
  client.address = { hostname: "203.0.113.9", port: 999 };
  simulation.runUntil(() => !server.connection.halfOpen);
  assertEquals(server.connection.address.port, home.port);
  server.open(pattern(100_000));
  client.address = home;
  const to = new Set<number>();
  let bytes = 0;
  const out = new Uint8Array(65_507);
  for (;;) {
    const sent = server.connection.transmit(simulation.now, out);
    if (sent === undefined) break;
    to.add(sent.to.port);
    if (sent.to.port === 999) bytes += sent.length;
  }
  assert(to.has(home.port));
  assert(bytes <= 3 * client.counters.bytes, `${bytes} bytes`);
});

Deno.test("a forged source address draws no more than three times what came from it", () => {
  const { simulation, client, server } = connected();
  const real = client.address;
  server.open(pattern(200_000));
  simulation.run(200);
  let bytes = 0;
  simulation.filter = (_from, { length }, to) => {
    if (to.port === 999) bytes += length;
    return true;
  };
  client.address = { hostname: "203.0.113.9", port: 999 };
  client.open(pattern(3000));
  const before = client.counters.bytes;
  simulation.flush();
  const forged = client.counters.bytes - before;
  client.address = real;
  simulation.run(10);
  assert(bytes > 1000, `${bytes} bytes for ${forged}`);
  assert(bytes <= 3 * forged, `${bytes} bytes for ${forged}`);
  client.open(pattern(100));
  simulation.run(10_000);
  assertEquals(server.connection.address.port, real.port);
});

Deno.test("a path that stops carrying large datagrams is survived", () => {
  const { simulation, client, server } = connected(200_000);
  assertEquals(client.stats.datagramSize, 1472);
  for (const end of [client, server]) end.link.mtu = 1300;
  client.open(pattern(100_000));
  simulation.runUntil(() =>
    server.incoming.some((s) => s.receive.available === 100_000)
  );
  assert(client.stats.datagramSize <= 1300);
});

/** When an end of a transfer moves, in milliseconds. */
const MOVE = 5000;
/**
 * Milliseconds in which an end that owes no acknowledgement notices that
 * nothing comes any more, and shows where it is: 3 PTO, and a round trip.
 */
const NOTICED = 600;

/** A transfer whose client or server gets another port, or another address too. */
function moveUnderWay(
  congestion: CongestionAlgorithm,
  end: "client" | "server",
  rebound: boolean,
) {
  const simulation = new LinkSimulation({
    down: { rate: 20, delay: 20 },
    flows: [{ congestion }],
  });
  simulation.at(MOVE, () => {
    const moving = simulation.flows[0][end];
    const { hostname } = moving.address;
    moving.address = {
      hostname: rebound ? hostname : "198.51.100.7",
      port: 4444,
    };
  });
  const received = (until: number) => {
    simulation.run(until);
    return simulation.flows[0].received;
  };
  const earlier = received(MOVE - 2000);
  const before = received(MOVE) - earlier;
  let [standStill, last, lastAt] = [0, 0, 0];
  for (let now = MOVE; now <= MOVE + 1500; now += 10) {
    if (received(now) > last) [last, lastAt] = [received(now), now];
    standStill = Math.max(standStill, now - lastAt);
  }
  const start = received(MOVE + 1500);
  const after = received(MOVE + 3500) - start;
  const { address, stats } = simulation.flows[0].server.connection;
  return { before, after, standStill, address, stats };
}

for (const congestion of ["bbr", "cubic"] as const) {
  for (const end of ["client", "server"] as const) {
    for (const rebound of [true, false]) {
      const what = rebound ? "port" : "address";
      Deno.test(`${congestion}: full rate is back after 1.5 s when the ${end} gets another ${what}`, () => {
        const run = moveUnderWay(congestion, end, rebound);
        const { before, after, standStill, address, stats } = run;
        assert(after > 0.95 * before, `${after} of ${before} bytes`);
        assert(standStill < NOTICED, `${standStill} ms`);
        assertEquals(address.port === 4444, end === "client");
        assertEquals(stats.datagramSize, 1472);
      });
    }
  }
}

Deno.test("a transfer ends whole whichever end moves, whenever and how often, and what is lost meanwhile", () => {
  const bytes = 4 << 20;
  const first = Number(Deno.env.get("LADDER_SEED") ?? 1);
  for (let seed = first; seed < first + 5; seed++) {
    const random = seededRandom(seed);
    const simulation = new LinkSimulation({
      down: { rate: 20, delay: 20, loss: 0.02, reorder: 0.02 },
      up: { delay: 20, loss: 0.02, duplicate: 0.02 },
      flows: [{ congestion: seed % 2 === 0 ? "bbr" : "cubic", bytes }],
      seed,
    });
    // Two that move at once lose each other.
    const moves = random() < 0.5 ? "client" : "server";
    let port = 5000;
    const disturb = () => {
      const [flow] = simulation.flows;
      const end = moves === "client" ? flow.client : flow.server;
      const hostname = random() < 0.5
        ? end.address.hostname
        : `198.51.100.${port % 250}`;
      const kind = Math.floor(3 * random());
      if (kind < 2) end.address = { hostname, port: port++ };
      const link = random() < 0.5 ? simulation.up : simulation.down;
      link.options.down = kind === 2;
      simulation.at(simulation.now + 200 + 800 * random(), () => {
        link.options.down = false;
      });
      simulation.at(simulation.now + 300 + 900 * random(), disturb);
    };
    simulation.at(300, disturb);
    simulation.run(120_000);
    const [{ received, closes, doneAt }] = simulation.flows;
    const detail = `LADDER_SEED=${seed}: ${received} bytes, ${closes}`;
    assert(doneAt < Infinity, detail);
    assertEquals([received, closes], [bytes, []], detail);
  }
});
