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

Deno.test("TaskGroup with settleEarlier stops what was started after a failure and tells the first in order", async () => {
  const group = new TaskGroup({
    maxTasks: 8,
    maxBytes: 100,
    settleEarlier: true,
  });
  const ends: PromiseWithResolvers<void>[] = [];
  const stopped: number[] = [];
  for (let i = 0; i < 5; i++) {
    const end = Promise.withResolvers<void>();
    ends.push(end);
    await group.start(1, (signal) => {
      signal.addEventListener("abort", () => {
        stopped.push(i);
        end.reject(signal.reason);
      });
      return end.promise;
    });
  }
  ends[3].reject(new Error("third"));
  await assertRejects(
    () => group.start(1, () => Promise.resolve()),
    Error,
    "third",
  );
  assertEquals(stopped, [4]);
  ends[1].reject(new Error("first"));
  ends[0].resolve();
  await assertRejects(() => group.wait(), Error, "first");
  assertEquals(stopped, [4, 2]);
});

Deno.test("TaskGroup starts no task whose room was granted as the group ended", async () => {
  const group = new TaskGroup({
    maxTasks: 1,
    maxBytes: 1,
    settleEarlier: true,
  });
  await group.start(1, () => Promise.resolve());
  let started = false;
  const waiting = group.start(1, () => {
    started = true;
    return Promise.resolve();
  });
  group.fail(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  await assertRejects(() => group.wait(), Error, "enough");
  assertEquals(started, false);
});
