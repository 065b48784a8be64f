import { assertEquals, assertRejects } from "@std/assert";
import { TaskGroup } from "./task_group.ts";

/** Ends only with the signal, and then with its reason. */
function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason))
  );
}

Deno.test("TaskGroup.run keeps both bounds and runs everything", async () => {
  let running = 0;
  let runningBytes = 0;
  const peak = { tasks: 0, bytes: 0 };
  let done = 0;
  const sizes = Array.from({ length: 50 }, (_, i) => i % 2 === 0 ? 60 : 10);
  await new TaskGroup({ maxTasks: 3, maxBytes: 100 }).run(
    sizes,
    async (bytes) => {
      peak.tasks = Math.max(peak.tasks, ++running);
      peak.bytes = Math.max(peak.bytes, runningBytes += bytes);
      await new Promise((resolve) => setTimeout(resolve));
      running--;
      runningBytes -= bytes;
      done++;
    },
    (bytes) => bytes,
  );
  assertEquals({ done, running }, { done: 50, running: 0 });
  assertEquals(peak, { tasks: 3, bytes: 80 });
});

Deno.test("TaskGroup tells its first failure, and only when all tasks have ended", async () => {
  const group = new TaskGroup({ maxTasks: 8 });
  let ended = 0;
  for (let i = 0; i < 3; i++) {
    await group.start((signal) =>
      untilAborted(signal).finally(() => ended++).catch(() => {
        throw new Error("a consequence");
      })
    );
  }
  await group.start(() => Promise.reject(new Error("the cause")));
  await assertRejects(() => group.wait(), Error, "the cause");
  assertEquals(ended, 3);
  await assertRejects(
    () => group.start(() => Promise.resolve()),
    Error,
    "the cause",
  );
});

Deno.test("TaskGroup.run ends its tasks and fails when its items fail", async () => {
  function* items(): Generator<number> {
    yield 1;
    throw new Error("no more items");
  }
  const group = new TaskGroup({ maxTasks: 2 });
  await assertRejects(
    () => group.run(items(), (_, signal) => untilAborted(signal)),
    Error,
    "no more items",
  );
});

Deno.test("TaskGroup ends with its caller's signal, also while it waits for room", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const group = new TaskGroup({ maxTasks: 1, signal, settleEarlier: true });
  await group.start(untilAborted);
  const waiting = group.start(() => Promise.resolve());
  controller.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  await assertRejects(() => group.wait(), Error, "enough");
  const late = new TaskGroup({ maxTasks: 1, signal });
  await assertRejects(
    () => late.run([late.signal], untilAborted),
    Error,
    "enough",
  );
});

Deno.test("TaskGroup with settleEarlier stops what was started after a failure and tells the first in order", async () => {
  const group = new TaskGroup({ maxTasks: 8, settleEarlier: true });
  const ends: PromiseWithResolvers<void>[] = [];
  const stopped: number[] = [];
  for (let i = 0; i < 5; i++) {
    const end = Promise.withResolvers<void>();
    ends.push(end);
    await group.start((signal) => {
      signal.addEventListener("abort", () => {
        stopped.push(i);
        end.reject(signal.reason);
      });
      return end.promise;
    });
  }
  ends[3].reject(new Error("third"));
  await assertRejects(
    () => group.start(() => Promise.resolve()),
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
  const group = new TaskGroup({ maxTasks: 1, settleEarlier: true });
  await group.start(() => Promise.resolve());
  let started = false;
  const waiting = group.start(() => {
    started = true;
    return Promise.resolve();
  });
  group.fail(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  await assertRejects(() => group.wait(), Error, "enough");
  assertEquals(started, false);
});
