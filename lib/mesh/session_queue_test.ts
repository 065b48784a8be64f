import { assertEquals } from "@std/assert";
import { SessionQueue } from "./session_queue.ts";
import { SessionPair } from "./testing/session_pair.ts";

const session = () => new SessionPair().client;

Deno.test("sessions come in the order of their arrival, also to a caller that waits", async () => {
  const queue = new SessionQueue();
  const [first, second, third] = [session(), session(), session()];
  queue.push(first);
  queue.push(second);
  const iterator = queue.iterate();
  assertEquals((await iterator.next()).value, first);
  assertEquals((await iterator.next()).value, second);
  const waiting = iterator.next();
  queue.push(third);
  assertEquals((await waiting).value, third);
});

Deno.test("an ended queue gives what it has and ends, also for a caller that waits", async () => {
  const queue = new SessionQueue();
  const one = session();
  queue.push(one);
  const iterator = queue.iterate();
  queue.end();
  assertEquals((await iterator.next()).value, one);
  assertEquals((await iterator.next()).done, true);
  const other = new SessionQueue();
  const waiting = other.iterate().next();
  other.end();
  assertEquals((await waiting).done, true);
});

Deno.test("sessions that end before they are taken do not pile up", async () => {
  const queue = new SessionQueue();
  for (let i = 0; i < 10; i++) {
    const short = session();
    queue.push(short);
    await short.close();
  }
  const live = session();
  queue.push(live);
  assertEquals((await queue.iterate().next()).value, live);
});
