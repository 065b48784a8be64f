import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { PeerClosedError, TimeoutError, UsageError } from "../errors.ts";
import { KEYRING_MAX, SCOPED_SESSIONS_PER_KEY } from "../limits.ts";
import { pattern } from "../wire/testing/bytes.ts";
import { attachThrough } from "./attach.ts";
import { CLOSE_REVOKED } from "./close_codes.ts";
import { ephemeralIdentity } from "./identity.ts";
import { Keyring } from "./keyring.ts";
import { Node } from "./node.ts";
import { Relay } from "./relay.ts";
import type { Session } from "./session.ts";
import { attachOptions, echo, exchange, listen } from "./testing/echo_node.ts";

const ANN = new Uint8Array(32).fill(1);
const BEN = new Uint8Array(32).fill(2);
const CODE = new Uint8Array(32).fill(3);

function keyringOf(psks: Record<string, Uint8Array>): Keyring {
  const keyring = new Keyring();
  for (const [name, psk] of Object.entries(psks)) keyring.add(name, psk);
  return keyring;
}

Deno.test("a keyring has names that are safe, keys that differ, and a bound", () => {
  const keyring = keyringOf({ ann: ANN });
  const refused: [string, Uint8Array, string][] = [
    ["", BEN, "cannot be called"],
    ["-ann", BEN, "cannot be called"],
    [".ann", BEN, "cannot be called"],
    ["a/b", BEN, "cannot be called"],
    ["a.b", BEN, "cannot be called"],
    ["a\nb", BEN, "cannot be called"],
    ["x".repeat(65), BEN, "cannot be called"],
    ["ben", BEN.subarray(1), "31 bytes, not 32"],
    ["ann", BEN, "there is a pre-shared key ann already"],
    ["ben", ANN, "the pre-shared key ben is that of ann"],
  ];
  for (const [name, psk, reason] of refused) {
    assertThrows(() => keyring.add(name, psk), UsageError, reason);
  }
  for (let i = 1; i < KEYRING_MAX; i++) {
    keyring.add(`k${i}`, new Uint8Array(32).fill(100 + i));
  }
  assertEquals(keyring.list().length, KEYRING_MAX);
  assertThrows(() => keyring.add("ben", BEN), UsageError, "already");
  assert(keyring.revoke("k1"));
  keyring.add("ben", BEN);
  assertEquals(keyring.secretOf("ben"), BEN);
});

Deno.test("a keyring overwrites its own copy of a key that is revoked, and no other", () => {
  const keyring = keyringOf({ ann: ANN });
  const seen: Uint8Array[] = [];
  const [{ secret }] = keyring.watch({
    onAdded: () => {},
    onRevoked: (psk) => seen.push(psk.secret.slice()),
  });
  assertEquals(secret, ANN);
  assert(keyring.revoke("ann"));
  assert(!keyring.revoke("ann"));
  assertEquals(seen, [ANN]);
  assertEquals(secret, new Uint8Array(32));
  assertEquals(ANN, new Uint8Array(32).fill(1));
  assertEquals([keyring.list(), keyring.secretOf("ann")], [[], undefined]);
});

Deno.test("a node tells which key each of its peers has attached with", async () => {
  const keyring = keyringOf({ ann: ANN, ben: BEN });
  const names: unknown[] = [];
  await using node = await listen((session) => {
    names.push(session.remote.psk);
    return echo(session);
  }, { psk: keyring });
  for (const psk of [BEN, ANN]) {
    await using session = await Node.attach({ ...attachOptions(node), psk });
    await exchange(session, pattern(10));
    assertEquals(session.remote.psk, undefined);
  }
  assertEquals(names, ["ben", "ann"]);
});

Deno.test("revoking a key ends the sessions that attached with it, and no others", async () => {
  const keyring = keyringOf({ ann: ANN, ben: BEN });
  await using node = await listen(echo, { psk: keyring });
  const attach = (psk: Uint8Array, more = {}) =>
    Node.attach({ ...attachOptions(node), psk, ...more });
  await using ann = await attach(ANN);
  await using ben = await attach(BEN);
  for (const session of [ann, ben]) await exchange(session, pattern(10));
  keyring.revoke("ann");
  // A session that is kept is not tried for again either.
  const { by, code, reason } = await ann.closed;
  assertEquals([by, code], ["peer", CLOSE_REVOKED]);
  assertEquals(reason, "the pre-shared key was revoked");
  const error = await assertRejects(() => ann.openStream(), PeerClosedError);
  assert(error.hint?.includes("another ticket"));
  await assertRejects(
    () => attach(ANN, { connectTimeoutMs: 400 }),
    TimeoutError,
  );
  assertEquals(await exchange(ben, pattern(10)), pattern(10));
});

Deno.test("a key can be replaced under its name while the node runs", async () => {
  const keyring = keyringOf({ ann: ANN });
  await using node = await listen(echo, { psk: keyring });
  keyring.revoke("ann");
  keyring.add("ann", BEN);
  await using session = await Node.attach({ ...attachOptions(node), psk: BEN });
  assertEquals(await exchange(session, pattern(10)), pattern(10));
});

Deno.test("a handshake that is half done when its key is revoked does not get through", async () => {
  const keyring = keyringOf({ ann: ANN });
  let sessions = 0;
  await using node = await listen((session) => {
    sessions++;
    return echo(session);
  }, {
    psk: keyring,
    // Between the first packet of a peer and the answer to it.
    allow: () => {
      queueMicrotask(() => keyring.revoke("ann"));
      return true;
    },
  });
  const attaching = Node.attach({
    ...attachOptions(node),
    psk: ANN,
    keepMs: 0,
    connectTimeoutMs: 400,
  });
  const session = await attaching.catch(() => undefined);
  // The answer left, so that the peer may take the session for made.
  if (session !== undefined) {
    await assertRejects(() => exchange(session, pattern(10)), PeerClosedError);
  }
  assertEquals(sessions, 0);
});

Deno.test("two nodes of one keyring both follow it, and a closed one no more", async () => {
  const keyring = keyringOf({ ann: ANN });
  await using first = await listen(echo, { psk: keyring });
  const second = await listen(echo, { psk: keyring });
  const attach = (node: Node) =>
    Node.attach({ ...attachOptions(node), psk: BEN });
  keyring.add("ben", BEN);
  for (const node of [first, second]) {
    await using session = await attach(node);
    assertEquals(await exchange(session, pattern(10)), pattern(10));
  }
  await second.close();
  await using session = await attach(first);
  await exchange(session, pattern(10));
  keyring.revoke("ben");
  assertEquals((await session.closed).code, CLOSE_REVOKED);
});

Deno.test("by way of a relay a key is revoked like anywhere, and one of the relay's ends the attachment", async () => {
  const [relayKeys, holderKeys] = [
    keyringOf({ ann: ANN, ben: BEN }),
    keyringOf({ cem: CODE }),
  ];
  await using relay = await listen(echo, {
    psk: relayKeys,
    relay: new Relay(),
  });
  const detached = Promise.withResolvers<string>();
  await using holder = await Node.listen({
    address: "127.0.0.1:0",
    psk: holderKeys,
    identity: ephemeralIdentity(),
    via: {
      ...attachOptions(relay),
      psk: ANN,
      onEvent: (event) =>
        event.type === "detached" && detached.resolve(event.reason),
    },
  });
  await holder.viaTried;
  (async () => {
    for await (const session of holder.sessions()) echo(session);
  })();
  const outer = await Node.attach({ ...attachOptions(relay), psk: BEN });
  const { publicKey } = holder;
  await using inner = await attachThrough(outer, { publicKey, psk: CODE });
  assertEquals(await exchange(inner, pattern(10)), pattern(10));
  holderKeys.revoke("cem");
  assertEquals((await inner.closed).code, CLOSE_REVOKED);
  relayKeys.revoke("ann");
  assertEquals(await detached.promise, "the pre-shared key was revoked");
});

/** A node with a key for everything and one for meetings, and what they reach. */
async function meetingNode() {
  const keyring = keyringOf({ ann: ANN });
  keyring.add("code", CODE, { scope: "meeting" });
  const relay = new Relay();
  const others: Session[] = [];
  const node = await listen((session) => {
    others.push(session);
    return echo(session);
  }, { psk: keyring, relay });
  const attach = (psk: Uint8Array, identity = ephemeralIdentity()) =>
    Node.attach({
      ...attachOptions(node),
      psk,
      identity,
      keepMs: 0,
      connections: 1,
    });
  return { node, relay, others, attach };
}

Deno.test("sessions for meetings come by themselves, and no relay knows them", async () => {
  const { node, relay, others, attach } = await meetingNode();
  await using _node = node;
  const identity = ephemeralIdentity();
  await using guest = await attach(CODE, identity);
  const meetings = node.sessions("meeting")[Symbol.asyncIterator]();
  const { value: met } = await meetings.next();
  assertEquals(met.remote.publicKey, identity.x25519Public);
  assertEquals(met.remote.psk, "code");
  assertEquals(relay.find(identity.nodeId), undefined);
  const known = ephemeralIdentity();
  await using friend = await attach(ANN, known);
  await exchange(friend, pattern(10));
  assertEquals(others.map(({ remote }) => remote.psk), ["ann"]);
  assertEquals(relay.find(known.nodeId)?.nodeId, known.nodeId);
  // Nor are its packets passed on to those that the relay knows.
  guest.carrier?.sendRelay(known.nodeId, new Uint8Array(100));
  const { stats } = relay;
  while (stats.forwarded + stats.dropped === 0) {
    await new Promise((next) => setTimeout(next, 10));
  }
  assertEquals(stats, { forwarded: 0, dropped: 1 });
  assertEquals(guest.remote.nodeId, node.nodeId);
});

Deno.test("sessions for meetings have a room of their own, small for each key", async () => {
  const { node, attach } = await meetingNode();
  await using _node = node;
  const identity = ephemeralIdentity();
  const guests: Session[] = [];
  for (let i = 0; i < SCOPED_SESSIONS_PER_KEY; i++) {
    guests.push(await attach(CODE, identity));
  }
  const crowd = await attach(CODE, identity);
  assert((await crowd.closed).reason.includes("as many sessions as it may"));
  // The same peer may come as one that has the key for everything.
  await using friend = await attach(ANN, identity);
  assertEquals(await exchange(friend, pattern(10)), pattern(10));
  for (const guest of guests) await guest.close();
});
