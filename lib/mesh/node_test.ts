import { assert, assertEquals, assertRejects } from "@std/assert";
import { PeerClosedError, StreamResetError, TimeoutError } from "../errors.ts";
import { LinkProxy } from "../../tests/support/link_proxy.ts";
import { unless, withoutIpv6 } from "../../tests/support/unless.ts";
import { PacketProtection } from "../wire/mod.ts";
import { pattern } from "../wire/testing/bytes.ts";
import { formatAddress } from "./address.ts";
import { ephemeralIdentity } from "./identity.ts";
import { Node } from "./node.ts";
import {
  attachOptions,
  echo,
  exchange,
  listen,
  plainSocket,
  PSK,
  readAll,
  send,
} from "./testing/echo_node.ts";

for (
  const [address, obstacle] of [["127.0.0.1:0"], ["[::1]:0", withoutIpv6]]
) {
  const name = `streams cross real sockets on ${address}`;
  Deno.test(unless(obstacle, name), async () => {
    await using node = await listen(echo, { address });
    await using session = await Node.attach(attachOptions(node));
    const sizes = [0, 1, 1200, 65_536, 3_000_000];
    await Promise.all(sizes.map(async (size) => {
      assertEquals(await exchange(session, pattern(size)), pattern(size));
    }));
    assert(session.stats.datagramSize > 1200);
  });
}

Deno.test("both ends may send with BBR", async () => {
  const congestion = "bbr";
  await using node = await listen(echo, { congestion });
  const options = { ...attachOptions(node), congestion } as const;
  await using session = await Node.attach(options);
  const bytes = pattern(3_000_000);
  assertEquals(await exchange(session, bytes), bytes);
});

Deno.test("an IPv4 peer reaches a socket that is bound to an IPv4-mapped address", async () => {
  await using node = await listen(echo, { address: "[::ffff:127.0.0.1]:0" });
  await using session = await Node.attach({
    ...attachOptions(node),
    address: `127.0.0.1:${node.address.port}`,
  });
  assertEquals(await exchange(session, pattern(10)), pattern(10));
});

Deno.test("a peer with the wrong PSK, the wrong key, or without permission hears nothing", async () => {
  const friend = ephemeralIdentity();
  let sessions = 0;
  await using node = await listen((session) => {
    sessions++;
    return echo(session);
  }, {
    allow: (key) => key.every((byte, i) => byte === friend.x25519Public[i]),
  });
  const options = { ...attachOptions(node), identity: friend };
  const wrong = [
    { psk: new Uint8Array(32) },
    { publicKey: ephemeralIdentity().x25519Public },
    { identity: ephemeralIdentity() },
  ];
  for (const change of wrong) {
    await assertRejects(
      () => Node.attach({ ...options, ...change, connectTimeoutMs: 400 }),
      TimeoutError,
      "no answer from 127.0.0.1",
    );
  }
  assertEquals(sessions, 0);
  await using session = await Node.attach(options);
  assertEquals(session.remote.nodeId, node.nodeId);
});

Deno.test("bytes of a stranger draw no answer whatever they are", async () => {
  await using node = await listen();
  const { socket } = plainSocket();
  const { hostname, port } = node.address;
  for (let first = 0; first < 256; first++) {
    for (const length of [1, 27, 200, 1200]) {
      const bytes = crypto.getRandomValues(new Uint8Array(length));
      bytes[0] = first;
      await socket.send(bytes, { transport: "udp", hostname, port });
    }
  }
  // The node has read all of it once it has served a session that came later.
  await using session = await Node.attach(attachOptions(node));
  await exchange(session, pattern(10));
  const answer = socket.receive().then(() => "an answer");
  const silence = new Promise((resolve) => setTimeout(resolve, 50, "silence"));
  assertEquals(await Promise.race([answer, silence]), "silence");
  socket.close();
  await answer.catch(() => {});
});

Deno.test("a node with no room says so", async () => {
  await using node = await listen(echo, { maxConnections: 1 });
  await using first = await Node.attach(attachOptions(node));
  assertEquals(first.remote.nodeId, node.nodeId);
  const second = await Node.attach(attachOptions(node));
  const info = await second.closed;
  assertEquals(info.by, "peer");
  assert(info.reason.includes("as many sessions as it may"));
});

Deno.test("sessions that end before they are taken do not pile up", async () => {
  await using node = await Node.listen({
    address: "127.0.0.1:0",
    psk: PSK,
    identity: ephemeralIdentity(),
  });
  for (let i = 0; i < 3; i++) {
    await using session = await Node.attach(attachOptions(node));
    await send(session, pattern(1));
  }
  await using _live = await Node.attach(attachOptions(node));
  for await (const session of node.sessions()) {
    const open = Promise.resolve("open");
    assertEquals(await Promise.race([session.closed, open]), "open");
    break;
  }
});

Deno.test("the keys of all connections are overwritten when their ends are closed", async () => {
  const { seal, erase } = PacketProtection.prototype;
  const used = new Set<PacketProtection>();
  const erased = new Set<PacketProtection>();
  PacketProtection.prototype.seal = function (...packet) {
    used.add(this);
    return seal.apply(this, packet);
  };
  PacketProtection.prototype.erase = function () {
    erased.add(this);
    return erase.apply(this);
  };
  try {
    const node = await listen(echo);
    const sessions = [
      await Node.attach(attachOptions(node)),
      await Node.attach(attachOptions(node)),
    ];
    for (const session of sessions) await exchange(session, pattern(10));
    // One is ended by this side, the other one by the node.
    await sessions[0].close();
    await node.close();
    await sessions[1].close();
  } finally {
    PacketProtection.prototype.seal = seal;
    PacketProtection.prototype.erase = erase;
  }
  assert(used.size >= 4, `${used.size} ends`);
  assertEquals(used.difference(erased).size, 0);
});

Deno.test("closing a node ends its sessions and their streams", async () => {
  const node = await listen();
  const session = await Node.attach({ ...attachOptions(node), keepMs: 0 });
  await exchange(session, pattern(10));
  const stream = await session.openStream();
  await stream.write(pattern(10));
  const reading = assertRejects(
    () => stream.read(new Uint8Array(100), 100),
    PeerClosedError,
    "shutting down",
  );
  await node.close();
  await reading;
  assertEquals((await session.closed).by, "peer");
  await assertRejects(() => session.openStream(), PeerClosedError);
});

Deno.test("what was flushed before the end of a session arrives", async () => {
  await using node = await listen(async (session) => {
    for await (const stream of session.incomingStreams()) {
      await stream.write(pattern(3_000_000));
      stream.finish();
      await readAll(stream);
      await session.flushed();
      await session.close(0, "that was it");
    }
  });
  const options = { ...attachOptions(node), keepMs: 0 };
  await using session = await Node.attach(options);
  const answer = await exchange(session, new Uint8Array(0));
  assertEquals(answer, pattern(3_000_000));
  assertEquals((await session.closed).reason, "that was it");
});

Deno.test("a reset reaches the reader, a stop the writer", async () => {
  await using node = await listen(async (session) => {
    for await (const stream of session.incomingStreams()) {
      await stream.read(new Uint8Array(1), 1);
      stream.reset(42);
      stream.stopSending(43);
    }
  });
  await using session = await Node.attach(attachOptions(node));
  const stream = await session.openStream();
  await stream.write(pattern(1));
  const reset: StreamResetError = await assertRejects(
    () => stream.read(new Uint8Array(1)),
    StreamResetError,
  );
  const stopped: StreamResetError = await assertRejects(async () => {
    for (;;) await stream.write(pattern(1_000_000));
  }, StreamResetError);
  assertEquals([reset.code, stopped.code], [42, 43]);
});

Deno.test("a node that restarted with the same identity ends old sessions at once", async () => {
  const identity = ephemeralIdentity();
  const first = await listen(echo, { identity });
  const address = formatAddress(first.address);
  await using proxy = new LinkProxy({ to: address });
  const session = await Node.attach({
    ...attachOptions(first),
    address: proxy.address,
    keepMs: 0,
  });
  proxy.change({ down: true });
  await first.close();
  await using _second = await listen(echo, { address, identity });
  proxy.change({ down: false });
  const stream = await session.openStream();
  await stream.write(pattern(10));
  assertEquals((await session.closed).by, "reset");
});
