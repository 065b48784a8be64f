/** Two ends that began by way of a relay, and the NATs before them. */

import { assert, assertEquals } from "@std/assert";
import {
  type DirectEnd,
  DirectSimulation,
  type DirectSimulationOptions,
  RELAYED,
} from "./testing/direct_simulation.ts";
import {
  Nat,
  NAT_BEHAVIOURS,
  type NatBehaviour,
  type NatHost,
} from "./testing/nat.ts";

/** When a path is to be found, in milliseconds. */
const FOUND_MS = 2000;

/** What a NAT does: its mapping and its filtering. */
type Kind = readonly [mapping: NatBehaviour, filtering: NatBehaviour];

const KINDS: readonly Kind[] = NAT_BEHAVIOURS.flatMap((mapping) =>
  NAT_BEHAVIOURS.map((filtering) => [mapping, filtering] as const)
);

function behind(
  kind: Kind,
  host: 1 | 2,
  options: { hairpin?: boolean; lifetimeMs?: number } = {},
): NatHost {
  const [mapping, filtering] = kind;
  return {
    address: { hostname: `10.0.${host}.2`, port: 5000 + host },
    nat: new Nat({
      hostname: host === 1 ? "198.51.100.1" : "203.0.113.1",
      mapping,
      filtering,
      ...options,
    }),
  };
}

/** Hosts that everyone reaches. */
const OPEN: readonly [NatHost, NatHost] = [
  { address: { hostname: "198.51.100.1", port: 5001 } },
  { address: { hostname: "203.0.113.1", port: 5002 } },
];

function open(options: Partial<DirectSimulationOptions> = {}) {
  const [client, server] = OPEN;
  return new DirectSimulation({ client, server, ...options });
}

/**
 * Whether there is a way at all: one end's probe must come in where the relay
 * saw the other one, and the answer to it must come back.
 */
function isPossible(a: Kind, b: Kind): boolean {
  const reaches = ([from, back]: Kind, [mapping, filtering]: Kind) => {
    // The other end's mapping for the relay is the one for us as well, and has
    // sent to where the relay saw us.
    const isOpen = filtering === "endpoint" ||
      mapping === "endpoint" &&
        (filtering === "address" || from === "endpoint");
    // Its answer comes from where the probe went only if it has one mapping.
    return isOpen && (back !== "port" || mapping === "endpoint");
  };
  return reaches(a, b) || reaches(b, a);
}

function namesOf(kinds: readonly Kind[]): string {
  return kinds.map(([mapping, filtering]) => `${mapping}/${filtering}`)
    .join(" with ");
}

for (const a of KINDS) {
  for (const b of KINDS) {
    const possible = isPossible(a, b);
    Deno.test(`NATs ${namesOf([a, b])}: ${possible ? "direct within 2 s" : "stays relayed"}`, () => {
      const simulation = new DirectSimulation({
        client: behind(a, 1),
        server: behind(b, 2),
        relayed: { delay: 50 },
      });
      const found = simulation.runUntil(() => simulation.isDirect, FOUND_MS);
      assertEquals(found, possible);
      assertEquals(simulation.isRelayed, !possible);
    });
  }
}

Deno.test("of the pairs of NATs that differ in filtering alone all nine meet", () => {
  for (const a of NAT_BEHAVIOURS) {
    for (const b of NAT_BEHAVIOURS) {
      assert(isPossible(["endpoint", a], ["endpoint", b]));
    }
  }
});

Deno.test("two hosts behind one NAT meet by their inner addresses", () => {
  const nat = new Nat({
    hostname: "198.51.100.1",
    mapping: "port",
    filtering: "port",
  });
  const simulation = new DirectSimulation({
    client: { address: { hostname: "10.0.0.2", port: 5001 }, nat },
    server: { address: { hostname: "10.0.0.3", port: 5002 }, nat },
  });
  assert(simulation.runUntil(() => simulation.isDirect, FOUND_MS));
  const { hostname } = simulation.client.connection.address;
  assertEquals(hostname, "10.0.0.3");
});

for (const hairpin of [true, false]) {
  Deno.test(`hosts behind one NAT that hide their addresses ${hairpin ? "meet by its hairpin" : "stay relayed without a hairpin"}`, () => {
    const nat = new Nat({
      hostname: "198.51.100.1",
      mapping: "endpoint",
      filtering: "port",
      hairpin,
    });
    const simulation = new DirectSimulation({
      client: { address: { hostname: "10.0.0.2", port: 5001 }, nat },
      server: { address: { hostname: "10.0.0.3", port: 5002 }, nat },
      hidesHosts: true,
    });
    const found = simulation.runUntil(() => simulation.isDirect, FOUND_MS);
    assertEquals(found, hairpin);
  });
}

for (const takes of [[true, false], [false, true]] as const) {
  Deno.test(`with takes ${takes} nothing is told and nothing probed`, () => {
    const simulation = open({ takes });
    simulation.runUntil(() => false, 20_000);
    assert(simulation.isRelayed);
    assertEquals(simulation.client.sentTo.size, 0);
    assertEquals(simulation.server.sentTo.size, 0);
  });
}

const sent = ({ connection }: DirectEnd) => connection.stats.bytesRetransmitted;

for (const congestion of ["bbr", "cubic"] as const) {
  Deno.test(`${congestion}: a transfer goes on over the direct path, and no byte is sent again`, () => {
    const simulation = open({
      relayed: { rate: 20, delay: 40 },
      direct: { rate: 200, delay: 10, down: true },
      connection: { congestion },
    });
    const bytes = 30_000_000;
    const { received } = simulation.download(bytes);
    // The relayed path is full when another one is found, in the second round.
    simulation.runUntil(() => false, 4000);
    const { bytesInFlight } = simulation.server.connection.stats;
    assert(bytesInFlight > 100_000, `${bytesInFlight}`);
    for (const link of simulation.direct) link.options.down = false;
    assert(simulation.runUntil(() => simulation.isDirect, 4000 + FOUND_MS));
    assert(received() < bytes / 2);
    // What was in flight by the relay arrives after what was sent later.
    assert(simulation.runUntil(() => received() === bytes, 60_000));
    assertEquals(sent(simulation.server), 0);
    assertEquals(sent(simulation.client), 0);
    assertEquals(simulation.server.connection.stats.datagramSize, 1472);
  });

  Deno.test(`${congestion}: it goes back to the relay when the direct path fails, and asks for no more than was in flight`, () => {
    const simulation = open({
      relayed: { rate: 50, delay: 30 },
      direct: { rate: 50, delay: 15 },
      connection: { congestion },
    });
    const bytes = 30_000_000;
    const { received } = simulation.download(bytes);
    simulation.runUntil(() => received() > 5_000_000, 60_000);
    assert(simulation.isDirect);
    const before = sent(simulation.server);
    const { bytesInFlight } = simulation.server.connection.stats;
    const since = simulation.now;
    for (const link of simulation.direct) link.options.down = true;
    assert(simulation.runUntil(() => simulation.isRelayed, since + 2000));
    assert(simulation.runUntil(() => received() === bytes, 60_000));
    const again = sent(simulation.server) - before;
    // What is sent until the loss is noticed is in flight as well: a window.
    assert(
      again <= 1.5 * bytesInFlight + 3000,
      `${again} bytes again, ${bytesInFlight} were in flight`,
    );
    const { datagramSize } = simulation.server.connection.stats;
    assert(datagramSize <= 1410, `${datagramSize}`);
  });
}

Deno.test("a direct path that is slower than the relay is stayed on", () => {
  const simulation = open({
    relayed: { rate: 50, delay: 5 },
    direct: { rate: 50, delay: 80 },
  });
  simulation.download();
  assert(simulation.runUntil(() => simulation.isDirect, FOUND_MS));
  // Packets by way of the relay go on coming, until the server has followed.
  const since = simulation.now;
  assert(!simulation.runUntil(() => !simulation.isDirect, since + 20_000));
});

Deno.test("a direct path that comes back is used again", () => {
  const simulation = open();
  assert(simulation.runUntil(() => simulation.isDirect, FOUND_MS));
  for (const link of simulation.direct) link.options.down = true;
  const back = simulation.runUntil(() => simulation.isRelayed, 30_000);
  assert(back, "not back at the relay");
  for (const link of simulation.direct) link.options.down = false;
  const since = simulation.now;
  assert(simulation.runUntil(() => simulation.isDirect, since + 20_000));
});

for (const which of ["client", "server"] as const) {
  Deno.test(`when what the ${which} sends directly gets lost, both go back to the relay`, () => {
    const simulation = open();
    const { received } = simulation.download();
    simulation.runUntil(() => simulation.isDirect, FOUND_MS);
    simulation.direct[which === "client" ? 0 : 1].options.down = true;
    const since = simulation.now;
    assert(simulation.runUntil(() => simulation.isRelayed, since + 5000));
    const before = received();
    simulation.runUntil(() => false, since + 8000);
    assert(received() > before);
  });
}

Deno.test("a NAT that forgets its mappings costs the path, not the session", () => {
  const client = behind(["endpoint", "port"], 1);
  const simulation = new DirectSimulation({
    client,
    server: behind(["endpoint", "port"], 2),
  });
  const { received } = simulation.download();
  simulation.runUntil(() => simulation.isDirect, FOUND_MS);
  client.nat!.restart();
  const before = received();
  assert(
    simulation.runUntil(() => received() > before + 1e6, simulation.now + 5000),
  );
  const { client: { closed }, server } = simulation;
  assertEquals([closed, server.closed], [undefined, undefined]);
});

Deno.test("keep-alives keep the mappings of an idle session", () => {
  const lifetimeMs = 30_000;
  const simulation = new DirectSimulation({
    client: behind(["endpoint", "port"], 1, { lifetimeMs }),
    server: behind(["endpoint", "port"], 2, { lifetimeMs }),
  });
  simulation.runUntil(() => simulation.isDirect, FOUND_MS);
  assert(!simulation.runUntil(() => !simulation.isDirect, 600_000));
});

Deno.test("addresses that nobody answers at get few and small packets, and fewer with time", () => {
  const more = [1, 2, 3, 4, 5].map((host) => ({
    hostname: `192.0.2.${100 + host}`,
    port: 9000,
  }));
  const simulation = open({ more, hidesHosts: true });
  const total = (until: number) => {
    simulation.runUntil(() => false, until);
    let [packets, bytes] = [0, 0];
    for (const counts of simulation.client.sentTo.values()) {
      packets += counts.packets;
      bytes += counts.bytes;
    }
    return { packets, bytes };
  };
  const first = total(4000);
  assertEquals(first.packets, 5 * 12);
  assert(first.bytes <= 40 * first.packets, `${first.bytes} bytes`);
  // Rounds at 0, 5, 15, 35, 75, 155, 315 and 615 s.
  assertEquals(total(900_000).packets, 8 * 5 * 12);
  assert(simulation.isRelayed);
});

Deno.test("a path that carries no full datagram is not gone to", () => {
  const simulation = open({ direct: { mtu: 1000 } });
  simulation.runUntil(() => false, 5000);
  assert(simulation.isRelayed);
});

Deno.test("probes that get lost cost the relayed path nothing", () => {
  const simulation = open({
    relayed: { rate: 20, delay: 40 },
    direct: { down: true, delay: 1 },
  });
  const { received } = simulation.download(5_000_000);
  simulation.runUntil(() => received() === 5_000_000, 30_000);
  assertEquals(simulation.server.connection.stats.packetsLost, 0);
  assertEquals(simulation.client.connection.stats.packetsLost, 0);
});

Deno.test("probes that overtake the relayed packets cost these nothing", () => {
  // Answers get lost, so that probing goes on for the whole of a round.
  const simulation = open({
    relayed: { rate: 20, delay: 100 },
    direct: { delay: 1 },
  });
  simulation.drops = (to, from) => to === simulation.client && from !== RELAYED;
  const { received } = simulation.download(5_000_000);
  simulation.runUntil(() => received() === 5_000_000, 30_000);
  assert(simulation.server.sentTo.size > 0);
  assertEquals(simulation.server.connection.stats.packetsLost, 0);
  assertEquals(simulation.client.connection.stats.packetsLost, 0);
});

Deno.test("a packet that somebody forwards to an address of his own moves nothing there", () => {
  const simulation = open();
  simulation.download();
  simulation.runUntil(() => simulation.isDirect, FOUND_MS);
  const his = { hostname: "192.0.2.66", port: 6666 };
  // He is on the way and faster: all comes from his address first.
  const { deliver } = simulation;
  let forwarded = 0;
  simulation.deliver = (to, bytes, from) => {
    if (to === simulation.server && ++forwarded < 500) {
      deliver.call(simulation, to, bytes, his);
    }
    deliver.call(simulation, to, bytes, from);
  };
  const { client, server } = simulation;
  const isHis = ({ connection }: DirectEnd) =>
    connection.address.hostname === his.hostname;
  const until = simulation.now + 30_000;
  assert(!simulation.runUntil(() => isHis(client) || isHis(server), until));
  // Whom he has disturbed goes by the relay for a while.
  assert(simulation.isDirect);
  const got = server.sentTo.get("192.0.2.66:6666");
  assert((got?.bytes ?? 0) <= 3 * 500 * 1472);
});

Deno.test("transfers over paths that lose, reorder and fail end whole", () => {
  const first = Number(Deno.env.get("DIRECT_SEED") ?? 1);
  for (let seed = first; seed < first + 10; seed++) {
    const simulation = new DirectSimulation({
      client: behind(KINDS[seed % 3], 1),
      server: behind(KINDS[(seed >> 1) % 3], 2),
      relayed: { rate: 20, delay: 30, loss: 0.01, reorder: 0.01 },
      direct: { rate: 40, delay: 5 + seed % 40, loss: 0.02, duplicate: 0.01 },
      seed,
    });
    for (let at = 500 + 137 * seed % 900; at < 30_000; at += 1700) {
      simulation.at(at, () => {
        for (const link of simulation.direct) {
          link.options.down = !link.options.down;
        }
      });
    }
    const bytes = 8_000_000;
    const { received } = simulation.download(bytes);
    const done = simulation.runUntil(() => received() === bytes, 120_000);
    const { client, server } = simulation;
    assert(
      done,
      `DIRECT_SEED=${seed}: ${received()} bytes, ${
        JSON.stringify([client.closed, server.closed])
      }`,
    );
  }
});
