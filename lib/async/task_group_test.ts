import { assertEquals, assertRejects } from "@std/assert";
import { TaskGroup } from "./task_group.ts";

/** Ends only with the signal, and then with its reason. */
function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason))
  );
}

Deno.test("TaskGroup keeps both bounds and runs everything", async () => {
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
  let ended = 0;
  const group = new TaskGroup({ maxTasks: 8 });
  const running = group.run(
    ["waits", "waits", "fails", "waits"],
    (what, signal) =>
      what === "fails"
        ? Promise.reject(new Error("the cause"))
        : untilAborted(signal).finally(() => ended++).catch(() => {
          throw new Error("a consequence");
        }),
  );
  await assertRejects(() => running, Error, "the cause");
  assertEquals(ended, 2, "none starts behind the failure");
  assertEquals(group.signal.aborted, true);
});

Deno.test("TaskGroup ends its tasks and fails when its items fail", async () => {
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
  let started = 0;
  const task = (_: number, signal: AbortSignal) => {
    started++;
    return untilAborted(signal);
  };
  const options = { maxTasks: 1, signal, settleEarlier: true };
  const running = new TaskGroup(options).run([1, 2], task);
  await new Promise((resolve) => setTimeout(resolve));
  controller.abort(new Error("enough"));
  await assertRejects(() => running, Error, "enough");
  const late = new TaskGroup(options).run([3], task);
  await assertRejects(() => late, Error, "enough");
  assertEquals(started, 1);
});

Deno.test("TaskGroup with settleEarlier stops what was started after a failure and tells the first in order", async () => {
  const group = new TaskGroup({ maxTasks: 8, settleEarlier: true });
  const ends = [0, 1, 2, 3, 4].map(() => Promise.withResolvers<void>());
  const stopped: number[] = [];
  const running = group.run(ends.keys(), (i, signal) => {
    signal.addEventListener("abort", () => {
      stopped.push(i);
      ends[i].reject(signal.reason);
    });
    return ends[i].promise;
  });
  await new Promise((resolve) => setTimeout(resolve));
  ends[3].reject(new Error("third"));
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(stopped, [4]);
  ends[1].reject(new Error("first"));
  ends[0].resolve();
  await assertRejects(() => running, Error, "first");
  assertEquals(stopped, [4, 2]);
});

Deno.test("TaskGroup starts no task whose room was granted as the group ended", async () => {
  const ends = Promise.withResolvers<void>();
  const fails = Promise.withResolvers<void>();
  const started: string[] = [];
  const group = new TaskGroup({ maxTasks: 2, settleEarlier: true });
  const running = group.run(["ends", "fails", "waits"], (what) => {
    started.push(what);
    return what === "ends" ? ends.promise : fails.promise;
  });
  await new Promise((resolve) => setTimeout(resolve));
  ends.resolve();
  fails.reject(new Error("enough"));
  await assertRejects(() => running, Error, "enough");
  assertEquals(started, ["ends", "fails"]);
});
