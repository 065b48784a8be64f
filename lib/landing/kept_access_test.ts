/** Nobody can use what is replaced who could not before. */

import { assertEquals } from "@std/assert";
import { BlobLanding } from "./blob_landing.ts";
import {
  blobRange,
  fill,
  landTree,
  modeAt,
  namesIn,
  openTree,
  tempTree,
  test,
  type TreeItems,
} from "./testing/trees.ts";

const ITEMS: TreeItems = [
  ["new", { file: "new" }],
  ["open", { dir: true, mode: 0o41777 }],
];

const WINDOWS = Deno.build.os === "windows";

/** Lands a file of one byte. */
async function landFile(
  out: string,
  meanwhile: () => void = () => {},
): Promise<readonly string[]> {
  await using landing = await BlobLanding.open({ out });
  await landing.write(blobRange(0, "a"));
  meanwhile();
  return await landing.commit(1);
}

/** A group of ours that new files do not get, if there is one. */
function otherGroup(dir: string): number | undefined {
  const probe = `${dir}/probe`;
  Deno.writeTextFileSync(probe, "");
  try {
    Deno.chownSync(probe, null, 65534);
    return 65534;
  } catch {
    return undefined;
  } finally {
    Deno.removeSync(probe);
  }
}

test("a directory keeps the mode of the one that it replaces, also while it grows", async (dir) => {
  if (WINDOWS) return;
  for (const mode of [0o700, 0o750, 0o2775, 0o1777]) {
    const out = `${dir}/tree`;
    Deno.mkdirSync(out);
    Deno.chmodSync(out, mode);
    const landing = await openTree(out, ITEMS);
    assertEquals(modeAt(tempTree(dir)) & 0o777, 0o700);
    await fill(landing, ITEMS);
    await landing.commit();
    assertEquals(modeAt(out), mode);
    assertEquals(namesIn(out), ["new", "open"]);
    Deno.removeSync(out, { recursive: true });
  }
});

test("the sticky bit of a directory arrives", async (dir) => {
  if (WINDOWS) return;
  await landTree(`${dir}/tree`, ITEMS);
  assertEquals(modeAt(`${dir}/tree/open`), 0o1777);
});

test("with perms false what is made has the modes that new things have", async (dir) => {
  if (WINDOWS) return;
  Deno.mkdirSync(`${dir}/plain`);
  await landTree(`${dir}/tree`, [
    ["d", { dir: true, mode: 0o40700 }],
    ["f", { file: "x", mode: 0o100600 }],
  ], { perms: false });
  Deno.writeTextFileSync(`${dir}/file`, "");
  assertEquals(modeAt(`${dir}/tree/d`), modeAt(`${dir}/plain`));
  assertEquals(modeAt(`${dir}/tree/f`), modeAt(`${dir}/file`));
});

test("a file has the mode of the one that it replaces, and is for us alone while it grows", async (dir) => {
  if (WINDOWS) return;
  for (const mode of [0o600, 0o755, 0o444, 0o4755]) {
    const out = `${dir}/file`;
    Deno.writeTextFileSync(out, "old");
    Deno.chmodSync(out, mode);
    const kept = mode & 0o777;
    await landFile(out, () => assertEquals(modeAt(`${out}.partial`), 0o600));
    assertEquals(modeAt(out), kept, "set-id bits were given to other content");
    assertEquals(Deno.readTextFileSync(out), "a");
    Deno.removeSync(out);
  }
});

test("a new file has the mode that new files have", async (dir) => {
  Deno.writeTextFileSync(`${dir}/plain`, "");
  await landFile(`${dir}/file`);
  assertEquals(modeAt(`${dir}/file`), modeAt(`${dir}/plain`));
});

test("what is replaced leaves its group", async (dir) => {
  const gid = otherGroup(dir);
  if (gid === undefined) {
    console.log("skipped: this user may give no other group");
    return;
  }
  Deno.mkdirSync(`${dir}/tree`);
  Deno.chownSync(`${dir}/tree`, null, gid);
  Deno.chmodSync(`${dir}/tree`, 0o2775);
  await landTree(`${dir}/tree`, ITEMS);
  assertEquals(Deno.lstatSync(`${dir}/tree`).gid, gid);
  assertEquals(modeAt(`${dir}/tree`), 0o2775);
  Deno.writeTextFileSync(`${dir}/file`, "old");
  Deno.chownSync(`${dir}/file`, null, gid);
  Deno.chmodSync(`${dir}/file`, 0o640);
  await landFile(`${dir}/file`);
  assertEquals(Deno.lstatSync(`${dir}/file`).gid, gid);
  assertEquals(modeAt(`${dir}/file`), 0o640);
});

test("a file is for its owner alone while it grows, and has the default mode in the end", async (dir) => {
  if (WINDOWS) return;
  Deno.writeTextFileSync(`${dir}/plain`, "");
  // As a run of an earlier version left it.
  Deno.writeTextFileSync(`${dir}/file.partial`, "left over");
  Deno.chmodSync(`${dir}/file.partial`, 0o644);
  await landFile(`${dir}/file`, () => {
    assertEquals(modeAt(`${dir}/file.partial`) & 0o777, 0o600);
  });
  assertEquals(modeAt(`${dir}/file`), modeAt(`${dir}/plain`));
});
