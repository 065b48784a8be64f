import { assert, assertEquals } from "@std/assert";
import { SendLimits } from "./send_limits.ts";
import { Simulation } from "./testing/simulation.ts";

Deno.test("each limit gets the time for which it held", () => {
  const limits = new SendLimits(1000);
  assertEquals(limits.ms, {
    application: 0,
    flowControl: 0,
    path: 0,
    buffer: 0,
    rate: 0,
  });
  limits.enter(1010, "path");
  limits.enter(1015, "path");
  limits.enter(1030, "flowControl");
  assertEquals(limits.ms, {
    application: 10,
    flowControl: 0,
    path: 20,
    buffer: 0,
    rate: 0,
  });
  limits.enter(1031, "application");
  assertEquals(limits.ms, {
    application: 10,
    flowControl: 1,
    path: 20,
    buffer: 0,
    rate: 0,
  });
});

/** The limit that held longest while 4 MB were being sent. */
function longest(simulation: Simulation, read = true): string {
  const { client, server } = simulation;
  client.open(new Uint8Array(4_000_000), true);
  const before = client.stats.limitedMs;
  for (let i = 0; i < 400; i++) {
    simulation.run(5);
    if (!read) continue;
    for (const stream of server.incoming) server.drain(stream);
    if (server.incoming[0]?.receive.done) break;
  }
  const { limitedMs } = client.stats;
  const [[limit]] = Object.entries(limitedMs).map(([name, ms]) =>
    [name, ms - before[name as keyof typeof before]] as const
  ).sort(([, one], [, other]) => other - one);
  return limit;
}

Deno.test("a sender knows what holds it back: the path", () => {
  assertEquals(longest(new Simulation({ link: { rate: 2000 } })), "path");
});

Deno.test("a sender knows what holds it back: the peer's socket, on a short path", () => {
  const credit = { initialMaxData: 2 ** 30, initialMaxStreamData: 2 ** 30 };
  const short = new Simulation({
    link: { delay: 0.3 },
    serverParameters: { ...credit, receiveBufferBytes: 50_000 },
  });
  assertEquals(longest(short), "buffer");
});

Deno.test("a sender knows what holds it back: the credit of a peer that does not read", () => {
  const limits = { initialMaxData: 100_000, initialMaxStreamData: 1_000_000 };
  const ofAll = new Simulation({ serverParameters: limits });
  assertEquals(longest(ofAll, false), "flowControl");
  const ofOne = new Simulation({
    serverParameters: {
      initialMaxData: 1_000_000,
      initialMaxStreamData: 100_000,
    },
  });
  assertEquals(longest(ofOne, false), "flowControl");
});

Deno.test("a sender knows what holds it back: that there is nothing to send", () => {
  const simulation = new Simulation();
  const { client } = simulation;
  const stream = client.open(new Uint8Array(10));
  for (let i = 0; i < 100; i++) {
    simulation.run(10);
    client.streams.write(stream, new Uint8Array(10));
  }
  simulation.run(10);
  const { application, flowControl, path } = client.stats.limitedMs;
  assert(application > 900 && flowControl === 0 && path < 100);
});

Deno.test("a stream that is given up is not waited with", () => {
  const simulation = new Simulation({
    serverParameters: { initialMaxStreamData: 1000 },
  });
  const { client } = simulation;
  const stream = client.open(new Uint8Array(5000));
  simulation.run(100);
  client.streams.reset(stream, 1);
  simulation.run(100);
  const { flowControl } = client.stats.limitedMs;
  client.open(new Uint8Array(10), true);
  simulation.run(5000);
  assertEquals(client.stats.limitedMs.flowControl, flowControl);
});

Deno.test("both ends count what was lost, late and sent again", () => {
  const simulation = new Simulation({ link: { rate: 5000 }, seed: 3 });
  const { client, server } = simulation;
  client.link.loss = 0.05;
  client.open(new Uint8Array(2_000_000), true);
  simulation.runUntil(() => {
    for (const stream of server.incoming) server.drain(stream);
    return server.incoming[0]?.receive.done ?? false;
  });
  simulation.run(1000);
  const sent = client.stats;
  const got = server.stats;
  const share = sent.packetsLost / sent.packetsSent;
  assert(share > 0.03 && share < 0.08, `${share}`);
  assertEquals(sent.packetsLate, 0);
  assert(sent.bytesRetransmitted > 2_000_000 * 0.03);
  assert(sent.bytesRetransmitted < 2_000_000 * 0.09);
  assertEquals(sent.bytesSent, client.counters.bytes);
  // What was sent after the last packet that came is not missed.
  const missed = sent.packetsSent - got.packetsReceived - got.packetsMissing;
  // A number that was left out is missed, too.
  assert(missed >= -2 && missed < 3, `${missed}`);
  assertEquals(got.packetsLost, 0);
  assert(got.bytesReceived > 2_000_000);
});

Deno.test("a packet that is only late is told from one that is lost", () => {
  const simulation = new Simulation({
    link: { rate: 5000, reorder: 0.05, delay: 30 },
    seed: 4,
  });
  const { client, server } = simulation;
  client.open(new Uint8Array(1_000_000), true);
  simulation.runUntil(() => {
    for (const stream of server.incoming) server.drain(stream);
    return server.incoming[0]?.receive.done ?? false;
  });
  simulation.run(1000);
  const { packetsLost, packetsLate } = client.stats;
  assert(packetsLost > 0);
  assertEquals(packetsLate, packetsLost);
});
