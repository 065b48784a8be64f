import { assert, assertEquals } from "@std/assert";
import type { ConnectionClose } from "./connection.ts";
import type { Stream } from "./streams/stream.ts";
import { decodePacketHeader } from "./packet/packet_header.ts";
import { pattern } from "./testing/bytes.ts";
import { drain, type End, Simulation } from "./testing/simulation.ts";
import { transfer } from "./testing/transfer.ts";

Deno.test("a stream crosses a clean link and the path MTU is found", () => {
  const simulation = new Simulation();
  assertEquals(transfer(simulation, 500_000), pattern(500_000));
  assertEquals(simulation.client.connection.stats.datagramSize, 1472);
  assertEquals(simulation.client.connection.stats.packetsLost, 0);
});

for (
  const [name, link] of Object.entries({
    "loss": { loss: 0.1 },
    "reordering": { reorder: 0.3 },
    "duplication": { duplicate: 0.3 },
    "corruption": { corrupt: 0.1 },
    "everything at once": {
      loss: 0.1,
      reorder: 0.2,
      duplicate: 0.2,
      corrupt: 0.05,
    },
  })
) {
  Deno.test(`a stream arrives whole under ${name}`, () => {
    for (let seed = 1; seed <= 5; seed++) {
      const simulation = new Simulation({ seed, link });
      assertEquals(
        transfer(simulation, 200_000),
        pattern(200_000),
        `seed ${seed}`,
      );
    }
  });
}

Deno.test("both directions and many streams at once keep apart", () => {
  const simulation = new Simulation({ link: { loss: 0.05 }, seed: 7 });
  const { client, server } = simulation;
  const answers = new Map<Stream, number>();
  const opened: Stream[] = [];
  for (let i = 0; i < 12; i++) {
    const stream = client.connection.streams.openStream()!;
    client.connection.streams.write(stream, new Uint8Array([i]));
    client.connection.streams.finish(stream);
    opened.push(stream);
  }
  const done = new Set<Stream>();
  const got = new Map<Stream, number>();
  simulation.runUntil(() => {
    for (const stream of server.incoming) {
      if (answers.has(stream) || stream.receive.available === 0) continue;
      const [index] = drain(server, stream);
      answers.set(stream, index);
      server.connection.streams.setClass(stream, "bulk");
      server.connection.streams.write(
        stream,
        new Uint8Array(20_000 + index).fill(index),
      );
      server.connection.streams.finish(stream);
    }
    opened.forEach((stream, index) => {
      const bytes = drain(client, stream);
      assert(bytes.every((byte) => byte === index));
      got.set(stream, (got.get(stream) ?? 0) + bytes.length);
      if (stream.receive.done) done.add(stream);
    });
    return done.size === opened.length;
  });
  opened.forEach((stream, index) =>
    assertEquals(got.get(stream), 20_000 + index)
  );
  simulation.run(2000);
  assertEquals(client.connection.streams.open, 0);
  assertEquals(server.connection.streams.open, 0);
});

Deno.test("streams beyond the peer's limit open as earlier ones end", () => {
  const simulation = new Simulation();
  const { client, server } = simulation;
  let opened = 0;
  let ended = 0;
  simulation.runUntil(() => {
    while (opened < 100) {
      const stream = client.connection.streams.openStream();
      if (stream === undefined) break;
      client.connection.streams.finish(stream);
      opened++;
    }
    for (const stream of server.incoming.splice(0)) {
      server.connection.streams.read(stream, new Uint8Array(1));
      server.connection.streams.finish(stream);
      ended++;
    }
    return ended === 100;
  });
  assertEquals(opened, 100);
});

Deno.test("a reader that stops reading stops the sender, and nothing else", () => {
  const simulation = new Simulation();
  const { client, server } = simulation;
  const slow = client.connection.streams.openStream()!;
  client.connection.streams.write(slow, pattern(2 << 20));
  simulation.run(5000);
  assertEquals(server.incoming[0].receive.available, 1 << 18);
  const quick = client.connection.streams.openStream()!;
  client.connection.streams.write(quick, pattern(1000));
  simulation.run(1000);
  assertEquals(server.incoming[1].receive.available, 1000);
});

Deno.test("interactive data overtakes bulk data", () => {
  const simulation = new Simulation({ link: { rate: 100, queue: 50_000 } });
  const { client, server } = simulation;
  const bulk = client.connection.streams.openStream()!;
  client.connection.streams.setClass(bulk, "bulk");
  client.connection.streams.write(bulk, pattern(200_000));
  simulation.run(300);
  const urgent = client.connection.streams.openStream()!;
  client.connection.streams.write(urgent, pattern(100));
  const before = server.incoming[0].receive.available;
  simulation.runUntil(() => server.incoming.length === 2);
  assert(server.incoming[0].receive.available - before < 100_000);
});

Deno.test("bulk streams share the link by bytes", () => {
  const simulation = new Simulation({
    link: { rate: 1000, queue: 100_000 },
    serverParameters: {
      initialMaxData: 1 << 26,
      initialMaxStreamData: 1 << 25,
    },
  });
  const { client, server } = simulation;
  for (let i = 0; i < 4; i++) {
    const stream = client.connection.streams.openStream()!;
    client.connection.streams.setClass(stream, "bulk");
    client.connection.streams.write(stream, pattern(4 << 20));
  }
  simulation.run(4000);
  const shares = server.incoming.map((stream) => stream.receive.available);
  const most = Math.max(...shares);
  assert(most > 400_000, `only ${most} bytes`);
  assert(Math.min(...shares) > most - 2 * 65_536, `unfair: ${shares}`);
});

Deno.test("a reset reaches the reader, a stop reaches the writer", () => {
  const simulation = new Simulation({ link: { loss: 0.2 }, seed: 3 });
  const { client, server } = simulation;
  const streams = client.connection.streams;
  const stream = streams.openStream()!;
  streams.write(stream, pattern(1000));
  simulation.runUntil(() => server.incoming.length === 1);
  server.connection.streams.stop(server.incoming[0], 9);
  simulation.runUntil(() => stream.send.stopCode === 9);
  server.connection.streams.reset(server.incoming[0], 8);
  simulation.runUntil(() => stream.receive.resetCode === 8);
  simulation.run(3000);
  assertEquals(streams.open, 0);
  assertEquals(server.connection.streams.open, 0);
});

Deno.test("closing tells the peer the code and the reason, also when packets are lost", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const simulation = new Simulation({ seed, link: { loss: 0.3 } });
    const { client, server } = simulation;
    transfer(simulation, 1000);
    client.connection.close(simulation.now, 5, "that is all");
    assertEquals(client.closed, {
      by: "local",
      code: 5,
      reason: "that is all",
    });
    const reply = server.connection.streams.openStream()!;
    server.connection.streams.write(reply, pattern(30_000));
    simulation.runUntil(() =>
      server.closed !== undefined && client.connection.finished
    );
    const close = server.closed as ConnectionClose | undefined;
    if (close?.by !== "timeout") {
      assertEquals(
        close,
        { by: "peer", code: 5, reason: "that is all" },
        `seed ${seed}`,
      );
    }
  }
});

Deno.test("a silent peer is given up after the idle time-out", () => {
  const simulation = new Simulation();
  transfer(simulation, 1000);
  simulation.filter = () => false;
  const start = simulation.now;
  simulation.client.connection.streams.openStream();
  simulation.runUntil(() => simulation.client.closed !== undefined);
  assertEquals(simulation.client.closed?.by, "timeout");
  assert(
    simulation.now - start <= 35_000,
    `${simulation.now - start} ms`,
  );
});

Deno.test("keep-alive holds an idle connection open", () => {
  const simulation = new Simulation({ client: { keepAlive: true } });
  transfer(simulation, 1000);
  simulation.run(120_000);
  assertEquals(simulation.client.closed, undefined);
  assertEquals(simulation.server.closed, undefined);
});

Deno.test("keys change under load without a pause", () => {
  const simulation = new Simulation({
    rekeyPackets: 20,
    link: { loss: 0.02, reorder: 0.1 },
  });
  const { client } = simulation;
  let changes = 0;
  let phase = 0;
  simulation.filter = (from, bytes) => {
    const { keyPhase } = decodePacketHeader(bytes)!;
    if (from === client && keyPhase !== phase) {
      phase = keyPhase;
      changes++;
    }
    return true;
  };
  assertEquals(transfer(simulation, 1 << 20), pattern(1 << 20));
  assert(changes >= 5, `${changes} changes`);
});

Deno.test("on loopback no more is in flight than the peer's socket holds", () => {
  const simulation = new Simulation({
    client: { loopback: true, datagramCeiling: 65_488 },
    link: { delay: 0.1 },
    serverParameters: {
      initialMaxData: 1 << 24,
      initialMaxStreamData: 1 << 24,
    },
  });
  const { client } = simulation;
  const stream = client.connection.streams.openStream()!;
  client.connection.streams.write(stream, pattern(4 << 20));
  let most = 0;
  simulation.runUntil(() => {
    most = Math.max(most, client.connection.stats.bytesInFlight);
    return (simulation.server.incoming[0]?.receive.available ?? 0) === 4 << 20;
  });
  assert(most <= 212_992, `${most} bytes in flight`);
  assertEquals(client.connection.stats.datagramSize, 65_488);
});

Deno.test("a peer that breaks flow control is cut off with the reason", () => {
  const simulation = new Simulation({
    // The client believes in more credit than the server gave.
    client: { peer: { ...loose() } },
  });
  const { client, server } = simulation;
  const stream = client.connection.streams.openStream()!;
  client.connection.streams.write(stream, pattern(1 << 19));
  simulation.runUntil(() => client.closed !== undefined);
  assertEquals(server.closed?.by, "error");
  assertEquals(client.closed?.by, "peer");
  assertEquals(client.closed?.code, 3);
});

function loose() {
  return {
    maxIdleTimeoutMs: 30_000,
    initialMaxData: 1 << 24,
    initialMaxStreamData: 1 << 24,
    initialMaxStreamsBidi: 100,
    maxAckDelayMs: 25,
    maxDatagramSize: 1472,
    receiveBufferBytes: 212_992,
  };
}

Deno.test("relayed packets arrive as they were, and only while there is room", () => {
  const simulation = new Simulation();
  const { client, server } = simulation;
  transfer(simulation, 100_000);
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
  const stream = client.connection.streams.openStream()!;
  const refill = () => {
    while (client.connection.relayQueued < 64) {
      client.connection.sendRelay(1n, pattern(1100));
    }
    if (stream.send.wantsMore) {
      client.connection.streams.write(stream, pattern(10_000));
    }
  };
  let read = 0;
  simulation.runUntil(() => {
    refill();
    for (const incoming of server.incoming) {
      read += drain(server, incoming).length;
    }
    return server.relayed.length >= 500 && read > 0;
  });
  const relayed = server.relayed.length * 1100;
  assert(read > relayed / 4, `${read} bytes beside ${relayed} relayed`);
  assert(relayed > read / 4, `${relayed} relayed bytes beside ${read}`);
});

Deno.test("a connection with a lower floor sends nothing larger until a probe has passed", () => {
  const floor = { datagramFloor: 1100, datagramCeiling: 1410 };
  const simulation = new Simulation({
    client: floor,
    server: floor,
    link: { mtu: 1100 },
  });
  const { client, server } = simulation;
  assertEquals(client.connection.stats.datagramSize, 1100);
  transfer(simulation, 200_000);
  assertEquals(client.connection.stats.datagramSize, 1100);
  // It moves: the challenges fit as well.
  client.address = { hostname: "198.51.100.7", port: 4444 };
  const stream = client.connection.streams.openStream()!;
  client.connection.streams.write(stream, pattern(50_000));
  simulation.runUntil(() => server.connection.address.port === 4444);
});

Deno.test("an abandoned connection ends without a word", () => {
  const simulation = new Simulation();
  transfer(simulation, 1000);
  const { client } = simulation;
  const sent = client.counters.sent;
  client.connection.abandon("the relay is gone");
  simulation.run(1000);
  assertEquals(client.counters.sent, sent);
  assertEquals(client.closed, {
    by: "path",
    code: 0,
    reason: "the relay is gone",
  });
});

Deno.test("a responder says nothing before the initiator has proved to be alive", () => {
  const simulation = new Simulation();
  const end: End = simulation.server;
  const stream = end.connection.streams.openStream()!;
  end.connection.streams.write(stream, pattern(100));
  assertEquals(
    end.connection.transmit(simulation.now, new Uint8Array(65_507)),
    undefined,
  );
  simulation.runUntil(() => simulation.client.incoming.length === 1);
});
