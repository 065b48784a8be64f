import { assert, assertEquals, assertRejects } from "@std/assert";
import { PeerClosedError, StreamResetError } from "../errors.ts";
import { pattern } from "../wire/testing/bytes.ts";
import type { Session } from "./session.ts";
import { nextStream, send } from "./testing/echo_node.ts";
import { SessionPair } from "./testing/session_pair.ts";

/** A stream of the client as both ends see it, `bytes` on their way. */
async function openPair(pair: SessionPair, bytes: Uint8Array) {
  const stream = await pair.client.openStream();
  const writing = stream.write(bytes);
  const other = await pair.until(nextStream(pair.server));
  return { stream, writing, other };
}

/** Answers each stream with `length` bytes and its end. */
async function answer(session: Session, length: number): Promise<void> {
  for await (const stream of session.incomingStreams()) {
    stream.write(pattern(length)).then(() => stream.finish(), () => {});
  }
}

const ask = (session: Session) => send(session, new Uint8Array(1));

Deno.test("what is written is read, to the end and not beyond", async () => {
  const pair = new SessionPair({ link: { loss: 0.05 } });
  send(pair.client, pattern(100_000));
  const stream = await pair.until(nextStream(pair.server));
  const target = new Uint8Array(200_000);
  assertEquals(await pair.until(stream.read(target, 200_000)), 100_000);
  assertEquals(target.subarray(0, 100_000), pattern(100_000));
  assertEquals(await pair.until(stream.read(target)), 0);
});

Deno.test("a read returns when it has the least it was asked for", async () => {
  const pair = new SessionPair();
  const { stream, other } = await openPair(pair, pattern(10));
  const target = new Uint8Array(100);
  assertEquals(await pair.until(other.read(target)), 10);
  let done = false;
  const waiting = other.read(target, 30).then((count: number) => {
    done = true;
    return count;
  });
  await stream.write(pattern(29));
  await pair.run(100);
  assertEquals(done, false);
  await stream.write(pattern(5));
  assertEquals(await pair.until(waiting), 34);
});

Deno.test("a read longer than the stream's window is filled", async () => {
  const pair = new SessionPair();
  answer(pair.server, 1 << 20);
  const stream = await ask(pair.client);
  const target = new Uint8Array(1 << 20);
  const count = await pair.until(stream.read(target, target.length));
  assertEquals(count, target.length);
  assertEquals(target, pattern(target.length));
});

Deno.test("reads that together pass the connection's window are all filled", async () => {
  const pair = new SessionPair({ link: { rate: 10_000 } });
  answer(pair.server, 200_000);
  const reads = Array.from({ length: 12 }, async () => {
    const stream = await ask(pair.client);
    const target = new Uint8Array(200_000);
    assertEquals(await stream.read(target, target.length), target.length);
  });
  await pair.until(Promise.all(reads));
});

Deno.test("a writer waits for a reader that does not read", async () => {
  const pair = new SessionPair();
  const stream = await pair.client.openStream();
  let taken = 0;
  const writing = (async () => {
    for (let i = 0; i < 40; i++) {
      await stream.write(new Uint8Array(65_536));
      taken++;
    }
  })();
  await pair.run(10_000);
  assert(taken < 20, `${taken} writes were taken`);
  const other = await pair.until(nextStream(pair.server));
  const target = new Uint8Array(40 * 65_536);
  await pair.until(other.read(target, target.length));
  await pair.until(writing);
});

Deno.test("two writes that wait at once both go on", async () => {
  const pair = new SessionPair();
  const bytes = pattern(2 ** 21);
  const { stream, writing, other } = await openPair(pair, bytes);
  const writes = [writing, stream.write(bytes)];
  await pair.until(other.read(new Uint8Array(2 ** 22), 2 ** 22));
  await pair.until(Promise.all(writes));
});

Deno.test("openStream waits for the peer's limit, and can be given up", async () => {
  const pair = new SessionPair({ parameters: { initialMaxStreamsBidi: 2 } });
  const opened = [await ask(pair.client), await ask(pair.client)];
  const controller = new AbortController();
  const third = pair.client.openStream();
  const fourth = pair.client.openStream({ signal: controller.signal });
  await pair.run(1000);
  const reason = new Error("no time");
  controller.abort(reason);
  assertEquals(await assertRejects(() => fourth), reason);
  for (const stream of opened) {
    const other = await nextStream(pair.server);
    await pair.until(other.read(new Uint8Array(10), 10));
    other.finish();
    await pair.until(stream.read(new Uint8Array(1)));
  }
  assertEquals((await pair.until(third)).id, 8);
});

Deno.test("a peer that opens and abandons streams waits until they are taken", async () => {
  const pair = new SessionPair({ parameters: { initialMaxStreamsBidi: 4 } });
  let opened = 0;
  const flood = (async () => {
    for (;;) {
      const stream = await pair.client.openStream();
      opened++;
      stream.reset(1);
      stream.stopSending(1);
    }
  })().catch(() => {});
  await pair.run(5000);
  assertEquals(opened, 4);
  for (let i = 0; i < 8; i++) await pair.until(nextStream(pair.server));
  await pair.run(1000);
  assert(opened <= 12, `${opened} opened`);
  await pair.client.close();
  await pair.until(flood);
});

Deno.test("a reset fails the reader with its code, after what had arrived", async () => {
  const pair = new SessionPair();
  const { stream, other } = await openPair(pair, pattern(10));
  const reading = other.read(new Uint8Array(100), 100);
  stream.reset(7);
  const error: StreamResetError = await assertRejects(
    () => pair.until(reading),
    StreamResetError,
  );
  assertEquals(error.code, 7);
});

Deno.test("a stop fails the writer with its code, a waiting one too", async () => {
  const pair = new SessionPair();
  const { stream, writing, other } = await openPair(
    pair,
    new Uint8Array(4 << 20),
  );
  other.stopSending(9);
  const error: StreamResetError = await assertRejects(
    () => pair.until(writing),
    StreamResetError,
  );
  assertEquals(error.code, 9);
  await assertRejects(() => stream.write(new Uint8Array(1)), StreamResetError);
});

Deno.test("giving up a half of a stream ends waiting in it", async () => {
  const pair = new SessionPair();
  const stream = await pair.client.openStream();
  const writing = stream.write(new Uint8Array(4 << 20));
  const reading = stream.read(new Uint8Array(1));
  stream.reset(1);
  stream.stopSending(1);
  await writing;
  assertEquals(await reading, 0);
  await stream.write(new Uint8Array(1));
});

Deno.test("nothing can be written after the end", async () => {
  const pair = new SessionPair();
  const stream = await ask(pair.client);
  stream.finish();
  await assertRejects(() => stream.write(new Uint8Array(1)), TypeError);
});

Deno.test("closing fails what waits, at both ends, and says why", async () => {
  const pair = new SessionPair({ parameters: { initialMaxStreamsBidi: 1 } });
  const stream = await ask(pair.client);
  const other = await pair.until(nextStream(pair.server));
  const waiting = [
    assertRejects(
      () => stream.read(new Uint8Array(1)),
      PeerClosedError,
      "closed the session: that is all",
    ),
    assertRejects(() => pair.client.openStream(), PeerClosedError),
    assertRejects(
      () => other.write(new Uint8Array(4 << 20)),
      PeerClosedError,
      "the session was closed here",
    ),
  ];
  const next = nextStream(pair.client);
  await pair.server.close(3, "that is all");
  await pair.until(Promise.all(waiting));
  assertEquals(await next, undefined);
  assertEquals(await pair.client.closed, {
    by: "peer",
    code: 3,
    reason: "that is all",
  });
  assertEquals((await pair.server.closed).by, "local");
  await assertRejects(() => pair.client.openStream(), PeerClosedError);
});

Deno.test("a peer that goes silent ends the session", async () => {
  const pair = new SessionPair();
  await pair.until(ask(pair.client));
  pair.simulation.filter = () => false;
  assertEquals((await pair.until(pair.client.closed)).by, "timeout");
});

Deno.test("urgent streams pass bulk ones", async () => {
  const pair = new SessionPair({ link: { rate: 200, queue: 50_000 } });
  const bulk = await pair.client.openStream();
  bulk.setPriority("bulk");
  bulk.write(new Uint8Array(250_000)).catch(() => {});
  await pair.run(100);
  const urgent = await pair.client.openStream();
  await urgent.write(new Uint8Array(10));
  const since = pair.simulation.now;
  await pair.until(nextStream(pair.server));
  await pair.until(nextStream(pair.server));
  assert(pair.simulation.now - since < 500);
});

Deno.test("relayed packets that find the queue full all wait for the same promise", async () => {
  const pair = new SessionPair();
  pair.simulation.filter = () => false;
  const waits = new Set<unknown>();
  for (let i = 0; i < 10_000; i++) {
    waits.add(pair.client.sendRelay(BigInt(i), new Uint8Array(1000)));
  }
  assertEquals([...waits].filter((wait) => wait !== undefined).length, 1);
  const flushed = pair.client.relayFlushed();
  await pair.client.close();
  await Promise.all([...waits, flushed]);
});
