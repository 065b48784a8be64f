import { assertEquals, assertRejects } from "@std/assert";
import { Budget } from "./budget.ts";

/** Lets everything run that can run now. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

Deno.test("Budget grants in order, so that a large request is not starved", async () => {
  const budget = new Budget(10);
  const order: string[] = [];
  await budget.acquire(6);
  const large = budget.acquire(8).then(() => order.push("large"));
  const small = budget.acquire(1).then(() => order.push("small"));
  assertEquals(budget.tryAcquire(1), false, "somebody waits");
  await settle();
  assertEquals(order, []);
  budget.release(6);
  await Promise.all([large, small]);
  assertEquals(order, ["large", "small"]);
  assertEquals(budget.used, 9);
});

Deno.test("Budget lets a request beyond its limit run alone", async () => {
  const budget = new Budget(10);
  await budget.acquire(1);
  let granted = false;
  const oversize = budget.acquire(50).then(() => granted = true);
  await settle();
  assertEquals(granted, false);
  budget.release(1);
  await oversize;
  assertEquals(budget.tryAcquire(1), false);
  budget.release(50);
  assertEquals(budget.used, 0);
});

Deno.test("Budget forgets a waiter that gave up and serves whoever stood behind", async () => {
  const budget = new Budget(10);
  await budget.acquire(5);
  const controller = new AbortController();
  const gone = budget.acquire(9, controller.signal);
  const behind = budget.acquire(5);
  controller.abort(new Error("no more"));
  await assertRejects(() => gone, Error, "no more");
  await behind;
  assertEquals(budget.used, 10);
});

Deno.test("Budget gives back what an estimate was too high by", async () => {
  const budget = new Budget(10);
  await budget.acquire(10);
  const next = budget.acquire(9);
  budget.adjust(10, 1);
  await next;
  assertEquals(budget.used, 10);
  budget.adjust(1, 4);
  assertEquals(budget.used, 13, "growing never waits");
});
