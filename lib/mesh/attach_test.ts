import { assert, assertEquals, assertRejects } from "@std/assert";
import { Notify } from "../async/notify.ts";
import {
  HandshakeError,
  PeerClosedError,
  TimeoutError,
  UsageError,
} from "../errors.ts";
import { pattern } from "../wire/testing/bytes.ts";
import { formatAddress } from "./address.ts";
import { attach, attachThrough } from "./attach.ts";
import { ephemeralIdentity } from "./identity.ts";
import type { ListenOptions, Node, ViaOptions } from "./node.ts";
import { Relay } from "./relay.ts";
import type { RelayEvent } from "./relay_attachment.ts";
import {
  attachOptions,
  echo,
  exchange,
  listen,
  plainSocket,
  PSK,
} from "./testing/echo_node.ts";

const NOBODY = {
  address: "127.0.0.1:9",
  publicKey: ephemeralIdentity().x25519Public,
  psk: PSK,
};
const BYTES = pattern(300_000);

Deno.test("a host name is resolved and its addresses are tried", async () => {
  await using node = await listen();
  await using session = await attach({
    ...attachOptions(node),
    address: `localhost:${node.address.port}`,
  });
  assertEquals(session.remote.nodeId, node.nodeId);
  assertEquals(session.remote.publicKey, node.publicKey);
  await assertRejects(
    () => attach({ ...NOBODY, address: "no-such-host.invalid:7700" }),
    HandshakeError,
    "cannot resolve no-such-host.invalid",
  );
});

Deno.test("every address that is given is tried", async () => {
  await using node = await listen();
  const silent = plainSocket();
  const { port } = silent.address;
  const options = attachOptions(node);
  await using session = await attach({
    ...options,
    address: [`127.0.0.1:${port}`, "no-such-host.invalid:1", options.address],
  });
  assertEquals(session.remote.nodeId, node.nodeId);
  await assertRejects(
    () =>
      attach({
        ...NOBODY,
        address: [`127.0.0.1:${port}`, options.address],
        connectTimeoutMs: 300,
      }),
    TimeoutError,
    `no answer from 127.0.0.1:${port}`,
  );
  silent.socket.close();
});

/**
 * Stands before a node; what the node sends leaves from the socket that
 * `choose` picks: the one that was written to, or another.
 */
function elsewhere(
  node: Node,
  choose: (packet: Uint8Array) => "front" | "other",
): { address: string; heard: () => number } & AsyncDisposable {
  const [front, other, inner] = [plainSocket(), plainSocket(), plainSocket()];
  let client: Deno.Addr | undefined;
  let heard = 0;
  const inwards = async ({ socket }: typeof front, isOther: boolean) => {
    for await (const [packet, from] of socket) {
      client = from;
      if (isOther) heard++;
      await inner.socket.send(packet, { transport: "udp", ...node.address });
    }
  };
  const outwards = async () => {
    for await (const [packet] of inner.socket) {
      const { socket } = choose(packet) === "front" ? front : other;
      if (client !== undefined) await socket.send(packet, client);
    }
  };
  const running = [inwards(front, false), inwards(other, true), outwards()];
  return {
    address: formatAddress(front.address),
    heard: () => heard,
    async [Symbol.asyncDispose]() {
      for (const { socket } of [front, other, inner]) socket.close();
      await Promise.all(running);
    },
  };
}

Deno.test("a node that answers from another address than it was reached at is followed there", async () => {
  await using node = await listen();
  await using between = elsewhere(node, () => "other");
  const { address } = between;
  await using session = await attach({ ...attachOptions(node), address });
  assertEquals(await exchange(session, BYTES), BYTES);
  assert(between.heard() > 0);
});

Deno.test("whoever lets the Response come from an address of its own gets no session there", async () => {
  await using node = await listen();
  await using between = elsewhere(
    node,
    ([type]) => type === 2 ? "other" : "front",
  );
  const { address } = between;
  await using session = await attach({ ...attachOptions(node), address });
  assertEquals(await exchange(session, BYTES), BYTES);
  assertEquals(between.heard(), 0);
});

Deno.test("what cannot be right is refused before any packet", async () => {
  const wrong = [
    [{ nodeId: 1n }, "does not belong to the public key"],
    [{ address: [NOBODY.address, "here"] }, "not an address"],
    [{ address: [] }, "no address"],
  ] as const;
  for (const [change, message] of wrong) {
    await assertRejects(
      () => attach({ ...NOBODY, ...change }),
      UsageError,
      message,
    );
  }
});

Deno.test("an abort ends an attach at once", async () => {
  const signal = AbortSignal.timeout(50);
  const error = await assertRejects(() => attach({ ...NOBODY, signal }));
  assertEquals(error, signal.reason);
});

const listenRelay = (options: Partial<ListenOptions> = {}) =>
  listen(echo, { relay: new Relay(), ...options });

/** A node that is attached to `relay`. */
async function listenVia(
  relay: Node,
  options: Partial<ListenOptions> & Pick<ViaOptions, "onEvent"> = {},
): Promise<Node> {
  const via = { ...attachOptions(relay), onEvent: options.onEvent };
  const node = await listen(echo, { ...options, via });
  await node.viaTried;
  return node;
}

/** Attaches to `holder` by way of `relay`. */
async function through(relay: Node, holder: Node, psk = PSK) {
  const outer = await attach(attachOptions(relay));
  const options = {
    publicKey: holder.publicKey,
    psk,
    direct: "never",
  } as const;
  return { outer, inner: await attachThrough(outer, options) };
}

Deno.test("bytes cross two real sessions, end to end", async () => {
  const relay = new Relay();
  await using relayNode = await listenRelay({ relay });
  await using holder = await listenVia(relayNode);
  const { outer, inner } = await through(relayNode, holder);
  assertEquals(inner.remote.publicKey, holder.publicKey);
  assertEquals(relay.find(holder.nodeId)?.publicKey, holder.publicKey);
  const echoed = [1, 2, 3].map(() => exchange(inner, BYTES));
  for (const bytes of await Promise.all(echoed)) assertEquals(bytes, BYTES);
  assert(relay.stats.forwarded > 1000);
  await inner.close();
  await outer.closed;
});

Deno.test("the pre-shared key inside need not be the relay's", async () => {
  const psk = new Uint8Array(32).fill(4);
  await using relayNode = await listenRelay();
  await using holder = await listenVia(relayNode, { psk });
  const { inner } = await through(relayNode, holder, psk);
  await using session = inner;
  assertEquals(await exchange(session, BYTES), BYTES);
});

Deno.test("a session with a relay ends when nothing answers behind it: a wrong key, or it forwards nothing", async () => {
  await using relayNode = await listenRelay();
  await using plain = await listen();
  for (const node of [relayNode, plain]) {
    const outer = await attach(attachOptions(node));
    await using holder = await listenVia(node);
    const psk = node === plain ? PSK : new Uint8Array(32);
    const { publicKey } = holder;
    await assertRejects(
      () => attachThrough(outer, { publicKey, psk, connectTimeoutMs: 300 }),
      TimeoutError,
    );
    await outer.closed;
  }
});

Deno.test("there is no relay inside a relay", async () => {
  await using relayNode = await listenRelay();
  await using holder = await listenVia(relayNode);
  const { outer, inner } = await through(relayNode, holder);
  const options = { publicKey: holder.publicKey, psk: PSK };
  await assertRejects(() => attachThrough(inner, options), UsageError);
  await outer.closed;
});

Deno.test("a holder attaches again when its relay has come back", async () => {
  const identity = ephemeralIdentity();
  const events: RelayEvent[] = [];
  const told = new Notify();
  const until = async (type: RelayEvent["type"]) => {
    while (events.at(-1)?.type !== type) await told.wait();
  };
  const relayNode = await listenRelay({ identity });
  const address = formatAddress(relayNode.address);
  await using holder = await listenVia(relayNode, {
    onEvent: (event) => {
      events.push(event);
      told.notifyAll();
    },
  });
  const { inner } = await through(relayNode, holder);
  const stream = await inner.openStream();
  const reading = assertRejects(
    () => stream.read(new Uint8Array(1)),
    PeerClosedError,
    `relay ${identity.nodeId} ended`,
  );
  await relayNode.close();
  await reading;
  await until("detached");
  await using again = await listenRelay({ address, identity });
  await until("attached");
  assertEquals(events[0].type, "attached");
  await using second = (await through(again, holder)).inner;
  assertEquals(await exchange(second, BYTES), BYTES);
});
