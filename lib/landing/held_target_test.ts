import { assertEquals, assertRejects } from "@std/assert";
import { isHeldTarget, untilTargetIsFree } from "./held_target.ts";
import { fileSystemOf, test } from "./testing/trees.ts";
import { insideTarget } from "./worker/leftovers.ts";
import { splitTarget } from "./worker/target.ts";
import { TargetLock } from "./worker/target_lock.ts";

test("who waits for a target goes on when the one that has it is done, wherever its lock is", async (dir) => {
  const target = splitTarget(`${dir}/t`);
  await Deno.mkdir(target.out);
  const fs = fileSystemOf(dir);
  for (const place of [target, insideTarget(target.out)]) {
    const acquire = () => TargetLock.acquire(place, fs, { machine: "" });
    const lock = await acquire();
    const error = await assertRejects(acquire);
    assertEquals(isHeldTarget(error), true);
    let isFree = false;
    const waiting = untilTargetIsFree(target.out).then(() => isFree = true);
    await new Promise((resolve) => setTimeout(resolve, 800));
    assertEquals(isFree, false);
    lock.release();
    await waiting;
  }
  assertEquals(isHeldTarget(new Error("held")), false);
});

test("who waits for a target can be stopped, and does not wait for a lock that nobody has", async (dir) => {
  const target = splitTarget(`${dir}/t`);
  await untilTargetIsFree(target.out);
  Deno.writeTextFileSync(`${dir}/.t.fetch_lock`, "7\n");
  await untilTargetIsFree(target.out);
  const fs = fileSystemOf(dir);
  const lock = await TargetLock.acquire(target, fs, { machine: "" });
  const stop = new AbortController();
  const waiting = untilTargetIsFree(target.out, stop.signal);
  setTimeout(() => stop.abort(new Error("stopped")), 700);
  await assertRejects(() => waiting, Error, "stopped");
  lock.release();
});
