import { assert, assertEquals } from "@std/assert";
import { ephemeralIdentity } from "./identity.ts";
import { Node } from "./node.ts";
import type { BidiStream, Session } from "./session.ts";
import { SessionBundle } from "./session_bundle.ts";
import { attachOptions, PSK } from "./testing/echo_node.ts";

/** A node that answers each stream with one byte once `release` is called. */
async function listen() {
  const node = await Node.listen({
    address: "127.0.0.1:0",
    psk: PSK,
    identity: ephemeralIdentity(),
  });
  const sessions: Session[] = [];
  let release = () => {};
  const released = new Promise<void>((resolve) => release = resolve);
  (async () => {
    for await (const session of node.sessions()) {
      sessions.push(session);
      (async () => {
        for await (const stream of session.incomingStreams()) {
          released.then(async () => {
            await stream.write(new Uint8Array(1));
            stream.finish();
          }).catch(() => stream.reset(1));
        }
      })();
    }
  })();
  return { node, sessions, release };
}

function attach(node: Node, connections?: number): Promise<Session> {
  return Node.attach({
    ...attachOptions(node),
    ...(connections === undefined ? {} : { connections }),
  });
}

async function ask(session: Session): Promise<BidiStream> {
  const stream = await session.openStream();
  await stream.write(new Uint8Array(1));
  stream.finish();
  return stream;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

Deno.test("one stream at a time needs one session", async () => {
  const { node, sessions, release } = await listen();
  await using _node = node;
  await using session = await attach(node);
  release();
  for (let i = 0; i < 5; i++) {
    const stream = await ask(session);
    assertEquals(await stream.read(new Uint8Array(2), 2), 1);
  }
  assertEquals(sessions.length, 1);
});

Deno.test("streams at once spread over as many sessions as are allowed", async () => {
  const { node, sessions, release } = await listen();
  await using _node = node;
  await using session = await attach(node, 3);
  assert(session instanceof SessionBundle);
  const streams: BidiStream[] = [];
  for (let want = 2; want <= 3; want++) {
    // Each member gets a stream; one more makes the bundle grow.
    while (streams.length < 2 * want - 2) streams.push(await ask(session));
    await until(() => sessions.length === want);
  }
  streams.push(await ask(session), await ask(session));
  release();
  for (const stream of streams) {
    assertEquals(await stream.read(new Uint8Array(2), 2), 1);
  }
  assertEquals(sessions.length, 3);
  assertEquals(new Set(sessions.map((one) => one.remote.nodeId)).size, 1);
});

Deno.test("a bundle that closes ends all its sessions", async () => {
  const { node, sessions } = await listen();
  await using _node = node;
  const session = await attach(node, 2);
  await ask(session);
  await ask(session);
  await until(() => sessions.length === 2);
  await session.close(0, "done");
  for (const one of sessions) assertEquals((await one.closed).reason, "done");
});

Deno.test("a bundle ends with its first session", async () => {
  const { node, sessions } = await listen();
  await using _node = node;
  await using session = await attach(node, 2);
  await ask(session);
  await ask(session);
  await until(() => sessions.length === 2);
  await sessions[0].close(7, "enough");
  assertEquals((await session.closed).code, 7);
  await sessions[1].closed;
});
