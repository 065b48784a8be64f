import { assert, assertEquals } from "@std/assert";
import { Notify } from "../async/notify.ts";
import { attach } from "./attach.ts";
import type { BidiStream, Session } from "./session.ts";
import { SessionBundle } from "./session_bundle.ts";
import { attachOptions, listen, send } from "./testing/echo_node.ts";

const ONE = new Uint8Array(1);

/**
 * A bundle of at most `connections`, and a node that answers each stream with
 * one byte once `release` is called.
 */
async function bundle(connections: number) {
  const sessions: Session[] = [];
  const arrived = new Notify();
  const released = Promise.withResolvers<void>();
  const node = await listen(async (session) => {
    sessions.push(session);
    arrived.notifyAll();
    for await (const stream of session.incomingStreams()) {
      released.promise.then(() => stream.write(ONE))
        .then(() => stream.finish(), () => stream.reset(1));
    }
  });
  const session = await attach({ ...attachOptions(node), connections });
  return {
    session,
    sessions,
    release: released.resolve,
    until: async (count: number) => {
      while (sessions.length < count) await arrived.wait();
    },
    async [Symbol.asyncDispose]() {
      await session.close();
      await node.close();
    },
  };
}

Deno.test("one stream at a time needs one session", async () => {
  await using made = await bundle(3);
  const { session, sessions, release } = made;
  release();
  for (let i = 0; i < 5; i++) {
    const stream = await send(session, ONE);
    assertEquals(await stream.read(new Uint8Array(2), 2), 1);
  }
  assertEquals(sessions.length, 1);
});

Deno.test("streams at once spread over as many sessions as are allowed", async () => {
  await using made = await bundle(3);
  const { session, sessions, release, until } = made;
  assert(session instanceof SessionBundle);
  const streams: BidiStream[] = [];
  for (let want = 2; want <= 3; want++) {
    // Each member gets a stream; one more makes the bundle grow.
    while (streams.length < 2 * want - 2) {
      streams.push(await send(session, ONE));
    }
    await until(want);
  }
  streams.push(await send(session, ONE), await send(session, ONE));
  release();
  for (const stream of streams) {
    assertEquals(await stream.read(new Uint8Array(2), 2), 1);
  }
  await session.flushed();
  assertEquals(sessions.length, 3);
  assertEquals(new Set(sessions.map((one) => one.remote.nodeId)).size, 1);
});

Deno.test("a bundle that closes ends all its sessions", async () => {
  await using made = await bundle(2);
  const { session, sessions, until } = made;
  await send(session, ONE);
  await send(session, ONE);
  await until(2);
  await session.close(0, "done");
  for (const one of sessions) assertEquals((await one.closed).reason, "done");
});

Deno.test("a bundle ends with its first session", async () => {
  await using made = await bundle(2);
  const { session, sessions, until } = made;
  await send(session, ONE);
  await send(session, ONE);
  await until(2);
  await sessions[0].close(7, "enough");
  assertEquals((await session.closed).code, 7);
  await sessions[1].closed;
});
