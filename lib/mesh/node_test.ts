import { assert, assertEquals, assertRejects } from "@std/assert";
import { PeerClosedError, StreamResetError, TimeoutError } from "../errors.ts";
import { pattern } from "../wire/testing/bytes.ts";
import { ephemeralIdentity } from "./identity.ts";
import { formatAddress } from "./address.ts";
import { Node } from "./node.ts";
import {
  attachOptions,
  echo,
  listen,
  PSK,
  readAll,
} from "./testing/echo_node.ts";

for (const address of ["127.0.0.1:0", "[::1]:0"]) {
  Deno.test(`streams cross real sockets on ${address}`, async () => {
    await using node = await listen(echo, { address });
    await using session = await Node.attach(attachOptions(node));
    const sizes = [0, 1, 1200, 65_536, 3_000_000];
    await Promise.all(sizes.map(async (size) => {
      const stream = await session.openStream();
      await stream.write(pattern(size));
      stream.finish();
      assertEquals(await readAll(stream), pattern(size));
    }));
    assert((session.stats.datagramSize) > 1200);
  });
}

Deno.test("both ends may send with BBR", async () => {
  await using node = await listen(echo, { congestion: "bbr" });
  await using session = await Node.attach({
    ...attachOptions(node),
    congestion: "bbr",
  });
  const stream = await session.openStream();
  const echoed = readAll(stream);
  await stream.write(pattern(3_000_000));
  stream.finish();
  assertEquals(await echoed, pattern(3_000_000));
});

Deno.test("an IPv4 peer reaches a socket that listens on all addresses", async () => {
  await using node = await listen(echo, { address: "[::]:0" });
  await using session = await Node.attach({
    ...attachOptions(node),
    address: `127.0.0.1:${node.address.port}`,
  });
  const stream = await session.openStream();
  await stream.write(pattern(100_000));
  stream.finish();
  assertEquals(await readAll(stream), pattern(100_000));
});

Deno.test("who has the wrong PSK or the wrong key hears nothing", async () => {
  let sessions = 0;
  await using node = await listen((session) => {
    sessions++;
    return echo(session);
  });
  const wrong = [
    { ...attachOptions(node), psk: new Uint8Array(32) },
    { ...attachOptions(node), publicKey: ephemeralIdentity().x25519Public },
  ];
  for (const options of wrong) {
    await assertRejects(
      () => Node.attach({ ...options, connectTimeoutMs: 600 }),
      TimeoutError,
      "no answer from 127.0.0.1",
    );
  }
  assertEquals(sessions, 0);
});

Deno.test("bytes of a stranger draw no answer whatever they are", async () => {
  await using node = await listen(echo);
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  const to = {
    transport: "udp" as const,
    hostname: "127.0.0.1",
    port: node.address.port,
  };
  for (let first = 0; first < 256; first++) {
    for (const length of [1, 27, 200, 1200]) {
      const bytes = crypto.getRandomValues(new Uint8Array(length));
      bytes[0] = first;
      await socket.send(bytes, to);
    }
  }
  // The node has read all of it once it has served a session that came later.
  await using session = await Node.attach(attachOptions(node));
  const stream = await session.openStream();
  await stream.write(pattern(10));
  stream.finish();
  await readAll(stream);
  const answer = socket.receive().then(() => "an answer");
  const silence = new Promise((resolve) => setTimeout(resolve, 50, "silence"));
  assertEquals(await Promise.race([answer, silence]), "silence");
  socket.close();
  await answer.catch(() => {});
});

Deno.test("a key that is not allowed hears nothing", async () => {
  const friend = ephemeralIdentity();
  await using node = await listen(echo, {
    allow: (key) => key.every((byte, i) => byte === friend.x25519Public[i]),
  });
  await assertRejects(
    () => Node.attach({ ...attachOptions(node), connectTimeoutMs: 400 }),
    TimeoutError,
  );
  await using session = await Node.attach({
    ...attachOptions(node),
    identity: friend,
  });
  assertEquals(session.remote.nodeId, node.nodeId);
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

Deno.test("closing a node ends its sessions and their streams", async () => {
  const node = await listen(echo);
  const session = await Node.attach(attachOptions(node));
  const answered = await session.openStream();
  await answered.write(pattern(10));
  answered.finish();
  await readAll(answered);
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
  await using session = await Node.attach(attachOptions(node));
  const stream = await session.openStream();
  stream.finish();
  assertEquals(await readAll(stream), pattern(3_000_000));
  assertEquals((await session.closed).reason, "that was it");
});

Deno.test("a reset reaches whoever reads, a stop whoever writes", async () => {
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
  const error: StreamResetError = await assertRejects(
    () => stream.read(new Uint8Array(1)),
    StreamResetError,
  );
  assertEquals(error.code, 42);
  const stopped: StreamResetError = await assertRejects(
    async () => {
      for (;;) await stream.write(pattern(1_000_000));
    },
    StreamResetError,
  );
  assertEquals(stopped.code, 43);
});

Deno.test("a node that restarted with the same identity ends old sessions at once", async () => {
  const identity = ephemeralIdentity();
  const first = await Node.listen({
    address: "127.0.0.1:0",
    psk: PSK,
    identity,
  });
  const address = formatAddress(first.address);
  const proxy = await blackoutProxy(first.address.port);
  const session = await Node.attach({
    address: `127.0.0.1:${proxy.port}`,
    publicKey: first.publicKey,
    psk: PSK,
  });
  proxy.blackout = true;
  await first.close();
  await using _second = await Node.listen({ address, psk: PSK, identity });
  proxy.blackout = false;
  const stream = await session.openStream();
  await stream.write(pattern(10));
  assertEquals((await session.closed).by, "reset");
  await proxy.close();
});

/** Forwards datagrams between one client and a port, or loses them. */
async function blackoutProxy(port: number) {
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  const target = { transport: "udp" as const, hostname: "127.0.0.1", port };
  let client: Deno.NetAddr | undefined;
  const proxy = {
    port: (socket.addr as Deno.NetAddr).port,
    blackout: false,
    close: async () => {
      socket.close();
      await running;
    },
  };
  const running = (async () => {
    try {
      for await (const [bytes, from] of socket) {
        const address = from as Deno.NetAddr;
        if (address.port !== port) client = address;
        const to = address.port === port ? client : target;
        if (!proxy.blackout && to !== undefined) await socket.send(bytes, to);
      }
    } catch {
      // The socket was closed while a datagram was under way.
    }
  })();
  return await Promise.resolve(proxy);
}
