import { LinkSimulation } from "./testing/link_simulation.ts";
import { assert, assertEquals } from "@std/assert";
import type { ConnectionClose } from "./connection_options.ts";
import type { Stream } from "./streams/stream.ts";
import { decodePacketHeader } from "./packet/packet_header.ts";
import { pattern } from "./testing/bytes.ts";
import { type LinkOptions, Simulation } from "./testing/simulation.ts";
import { connected, transfer } from "./testing/transfer.ts";

Deno.test("a stream crosses a clean link and the path MTU is found", () => {
  const simulation = new Simulation();
  assertEquals(transfer(simulation, 500_000), pattern(500_000));
  assertEquals(simulation.client.stats.datagramSize, 1472);
  assertEquals(simulation.client.stats.packetsLost, 0);
});

const links: Record<string, LinkOptions> = {
  loss: { loss: 0.1 },
  reordering: { reorder: 0.3 },
  duplication: { duplicate: 0.3 },
  corruption: { corrupt: 0.1 },
  "all of it": { loss: 0.1, reorder: 0.2, duplicate: 0.2, corrupt: 0.05 },
};
for (const [name, link] of Object.entries(links)) {
  Deno.test(`a stream arrives whole under ${name}`, () => {
    for (let seed = 1; seed <= 5; seed++) {
      const arrived = transfer(new Simulation({ seed, link }), 200_000);
      assertEquals(arrived, pattern(200_000), `seed ${seed}`);
    }
  });
}

Deno.test("both directions and many streams at once keep apart", () => {
  const simulation = new Simulation({ link: { loss: 0.05 }, seed: 7 });
  const { client, server } = simulation;
  const opened = Array.from(
    { length: 12 },
    (_, i) => client.open(Uint8Array.of(i), true),
  );
  const answered = new Set<Stream>();
  const got = opened.map(() => 0);
  simulation.runUntil(() => {
    for (const stream of server.incoming) {
      if (answered.has(stream) || stream.receive.available === 0) continue;
      const [index] = server.drain(stream);
      answered.add(stream);
      server.streams.setClass(stream, "bulk");
      const answer = new Uint8Array(20_000 + index).fill(index);
      server.streams.write(stream, answer);
      server.streams.finish(stream);
    }
    opened.forEach((stream, index) => {
      const bytes = client.drain(stream);
      assert(bytes.every((byte) => byte === index));
      got[index] += bytes.length;
    });
    return opened.every(({ receive }) => receive.done);
  });
  assertEquals(got, opened.map((_, index) => 20_000 + index));
  simulation.run(2000);
  assertEquals([client.streams.open, server.streams.open], [0, 0]);
});

Deno.test("streams beyond the peer's limit open as earlier ones end", () => {
  const simulation = new Simulation();
  const { client, server } = simulation;
  let opened = 0;
  simulation.runUntil(() => {
    while (opened < 100) {
      const stream = client.streams.openStream();
      if (stream === undefined) break;
      client.streams.finish(stream);
      opened++;
    }
    for (const stream of server.incoming.splice(0)) {
      server.streams.read(stream, new Uint8Array(1));
      server.streams.finish(stream);
    }
    return opened === 100;
  });
});

Deno.test("a reset reaches the reader, a stop reaches the writer", () => {
  const simulation = new Simulation({ link: { loss: 0.2 }, seed: 3 });
  const { client, server } = simulation;
  const stream = client.open(pattern(1000));
  simulation.runUntil(() => server.incoming.length === 1);
  server.streams.stop(server.incoming[0], 9);
  simulation.runUntil(() => stream.send.stopCode === 9);
  server.streams.reset(server.incoming[0], 8);
  simulation.runUntil(() => stream.receive.resetCode === 8);
  simulation.run(3000);
  assertEquals([client.streams.open, server.streams.open], [0, 0]);
});

Deno.test("closing tells the peer the code and the reason, also when packets are lost", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const link = { loss: 0.3 };
    const { simulation, client, server } = connected(1000, { seed, link });
    const close = { code: 5, reason: "that is all" };
    client.connection.close(simulation.now, close.code, close.reason);
    assertEquals(client.closed, { by: "local", ...close });
    server.open(pattern(30_000));
    simulation.runUntil(() =>
      server.closed !== undefined && client.connection.finished
    );
    if ((server.closed as ConnectionClose | undefined)?.by !== "timeout") {
      assertEquals(server.closed, { by: "peer", ...close }, `seed ${seed}`);
    }
  }
});

Deno.test("a silent peer is given up after the idle time-out", () => {
  const { simulation, client } = connected();
  simulation.filter = () => false;
  const start = simulation.now;
  simulation.runUntil(() => client.closed !== undefined);
  assertEquals(client.closed?.by, "timeout");
  const took = simulation.now - start;
  assert(took <= 35_000, `${took} ms`);
});

Deno.test("ends that have slept longer than the idle time-out go on where they were", () => {
  const { simulation, client, server } = connected();
  client.open(pattern(5000), true);
  simulation.now += 600_000;
  simulation.run(1000);
  assertEquals([client.closed, server.closed], [undefined, undefined]);
  assertEquals(server.drain(server.incoming[1]), pattern(5000));
});

Deno.test("a peer that is gone after a sleep is given up one idle time-out later", () => {
  const { simulation, client } = connected();
  simulation.filter = () => false;
  simulation.now += 600_000;
  const start = simulation.now;
  simulation.runUntil(() => client.closed !== undefined);
  assertEquals(client.closed?.by, "timeout");
  const took = simulation.now - start;
  assert(took >= 25_000 && took <= 35_000, `${took} ms`);
});

Deno.test("keep-alive keeps an idle connection open", () => {
  const { simulation, client, server } = connected(1000, {
    client: { keepAlive: true },
  });
  simulation.run(120_000);
  assertEquals([client.closed, server.closed], [undefined, undefined]);
});

Deno.test("keys change under load without a pause", () => {
  const simulation = new Simulation({
    limits: { rekeyPackets: 20 },
    link: { rate: 500, queue: 50_000, loss: 0.02, reorder: 0.1 },
  });
  const { client } = simulation;
  const phases: number[] = [];
  simulation.filter = (from, bytes) => {
    const { keyPhase } = decodePacketHeader(bytes)!;
    if (from === client && keyPhase !== phases.at(-1)) phases.push(keyPhase);
    return true;
  };
  assertEquals(transfer(simulation, 1 << 20), pattern(1 << 20));
  assert(phases.length > 5, `phases ${phases}`);
});

Deno.test("on loopback no more is in flight than fits the peer's socket buffer", () => {
  const limits = { initialMaxData: 1 << 24, initialMaxStreamData: 1 << 24 };
  const simulation = new Simulation({
    client: { datagramCeiling: () => 65_488 },
    link: { delay: 0.1 },
    serverParameters: limits,
  });
  const { client } = simulation;
  client.open(pattern(4 << 20));
  let most = 0;
  simulation.runUntil(() => {
    most = Math.max(most, client.stats.bytesInFlight);
    return simulation.server.available === 4 << 20;
  });
  assert(most <= 212_992, `${most} bytes in flight`);
  assertEquals(client.stats.datagramSize, 65_488);
});

Deno.test("relayed packets arrive as they were, and only while there is room", () => {
  const { simulation, client, server } = connected(100_000);
  for (let i = 0; i < 3; i++) {
    client.connection.sendRelay(77n, pattern(1100 + i));
  }
  simulation.runUntil(() => server.relayed.length === 3);
  assertEquals(server.relayed[2], { nodeId: 77n, payload: pattern(1102) });
  for (let i = 0; i < 10_000; i++) {
    client.connection.sendRelay(1n, pattern(100));
  }
  simulation.run(5000);
  assert(server.relayed.length <= 3 + 256);
});

Deno.test("relayed packets and the connection's own data share its packets", () => {
  const simulation = new Simulation({ link: { rate: 200, queue: 20_000 } });
  const { client, server } = simulation;
  const stream = client.streams.openStream()!;
  let read = 0;
  simulation.runUntil(() => {
    while (client.connection.relayQueued < 64) {
      client.connection.sendRelay(1n, pattern(1100));
    }
    if (stream.send.wantsMore) client.streams.write(stream, pattern(10_000));
    for (const incoming of server.incoming) {
      read += server.drain(incoming).length;
    }
    return server.relayed.length >= 500 && read > 0;
  });
  const relayed = server.relayed.length * 1100;
  assert(read > relayed / 4, `${read} bytes beside ${relayed} relayed`);
  assert(relayed > read / 4, `${relayed} relayed bytes beside ${read}`);
});

Deno.test("a connection with a lower floor sends nothing larger until a probe has passed", () => {
  const floor = { datagramFloor: 1100, datagramCeiling: () => 1410 };
  const link = { mtu: 1100 };
  const simulation = new Simulation({ client: floor, server: floor, link });
  const { client, server } = simulation;
  assertEquals(client.stats.datagramSize, 1100);
  transfer(simulation, 200_000);
  assertEquals(client.stats.datagramSize, 1100);
  // It moves: the challenges fit as well.
  client.address = { hostname: "198.51.100.7", port: 4444 };
  client.open(pattern(50_000));
  simulation.runUntil(() => server.connection.address.port === 4444);
});

Deno.test("an abandoned connection ends without a CLOSE", () => {
  const { simulation, client } = connected();
  const { sent } = client.counters;
  const reason = "the relay is gone";
  client.connection.abandon(reason);
  simulation.run(1000);
  assertEquals(client.counters.sent, sent);
  assertEquals(client.closed, { by: "path", code: 0, reason });
});

Deno.test("a responder says nothing before the initiator has proved to be alive", () => {
  const simulation = new Simulation();
  const { client, server } = simulation;
  server.open(pattern(100));
  const out = new Uint8Array(65_507);
  assertEquals(server.connection.transmit(simulation.now, out), undefined);
  simulation.runUntil(() => client.incoming.length === 1);
});

Deno.test("a responder assumes the round trip of the handshake until it has measured one", () => {
  const simulation = new Simulation({ link: { delay: 70 } });
  const { server } = simulation;
  assertEquals(server.stats.rttMs, 333);
  simulation.runUntil(() => !server.connection.halfOpen);
  // The simulation begins when the Response has arrived.
  assertEquals(server.stats.rttMs, 70);
  assertEquals(server.stats.minRttMs, Infinity);
});

Deno.test("a sender in slow start is told of every second packet, later of fewer", () => {
  const simulation = new LinkSimulation({
    down: { rate: 50, delay: 20 },
    flows: [{ congestion: "bbr" }],
  });
  /** Packets that an acknowledgement told of from one time to another, on average. */
  const packets = (from: number, to: number): number => {
    simulation.run(from);
    const { datagrams: sent } = simulation.down.counters;
    const { datagrams: acks } = simulation.up.counters;
    simulation.run(to);
    return (simulation.down.counters.datagrams - sent) /
      (simulation.up.counters.datagrams - acks);
  };
  const early = packets(50, 150);
  // They come half a round trip later than what they tell of, of ever more.
  assert(early > 1 && early < 4, `${early}`);
  const late = packets(2000, 3000);
  assert(late > 10 && late < 17, `${late}`);
});
