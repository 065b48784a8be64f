import { assertEquals } from "@std/assert";
import { IoError } from "../errors.ts";
import { ownerThatIsGone, thisMachine } from "./lock_owner.ts";

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
