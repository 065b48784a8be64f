import { assertEquals } from "@std/assert";
import type { CloseInfo, Session } from "./session.ts";
import { SessionQueue } from "./session_queue.ts";

/** A session that does nothing but end when told to. */
function session(): { session: Session; end(): Promise<unknown> } {
  const { promise, resolve } = Promise.withResolvers<CloseInfo>();
  const made: Session = {
    remote: { nodeId: 0n, publicKey: new Uint8Array(32), address: "" },
    closed: promise,
    openStream: () => Promise.reject(new Error("no streams here")),
    incomingStreams: async function* () {},
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return {
    session: made,
    end: () => {
      resolve({ by: "peer", code: 0, reason: "" });
      return promise;
    },
  };
}

Deno.test("sessions come in the order of their arrival, also to one who waits", async () => {
  const queue = new SessionQueue();
  const [first, second, third] = [session(), session(), session()];
  queue.push(first.session);
  queue.push(second.session);
  const iterator = queue.iterate();
  assertEquals((await iterator.next()).value, first.session);
  assertEquals((await iterator.next()).value, second.session);
  const waiting = iterator.next();
  queue.push(third.session);
  assertEquals((await waiting).value, third.session);
});

Deno.test("an ended queue gives what it holds and ends, also for one who waits", async () => {
  const queue = new SessionQueue();
  const one = session();
  queue.push(one.session);
  const iterator = queue.iterate();
  queue.end();
  assertEquals((await iterator.next()).value, one.session);
  assertEquals((await iterator.next()).done, true);
  const other = new SessionQueue();
  const waiting = other.iterate().next();
  other.end();
  assertEquals((await waiting).done, true);
});

Deno.test("sessions that end before they are taken do not pile up", async () => {
  const queue = new SessionQueue();
  for (let i = 0; i < 100; i++) {
    const short = session();
    queue.push(short.session);
    await short.end();
  }
  assertEquals(queue.length, 0);
  const live = session();
  queue.push(live.session);
  assertEquals((await queue.iterate().next()).value, live.session);
});
