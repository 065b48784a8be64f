import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  HandshakeError,
  PeerClosedError,
  ProtocolError,
  TimeoutError,
  TransferError,
  UsageError,
} from "../errors.ts";
import { AttachRefusedError } from "./attempt.ts";
import { Keeper, type KeeperOptions, type KeepEvent } from "./keeper.ts";
import { KeptSession } from "./kept_session.ts";
import type { CloseInfo, Session } from "./session.ts";

/** A session that does nothing but end. */
class FakeSession {
  readonly #closed = Promise.withResolvers<CloseInfo>();
  readonly closed: Promise<CloseInfo> = this.#closed.promise;
  readonly remote: { nodeId: bigint; address: string };
  readonly stats = { rttMs: 1 };
  silentMs = 0;
  #isOver = false;

  constructor(address: string) {
    this.remote = { nodeId: 7n, address };
  }

  openStream(): Promise<{ id: number }> {
    if (this.#isOver) return Promise.reject(new PeerClosedError("it is over"));
    return Promise.resolve({ id: 4 });
  }

  /** Ends as a connection does. */
  end(by: CloseInfo["by"], code = 0): void {
    this.#isOver = true;
    this.#closed.resolve({ by, code, reason: "so it is" });
  }

  close(): Promise<void> {
    this.end("local");
    return Promise.resolve();
  }
}

const settle = () => new Promise<void>((resolve) => setTimeout(resolve));

/** A keeper whose attempts the test answers, and whose pauses take no time. */
function keeping(options: Partial<KeeperOptions> = {}, first?: FakeSession) {
  const events: KeepEvent[] = [];
  const pauses: number[] = [];
  const attempts: PromiseWithResolvers<Session>[] = [];
  const keeper = new Keeper({
    keepMs: 60_000,
    random: () => 1,
    pause: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
    onEvent: (event) => events.push(event),
    connect: (signal) => {
      const attempt = Promise.withResolvers<Session>();
      signal.addEventListener("abort", () => attempt.reject(signal.reason));
      attempts.push(attempt);
      return attempt.promise;
    },
    ...options,
  }, first as unknown as Session | undefined);
  const attempt = async (count: number) => {
    while (attempts.length < count) await settle();
    return attempts[count - 1];
  };
  return {
    keeper,
    events,
    pauses,
    /** Makes the n-th attempt a session. */
    succeed: async (count: number) => {
      const session = new FakeSession(`node:${count}`);
      (await attempt(count)).resolve(session as unknown as Session);
      await keeper.live();
      return session;
    },
    fail: async (count: number, error: unknown = new TimeoutError("silence")) =>
      (await attempt(count)).reject(error),
    /** Waits for the n-th attempt. */
    tried: async (count: number) => void await attempt(count),
    attempts: () => attempts.length,
    [Symbol.asyncDispose]: () => keeper.close(),
  };
}

const types = (events: KeepEvent[]) => events.map(({ type }) => type);

Deno.test("Keeper attaches again at once when a connection is lost, and who waits gets the next one", async () => {
  const first = new FakeSession("node:0");
  await using made = keeping({}, first);
  const { keeper, events, pauses } = made;
  assertEquals((await keeper.live()).remote.address, "node:0");
  for (
    const [i, by] of (["reset", "timeout", "path", "peer"] as const).entries()
  ) {
    const session = i === 0 ? first : await made.succeed(i);
    session.end(by);
    await keeper.change();
    assert(keeper.loss?.reason.includes("so it is"));
    assertEquals(keeper.current, undefined);
  }
  const waiting = [keeper.live(), keeper.live()];
  const last = await made.succeed(4);
  for (const live of await Promise.all(waiting)) {
    assertEquals(live.remote, last.remote);
  }
  assertEquals(keeper.loss, undefined);
  assertEquals(made.attempts(), 4, "one attempt for all who wait");
  assertEquals(types(events), Array(4).fill(["lost", "attached"]).flat());
  // None of them lasted.
  assertEquals(pauses, [100, 200, 400, 800]);
});

Deno.test("Keeper waits longer after each attempt, up to two seconds", async () => {
  await using made = keeping();
  for (let i = 1; i <= 8; i++) {
    await made.fail(i, new HandshakeError("the name is not known"));
  }
  await made.succeed(9);
  assertEquals(made.pauses, [100, 200, 400, 800, 1600, 2000, 2000, 2000]);
  assertEquals(types(made.events).at(-1), "attached");
});

Deno.test("Keeper gives a node up that is not there in time, and says what became of it", async () => {
  const first = new FakeSession("node:0");
  await using made = keeping({ keepMs: 0 }, first);
  first.end("reset");
  const waiting = made.keeper.live();
  await made.keeper.change();
  const failed = assertRejects(
    () => made.keeper.live(),
    TimeoutError,
    "was lost (the peer node:0 restarted: so it is) and could not be attached to again",
  );
  await made.fail(1);
  await failed;
  await waiting;
  assertEquals((await made.keeper.closed).by, "path");
  await assertRejects(() => made.keeper.live(), TimeoutError);
});

for (
  const [what, refusal, kind] of [
    ["refuses", new AttachRefusedError("no AEAD in common"), "handshake"],
    ["cannot be asked for", new UsageError("no address"), "usage"],
  ] as const
) {
  Deno.test(`Keeper tries a node no more that ${what}`, async () => {
    const first = new FakeSession("node:0");
    await using made = keeping({}, first);
    first.end("timeout");
    await made.keeper.change();
    const live = made.keeper.live();
    await made.fail(1, refusal);
    const error = await assertRejects(() => live, TransferError);
    assertEquals(error.kind, kind);
    assert(
      error.message.endsWith(`cannot be attached to again: ${refusal.message}`),
    );
    assertEquals(made.attempts(), 1);
  });
}

Deno.test("Keeper takes a breach of the protocol, and a first peer that has no room, for the end", async () => {
  for (
    const [by, code, type] of [
      ["error", 3, ProtocolError],
      ["peer", 1, PeerClosedError],
    ] as const
  ) {
    const first = new FakeSession("node:0");
    await using made = keeping({}, first);
    first.end(by, code);
    assertEquals(await made.keeper.closed, { by, code, reason: "so it is" });
    await assertRejects<Error>(() => made.keeper.live(), type, "so it is");
    assertEquals(made.attempts(), 0);
  }
});

Deno.test("Keeper goes over to another connection when the node does not answer on the old one", async () => {
  const first = new FakeSession("node:0");
  await using made = keeping({}, first);
  first.silentMs = 9000;
  await made.fail(1);
  assertEquals((await made.keeper.live()).remote, first.remote);
  const next = await made.succeed(2);
  await made.keeper.change();
  assertEquals((await made.keeper.live()).remote, next.remote);
  assertEquals((await first.closed).by, "local");
  assertEquals(types(made.events), ["silent", "lost", "attached"]);
  const [, lost, attached] = made.events;
  assert(lost.type === "lost" && lost.close.reason.includes("for 9.0 s"));
  assert(attached.type === "attached" && attached.afterMs >= 9000);
});

Deno.test("Keeper stays with a connection on which the node is heard again", async () => {
  const first = new FakeSession("node:0");
  await using made = keeping({}, first);
  first.silentMs = 9000;
  await made.tried(1);
  assert(made.keeper.loss?.reason.includes("silent"));
  first.silentMs = 0;
  const other = await made.succeed(1);
  assertEquals((await other.closed).by, "local");
  assertEquals((await made.keeper.live()).remote, first.remote);
  while (made.events.length < 2) await settle();
  assertEquals(types(made.events), ["silent", "heard"]);
});

Deno.test("Keeper tries for nothing beside a silent connection that has ended", async () => {
  const first = new FakeSession("node:0");
  await using made = keeping({}, first);
  first.silentMs = 9000;
  await made.tried(1);
  first.end("reset");
  const next = await made.succeed(2);
  assertEquals((await made.keeper.live()).remote, next.remote);
  assertEquals(types(made.events), ["silent", "lost", "attached"]);
});

Deno.test("a stream waits for the next connection while an attempt beside the lost one takes its time to end", async () => {
  const first = new FakeSession("node:0");
  const ignored = Promise.withResolvers<Session>();
  const next = new FakeSession("node:1");
  let attempts = 0;
  const session = new KeptSession(first as unknown as Session, {
    keepMs: 60_000,
    retryMs: 1,
    connect: () =>
      attempts++ === 0
        ? ignored.promise
        : Promise.resolve(next as unknown as Session),
  });
  first.silentMs = 9000;
  while (attempts === 0) await settle();
  first.end("timeout");
  assertEquals((await session.openStream()).id, 4);
  assertEquals(session.remote.address, "node:1");
  ignored.reject(new TimeoutError("silence"));
  await session.close();
});

Deno.test("Keeper that is closed ends its attempt and its pause at once", async () => {
  const trying = keeping();
  const live = assertRejects(() => trying.keeper.live(), PeerClosedError);
  await trying.keeper.close();
  await live;
  const pausing = keeping({
    pause: (_, { signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      ),
  });
  await pausing.fail(1);
  while (pausing.events.length === 0) await Promise.resolve();
  await pausing.keeper.close();
  assertEquals((await pausing.keeper.closed).by, "local");
});

Deno.test("Keeper lets a waiter go whose signal aborts", async () => {
  await using made = keeping();
  const controller = new AbortController();
  const live = made.keeper.live(controller.signal);
  controller.abort(new Error("enough"));
  await assertRejects(() => live, Error, "enough");
});
