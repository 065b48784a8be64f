import { assertEquals, assertRejects } from "@std/assert";
import { TaskGroup } from "./task_group.ts";

Deno.test("TaskGroup keeps both bounds and runs everything", async () => {
  const group = new TaskGroup({ maxTasks: 3, maxBytes: 100 });
  let running = 0;
  let peak = 0;
  let peakBytes = 0;
  let done = 0;
  for (let i = 0; i < 50; i++) {
    await group.start(i % 2 === 0 ? 60 : 10, async () => {
      peak = Math.max(peak, ++running);
      peakBytes = Math.max(peakBytes, group.bytesInFlight);
      await new Promise((resolve) => setTimeout(resolve));
      running--;
      done++;
    });
  }
  await group.wait();
  assertEquals({ done, running }, { done: 50, running: 0 });
  assertEquals([peak <= 3, peakBytes <= 100], [true, true]);
});

Deno.test("TaskGroup tells its first failure, and only when all tasks have ended", async () => {
  const group = new TaskGroup({ maxTasks: 8, maxBytes: 100 });
  let ended = 0;
  for (let i = 0; i < 3; i++) {
    await group.start(1, async () => {
      await new Promise<void>((resolve) =>
        group.signal.addEventListener("abort", () => resolve())
      );
      ended++;
      throw new Error("a consequence");
    });
  }
  await group.start(1, () => Promise.reject(new Error("the cause")));
  await assertRejects(() => group.wait(), Error, "the cause");
  assertEquals(ended, 3);
  await assertRejects(
    () => group.start(1, () => Promise.resolve()),
    Error,
    "the cause",
  );
});

Deno.test("TaskGroup ends with its caller's signal, also while it waits for room", async () => {
  const controller = new AbortController();
  const group = new TaskGroup({
    maxTasks: 1,
    maxBytes: 1,
    signal: controller.signal,
  });
  await group.start(
    1,
    () =>
      new Promise((_, reject) =>
        group.signal.addEventListener(
          "abort",
          () => reject(group.signal.reason),
        )
      ),
  );
  const waiting = group.start(1, () => Promise.resolve());
  controller.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  await assertRejects(() => group.wait(), Error, "enough");
});
