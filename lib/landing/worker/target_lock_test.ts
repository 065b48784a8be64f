import { assertEquals, assertRejects } from "@std/assert";
import { IoError } from "../../errors.ts";
import { ownUid } from "./ownership.ts";
import { TargetLock } from "./target_lock.ts";
import { inTempDir, namesIn } from "../testing/trees.ts";

/** Declares a test that gets a lock file's path and a way to take the lock. */
function lockTest(
  name: string,
  test: (path: string, acquire: () => Promise<TargetLock>) => Promise<void>,
): void {
  Deno.test({
    name,
    // Without tryLock a wait that was given up ends with the holder.
    sanitizeOps: "tryLock" in Deno.FsFile.prototype,
    fn: () =>
      inTempDir((dir) => {
        const path = `${dir}/.t.fetch_lock`;
        const uid = ownUid(dir);
        return test(path, () => TargetLock.acquire(path, `${dir}/t`, uid));
      }),
  });
}

lockTest(
  "a target is locked by one process at a time, which is named",
  async (path, acquire) => {
    const lock = await acquire();
    for (let tries = 0; tries < 2; tries++) {
      const error = await assertRejects(acquire, IoError);
      assertEquals(error.fields.pid, Deno.pid);
    }
    lock.release();
    await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
    (await acquire()).release();
  },
);

lockTest(
  "a lock file left by a dead process is taken over, with nothing of it left",
  async (path, acquire) => {
    Deno.writeTextFileSync(path, `${"1".repeat(300)}\nmore\n`);
    const lock = await acquire();
    assertEquals(Deno.readTextFileSync(path), `${Deno.pid}\n`);
    lock.release();
  },
);

lockTest(
  "an owner that left no number is another process",
  async (path, acquire) => {
    const lock = await acquire();
    for (const text of ["", "0\n", "12", "x1\n", "12345678901\n"]) {
      Deno.writeTextFileSync(path, text);
      const error = await assertRejects(acquire, IoError);
      const { message, fields } = error;
      assertEquals(message.startsWith("another process is already"), true);
      assertEquals("pid" in fields, false);
    }
    lock.release();
  },
);

lockTest(
  "a second release does nothing, also to the lock of the next owner",
  async (path, acquire) => {
    const first = await acquire();
    first.release();
    const second = await acquire();
    first.release();
    assertEquals(Deno.lstatSync(path).isFile, true);
    await assertRejects(acquire, IoError);
    second.release();
  },
);

lockTest(
  "an owner whose lock file was replaced leaves the other's alone",
  async (path, acquire) => {
    const lock = await acquire();
    Deno.renameSync(path, `${path}.moved`);
    Deno.writeTextFileSync(path, "of somebody else");
    lock.release();
    assertEquals(Deno.readTextFileSync(path), "of somebody else");
  },
);

lockTest("what is no lock file of ours is not taken", async (path, acquire) => {
  const dir = path.slice(0, path.lastIndexOf("/"));
  Deno.writeTextFileSync(`${dir}/victim`, "precious");
  const plant: [string, () => void][] = [
    ["a symbolic link", () => Deno.symlinkSync("victim", path)],
    ["hard links", () => Deno.linkSync(`${dir}/victim`, path)],
    ["not a regular file", () => Deno.mkdirSync(path)],
  ];
  for (const [why, make] of plant) {
    make();
    await assertRejects(acquire, IoError, why);
    assertEquals(Deno.readTextFileSync(`${dir}/victim`), "precious");
    Deno.removeSync(path);
  }
  assertEquals(namesIn(dir), ["victim"]);
});
