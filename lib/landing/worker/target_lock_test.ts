import { assertEquals, assertRejects } from "@std/assert";
import { IoError } from "../../errors.ts";
import { splitTarget } from "./target.ts";
import { TargetLock } from "./target_lock.ts";
import { SimulatedDisk } from "../testing/simulated_disk.ts";
import { fileSystemOf, test } from "../testing/trees.ts";

/** A lock file, and a way to take its lock. */
function lockIn(
  dir: string,
): { path: string; acquire: () => Promise<TargetLock> } {
  const path = `${dir}/.t.fetch_lock`;
  const fs = fileSystemOf(dir);
  return {
    path,
    acquire: () =>
      TargetLock.acquire(splitTarget(`${dir}/t`), fs, { machine: "" }),
  };
}

test("a target is locked by one process at a time, which is named", async (dir) => {
  const { path, acquire } = lockIn(dir);
  const lock = await acquire();
  for (let tries = 0; tries < 2; tries++) {
    const error = await assertRejects(acquire, IoError);
    assertEquals(error.fields.pid, Deno.pid);
  }
  lock.release();
  await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
  (await acquire()).release();
});

test("a lock that is released is free, also while processes are started", async (dir) => {
  const { acquire } = lockIn(dir);
  const starting = startingProcesses();
  using disk = new SimulatedDisk();
  try {
    for (let times = 0; times < 500; times++) {
      const lock = await acquire();
      // Else the next one would have a file of its own.
      disk.dieAt = disk.count;
      lock.release();
      disk.dieAt = Infinity;
    }
  } finally {
    starting.terminate();
  }
});

/** Starts processes, one after the other, on a thread of its own. */
function startingProcesses(): Worker {
  const source = `while (true) await new Deno.Command("true").output();`;
  const url = `data:text/javascript,${encodeURIComponent(source)}`;
  return new Worker(url, { type: "module" });
}

test("a lock file left by a dead process is taken over, with nothing of it left", async (dir) => {
  const { path, acquire } = lockIn(dir);
  Deno.writeTextFileSync(path, `${"1".repeat(300)}\nmore\n`);
  const lock = await acquire();
  assertEquals(Deno.readTextFileSync(path), `${Deno.pid}\n`);
  lock.release();
});

test("an owner that left no number is another process", async (dir) => {
  const { path, acquire } = lockIn(dir);
  const lock = await acquire();
  for (const text of ["", "0\n", "12", "x1\n", "12345678901\n"]) {
    Deno.writeTextFileSync(path, text);
    const error = await assertRejects(acquire, IoError);
    const { message, fields } = error;
    assertEquals(message.startsWith("another process is already"), true);
    assertEquals("pid" in fields, false);
  }
  lock.release();
});

test("a second release does nothing, also to the lock of the next owner", async (dir) => {
  const { path, acquire } = lockIn(dir);
  const first = await acquire();
  first.release();
  const second = await acquire();
  first.release();
  assertEquals(Deno.lstatSync(path).isFile, true);
  await assertRejects(acquire, IoError);
  second.release();
});

test("an owner whose lock file was replaced leaves the other's alone", async (dir) => {
  const { path, acquire } = lockIn(dir);
  const lock = await acquire();
  Deno.renameSync(path, `${path}.moved`);
  Deno.writeTextFileSync(path, "of somebody else");
  lock.release();
  assertEquals(Deno.readTextFileSync(path), "of somebody else");
});
