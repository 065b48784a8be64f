import { assert, assertEquals, assertRejects } from "@std/assert";
import { PeerClosedError, TimeoutError, UsageError } from "../errors.ts";
import { pattern } from "../wire/testing/bytes.ts";
import { formatAddress } from "./address.ts";
import { attachThrough } from "./attach.ts";
import { ephemeralIdentity } from "./identity.ts";
import { Node } from "./node.ts";
import { Relay } from "./relay.ts";
import type { RelayEvent } from "./relay_attachment.ts";
import type { Session } from "./session.ts";
import { attachOptions, PSK } from "./testing/echo_node.ts";

const OTHER_PSK = new Uint8Array(32).fill(4);

function listenRelay(relay = new Relay(), address = "127.0.0.1:0") {
  return Node.listen({
    address,
    psk: PSK,
    identity: ephemeralIdentity(),
    relay,
  });
}

async function listenVia(
  relay: Node,
  options: { psk?: Uint8Array; onEvent?: (event: RelayEvent) => void } = {},
): Promise<Node> {
  const node = await Node.listen({
    address: "127.0.0.1:0",
    psk: options.psk ?? PSK,
    identity: ephemeralIdentity(),
    via: { ...attachOptions(relay), onEvent: options.onEvent },
  });
  (async () => {
    for await (const session of node.sessions()) answer(session);
  })();
  await node.viaTried;
  return node;
}

/** Sends a megabyte on each stream. */
async function answer(session: Session): Promise<void> {
  for await (const stream of session.incomingStreams()) {
    stream.setPriority("bulk");
    stream.write(pattern(1_000_000)).then(
      () => stream.finish(),
      () => stream.reset(1),
    );
  }
}

async function fetchAnswer(session: Session): Promise<Uint8Array> {
  const stream = await session.openStream();
  await stream.write(Uint8Array.of(1));
  stream.finish();
  const bytes = new Uint8Array(1_000_001);
  return bytes.subarray(0, await stream.read(bytes, bytes.length));
}

Deno.test("bytes cross two real sessions, end to end", async () => {
  const relay = new Relay();
  await using relayNode = await listenRelay(relay);
  await using holder = await listenVia(relayNode);
  const outer = await Node.attach(attachOptions(relayNode));
  await using session = await attachThrough(outer, {
    publicKey: holder.publicKey,
    psk: PSK,
  });
  assertEquals(session.remote.publicKey, holder.publicKey);
  assertEquals(relay.find(holder.nodeId)?.publicKey, holder.publicKey);
  const answers = await Promise.all([1, 2, 3].map(() => fetchAnswer(session)));
  for (const bytes of answers) assertEquals(bytes, pattern(1_000_000));
  assert(relay.stats.forwarded > 2000);
  await session.close();
  await outer.closed;
});

Deno.test("the pre-shared key inside need not be the relay's", async () => {
  await using relayNode = await listenRelay();
  await using holder = await listenVia(relayNode, { psk: OTHER_PSK });
  const { publicKey } = holder;
  await using session = await attachThrough(
    await Node.attach(attachOptions(relayNode)),
    { publicKey, psk: OTHER_PSK },
  );
  assertEquals((await fetchAnswer(session)).length, 1_000_000);
  const outer = await Node.attach(attachOptions(relayNode));
  await assertRejects(
    () => attachThrough(outer, { publicKey, psk: PSK, connectTimeoutMs: 300 }),
    TimeoutError,
  );
  await outer.closed;
});

Deno.test("a node that is no relay forwards nothing", async () => {
  await using plain = await Node.listen({
    address: "127.0.0.1:0",
    psk: PSK,
    identity: ephemeralIdentity(),
  });
  await using holder = await listenVia(plain);
  const { publicKey } = holder;
  const outer = await Node.attach(attachOptions(plain));
  await assertRejects(
    () => attachThrough(outer, { publicKey, psk: PSK, connectTimeoutMs: 300 }),
    TimeoutError,
  );
});

Deno.test("there is no relay inside a relay", async () => {
  await using relayNode = await listenRelay();
  await using holder = await listenVia(relayNode);
  const options = { publicKey: holder.publicKey, psk: PSK };
  const outer = await Node.attach(attachOptions(relayNode));
  const inner = await attachThrough(outer, options);
  await assertRejects(() => attachThrough(inner, options), UsageError);
  await outer.closed;
});

Deno.test("a holder attaches again when its relay has come back", async () => {
  const identity = ephemeralIdentity();
  const events: RelayEvent[] = [];
  let changed = () => {};
  const until = async (count: number) => {
    while (events.length < count) {
      await new Promise<void>((resolve) => changed = resolve);
    }
  };
  const relayNode = await Node.listen({
    address: "127.0.0.1:0",
    psk: PSK,
    identity,
    relay: new Relay(),
  });
  const address = formatAddress(relayNode.address);
  await using holder = await listenVia(relayNode, {
    onEvent: (event) => {
      events.push(event);
      changed();
    },
  });
  const session = await attachThrough(
    await Node.attach(attachOptions(relayNode)),
    { publicKey: holder.publicKey, psk: PSK },
  );
  const stream = await session.openStream();
  const reading = assertRejects(
    () => stream.read(new Uint8Array(1)),
    PeerClosedError,
    `relay ${identity.nodeId} ended`,
  );
  await relayNode.close();
  await reading;
  await until(2);
  await using again = await Node.listen({
    address,
    psk: PSK,
    identity,
    relay: new Relay(),
  });
  await until(3);
  assertEquals(events.map(({ type }) => type).slice(0, 2), [
    "attached",
    "detached",
  ]);
  while (events.at(-1)?.type !== "attached") await until(events.length + 1);
  await using second = await attachThrough(
    await Node.attach(attachOptions(again)),
    { publicKey: holder.publicKey, psk: PSK },
  );
  assertEquals((await fetchAnswer(second)).length, 1_000_000);
});
