/** Transfers over a link that is dead for a while, in one direction or both. */

import { assert, assertEquals } from "@std/assert";
import type { LinkOptions } from "./testing/link.ts";
import { LinkSimulation } from "./testing/link_simulation.ts";
import { pattern } from "./testing/bytes.ts";
import { Simulation } from "./testing/simulation.ts";
import { connected } from "./testing/transfer.ts";

const SEED = Number(Deno.env.get("LADDER_SEED") ?? 1);
/** When the link dies, in milliseconds. */
const START = 3000;
/** Bytes of each transfer: it ends some seconds after the outage. */
const BYTES = 6 << 20;

interface Outage {
  seconds: number;
  dead: "both" | "down" | "up";
  link?: Partial<LinkOptions>;
  congestion?: "bbr" | "cubic";
  seed?: number;
}

/** Runs a transfer with an outage under way. */
function transferThrough(
  { seconds, dead, link = {}, congestion = "bbr", seed = SEED }: Outage,
) {
  const simulation = new LinkSimulation({
    down: { rate: 10, delay: 20, ...link },
    up: { delay: 20, ...link, rate: Infinity },
    flows: [{ congestion, bytes: BYTES }],
    seed,
  });
  const [down, up] = [simulation.down.options, simulation.up.options];
  const set = (value: boolean) => {
    if (dead !== "up") down.down = value;
    if (dead !== "down") up.down = value;
  };
  const figures = { standStill: 0, arrived: 0, inFlight: 0 };
  simulation.at(1, () => {
    const [flow] = simulation.flows;
    const { streams } = flow.client.connection;
    const onStream = streams.onStream.bind(streams);
    let [last, lastAt] = [0, 0];
    streams.onStream = (id, offset, data, fin, owned) => {
      figures.arrived += data.length;
      onStream(id, offset, data, fin, owned);
      if (flow.received === last) return;
      const gap = simulation.now - lastAt;
      figures.standStill = Math.max(figures.standStill, gap);
      [last, lastAt] = [flow.received, simulation.now];
    };
  });
  const end = START + 1000 * seconds;
  simulation.at(START, () => {
    set(true);
    const { stats } = simulation.flows[0].server.connection;
    figures.inFlight = stats.bytesInFlight;
  });
  simulation.at(end, () => set(false));
  simulation.run(end + 60_000);
  const [flow] = simulation.flows;
  return { ...figures, flow, end, simulation };
}

const OUTAGES: readonly [number, Outage["dead"]][] = [
  [5, "both"],
  [20, "both"],
  [28, "both"],
  [60, "both"],
  [20, "down"],
  [20, "up"],
];

for (const congestion of ["bbr", "cubic"] as const) {
  for (const [seconds, dead] of OUTAGES) {
    const what = dead === "both" ? "nothing passes" : `${dead} is dead`;
    Deno.test(`${congestion}: a transfer goes on by itself when ${what} for ${seconds} s`, () => {
      const run = transferThrough({ seconds, dead, congestion });
      const { flow, end, standStill, arrived, inFlight } = run;
      assertEquals([flow.received, flow.closes], [BYTES, []]);
      assert(standStill <= 1000 * seconds + 3000, `${standStill} ms`);
      assert(flow.doneAt < end + 8000, `${flow.doneAt - end} ms`);
      // Nothing arrives twice but what was in flight.
      assert(arrived - BYTES <= inFlight, `${arrived - BYTES} of ${inFlight}`);
    });
  }
}

Deno.test("a lossy or a long path comes back from an outage as soon", () => {
  const links = [{ loss: 0.1 }, { delay: 150, loss: 0.01 }, { delay: 300 }];
  for (const link of links) {
    for (let seed = SEED; seed < SEED + 3; seed++) {
      const run = transferThrough({ seconds: 20, dead: "both", link, seed });
      const { flow, standStill } = run;
      const detail = `LADDER_SEED=${seed}: ${JSON.stringify(link)}`;
      assertEquals([flow.received, flow.closes], [BYTES, []], detail);
      assert(standStill <= 23_000, `${detail}: ${standStill} ms`);
    }
  }
});

Deno.test("the size of datagrams comes back after an outage, too", () => {
  const { flow, simulation } = transferThrough({ seconds: 20, dead: "both" });
  simulation.run(simulation.now + 5000);
  assertEquals(flow.server.connection.stats.datagramSize, 1472);
});

/** A client that has asked for something, and a server that owes it. */
function waiting() {
  const made = connected(100_000);
  const { simulation, client, server } = made;
  client.open(pattern(1), true);
  simulation.run(1000);
  const answer = server.incoming.at(-1)!;
  return { ...made, answer };
}

Deno.test("a peer that owes data and is there is asked ever more rarely", () => {
  const { simulation, client } = waiting();
  const sent: number[] = [];
  for (let i = 0; i < 4; i++) {
    const before = client.counters.sent;
    simulation.run(10_000);
    sent.push(client.counters.sent - before);
  }
  assert(sent[0] >= 2 && sent[0] <= 8, `${sent}`);
  assert(sent[3] <= 1, `${sent}`);
});

Deno.test("who only receives notices by itself that nothing comes, and asks", () => {
  const { simulation, client, server, answer } = waiting();
  server.streams.write(answer, pattern(1000));
  simulation.run(100);
  // Its mapping dies: what the server sends ends nowhere.
  simulation.filter = (from) => from === client;
  const before = client.counters.sent;
  simulation.run(1000);
  assert(client.counters.sent - before >= 2);
  simulation.run(60_000 - 1000);
  // And goes on asking.
  assert(client.counters.sent - before >= 30);
});

Deno.test("a peer that owes nothing is not asked", () => {
  const { simulation, client } = connected(100_000);
  client.open(pattern(100), true);
  simulation.run(1000);
  for (const stream of client.streams.all()) client.streams.stop(stream, 1);
  simulation.run(2000);
  const { sent } = client.counters;
  simulation.run(20_000);
  assertEquals(client.counters.sent, sent);
});

Deno.test("the first sign of life after a silence brings the next probe forward", () => {
  const { simulation, client, server } = connected(100_000);
  simulation.filter = () => false;
  client.open(pattern(1000), true);
  simulation.run(10_000);
  simulation.filter = undefined;
  const { sent } = client.counters;
  // Nothing of the client's is acknowledged by that.
  server.open(pattern(10));
  simulation.runUntil(() => client.counters.sent > sent, 100);
  simulation.runUntil(() => server.incoming.length === 2, 100);
});

const TOKEN = new Uint8Array(16).fill(5);
const resets: Record<string, [(s: Simulation) => void, string, string]> = {
  "has restarted": [(s) => s.run(10_000), "reset", "restarted"],
  "has restarted right after the handshake": [
    (s) => {
      s.filter = () => false;
      s.run(9999);
    },
    "reset",
    "restarted",
  ],
  "never heard of this end": [
    (s) => {
      s.filter = () => false;
      s.run(10_000);
    },
    "timeout",
    "none of our packets",
  ],
  "has been silent for longer than the time-out": [
    (s) => {
      s.run(1000);
      // As after a sleep of the machine: no timer has fired.
      s.now += 30_000;
    },
    "timeout",
    "given the session up",
  ],
};
for (const [what, [happen, by, reason]] of Object.entries(resets)) {
  Deno.test(`a stateless reset of a peer that ${what} is told as that`, () => {
    const simulation = new Simulation({ client: { resetToken: TOKEN } });
    const { client } = simulation;
    client.open(pattern(100), true);
    happen(simulation);
    const { address } = client.connection;
    assert(client.connection.onStatelessReset(simulation.now, TOKEN, address));
    assertEquals(client.closed?.by, by);
    assert(client.closed?.reason.includes(reason), client.closed?.reason);
  });
}
