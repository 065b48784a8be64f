import { assert, assertEquals, assertRejects } from "@std/assert";
import { IoError } from "../errors.ts";
import { LOCK_TOUCH_MS } from "../limits.ts";
import { ownerThatIsGone, thisMachine, watchLeftLock } from "./lock_owner.ts";

/** A process that has ended. */
async function endedProcess(): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["--version"],
    stdout: "null",
  }).spawn();
  await child.status;
  return child.pid;
}

function refusal(pid: number, machine: string): IoError {
  return new IoError("locked", { fields: { pid, machine } });
}

Deno.test("an owner is gone when its process on this machine is, and on no other", async () => {
  const machine = thisMachine();
  if (Deno.build.os !== "linux") {
    assertEquals(machine, "");
    return;
  }
  const pid = await endedProcess();
  assertEquals(ownerThatIsGone(refusal(pid, machine), machine), {
    pid,
    machine,
  });
  assertEquals(ownerThatIsGone(refusal(Deno.pid, machine), machine), undefined);
  assertEquals(ownerThatIsGone(refusal(pid, "x"), machine), undefined);
  assertEquals(ownerThatIsGone(refusal(pid, ""), ""), undefined);
  assertEquals(ownerThatIsGone(new Error("x"), machine), undefined);
});

Deno.test("a lock that seems to have been left is watched for longer than an owner takes to touch it", async () => {
  const waits: number[] = [];
  const pause = (ms: number) => Promise.resolve(void waits.push(ms));
  const left = (fields: Record<string, string | number>) =>
    watchLeftLock(new IoError("locked", { fields }), undefined, pause);
  const seen = { pid: 7, machine: "there", touched: 5000 };
  assertEquals(await left(seen), seen);
  assertEquals(await left({ machine: "", touched: 1 }), {
    pid: 0,
    machine: "",
    touched: 1,
  });
  assert(waits.length === 2 && waits.every((ms) => ms > LOCK_TOUCH_MS));
  assertEquals(await left({ pid: 7, machine: "there" }), undefined);
  assertEquals(
    await watchLeftLock(new Error("x"), undefined, pause),
    undefined,
  );
  assertEquals(waits.length, 2);
});

Deno.test("watching a lock ends with its signal", async () => {
  const fields = { pid: 7, machine: "there", touched: 5000 };
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(
    () => watchLeftLock(new IoError("locked", { fields }), signal),
    Error,
    "enough",
  );
});
