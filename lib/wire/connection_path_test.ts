/** A connection whose path changes: other addresses, forged ones, a smaller MTU. */

import { assert, assertEquals } from "@std/assert";
import { pattern } from "./testing/bytes.ts";
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

Deno.test("a forged source address draws challenges, not data", () => {
  const { simulation, client, server } = connected();
  const real = client.address;
  client.address = { hostname: "203.0.113.9", port: 999 };
  client.streams.openStream();
  client.open(pattern(100));
  simulation.flush();
  client.address = real;
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
