import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Semaphore } from "./semaphore.ts";

/** Lets everything run that can run now. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

Deno.test("Semaphore grants in order, so that a large request is not starved", async () => {
  const semaphore = new Semaphore(10);
  const order: string[] = [];
  const held = await semaphore.acquire(6);
  const large = semaphore.acquire(8).then(() => order.push("large"));
  const small = semaphore.acquire(1).then(() => order.push("small"));
  assertEquals(semaphore.tryAcquire(1), undefined, "somebody waits");
  await settle();
  assertEquals([order, semaphore.waiting], [[], 2]);
  held[Symbol.dispose]();
  await Promise.all([large, small]);
  assertEquals(order, ["large", "small"]);
  assertEquals(semaphore.used, 9);
});

Deno.test("Semaphore lets a request beyond its limit run alone", async () => {
  const semaphore = new Semaphore(10);
  const first = semaphore.tryAcquire(1);
  let granted = false;
  const oversize = semaphore.acquire(50).then((permit) => {
    granted = true;
    return permit;
  });
  await settle();
  assertEquals(granted, false);
  first?.[Symbol.dispose]();
  const permit = await oversize;
  assertEquals(semaphore.tryAcquire(1), undefined);
  permit[Symbol.dispose]();
  assertEquals(semaphore.used, 0);
});

Deno.test("Semaphore forgets a waiter that gave up and serves the next in line", async () => {
  const semaphore = new Semaphore(10);
  await semaphore.acquire(5);
  const controller = new AbortController();
  const gone = semaphore.acquire(9, controller.signal);
  const next = semaphore.acquire(5);
  controller.abort(new Error("no more"));
  await assertRejects(() => gone, Error, "no more");
  await next;
  assertEquals(semaphore.used, 10);
  await assertRejects(
    () => semaphore.acquire(1, controller.signal),
    Error,
    "no more",
  );
});

Deno.test("a permit shrinks to what is needed, grows without waiting, and is given back once", async () => {
  const semaphore = new Semaphore(10);
  const permit = await semaphore.acquire(10);
  const next = semaphore.acquire(9);
  permit.resize(1);
  await next;
  assertEquals(semaphore.used, 10);
  permit.resize(4);
  assertEquals([permit.units, semaphore.used], [4, 13]);
  permit[Symbol.dispose]();
  permit[Symbol.dispose]();
  assertEquals(semaphore.used, 9);
});

Deno.test("Semaphore refuses an allowance of nothing", () => {
  assertThrows(() => new Semaphore(0), RangeError);
  assertThrows(() => new Semaphore(NaN), RangeError);
});

Deno.test("Semaphore serves the waiter whose share holds least, of equals the first", async () => {
  const semaphore = new Semaphore(1);
  const held = { a: 2, b: 1, c: 1 };
  const first = await semaphore.acquire();
  const order: string[] = [];
  const waiting = (["a", "b", "c"] as const).map(async (name) => {
    using _permit = await semaphore.acquire(1, undefined, () => held[name]);
    order.push(name);
  });
  held.c = 0;
  first[Symbol.dispose]();
  await Promise.all(waiting);
  assertEquals(order, ["c", "b", "a"]);
});
