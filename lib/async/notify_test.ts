import { assertEquals, assertRejects } from "@std/assert";
import { Notify } from "./notify.ts";

Deno.test("Notify wakes all waiters, and none that come later", async () => {
  const notify = new Notify();
  const woken: string[] = [];
  const first = notify.wait().then(() => woken.push("first"));
  const second = notify.wait().then(() => woken.push("second"));
  notify.notifyAll();
  const late = notify.wait().then(() => woken.push("late"));
  await Promise.all([first, second]);
  assertEquals(woken, ["first", "second"]);
  notify.notifyAll();
  await late;
});

Deno.test("Notify lets a waiter go whose signal aborts", async () => {
  const notify = new Notify();
  const controller = new AbortController();
  const waiting = notify.wait(controller.signal);
  controller.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  await assertRejects(() => notify.wait(controller.signal), Error, "enough");
  notify.notifyAll();
});
