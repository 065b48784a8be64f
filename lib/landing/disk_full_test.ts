import { assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../content/hash.ts";
import { IoError } from "../errors.ts";
import { BlobLanding } from "./blob_landing.ts";
import {
  fill,
  inTempDir,
  namesIn,
  openTree,
  type TreeItems,
} from "./testing/trees.ts";

/** Runs `test` on a file system of 1 MiB, where one can be mounted. */
async function onTinyDisk(test: (dir: string) => Promise<void>): Promise<void> {
  await inTempDir(async (dir) => {
    const mounted = await run(
      "mount",
      ..."-t tmpfs -o size=1m none".split(" "),
      dir,
    );
    if (mounted !== "") {
      console.log(`skipped, no file system can be mounted: ${mounted}`);
      return;
    }
    try {
      await test(dir);
    } finally {
      await run("umount", dir);
    }
  });
}

async function run(command: string, ...args: string[]): Promise<string> {
  try {
    const { success, stderr } = await new Deno.Command(command, { args })
      .output();
    return success
      ? ""
      : new TextDecoder().decode(stderr) || `${command} failed`;
  } catch (error) {
    return String(error);
  }
}

Deno.test("a full disk ends a blob landing with its name and leaves the target", () =>
  onTinyDisk(async (dir) => {
    Deno.writeTextFileSync(`${dir}/out`, "old");
    const bytes = new Uint8Array(2 * 1024 * 1024).fill(1);
    await using landing = await BlobLanding.open({ out: `${dir}/out` });
    const error = await assertRejects(
      () => landing.write({ offset: 0, hash: blake3(bytes), bytes }),
      IoError,
      `cannot write "${dir}/out.partial": No space left on device`,
    );
    assertEquals(error.hint, "free some space and run again");
    assertEquals(error.kind, "io");
    await landing.abort();
    assertEquals(Deno.readTextFileSync(`${dir}/out`), "old");
    assertEquals(namesIn(dir), ["out"]);
  }));

Deno.test("a full disk ends a tree landing and leaves nothing but the target", () =>
  onTinyDisk(async (dir) => {
    Deno.mkdirSync(`${dir}/tree`);
    const file = new Uint8Array(300 * 1024).fill(1);
    const items: TreeItems = Array.from(
      { length: 5 },
      (_, i) => [`f${i}`, { file }],
    );
    const landing = await openTree(`${dir}/tree`, items);
    await assertRejects(
      () => fill(landing, items),
      IoError,
      "No space left on device",
    );
    await landing.abort();
    assertEquals(namesIn(dir), ["tree"]);
  }));
