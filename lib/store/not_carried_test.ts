import { assertEquals } from "@std/assert";
import { onWindows, unless } from "../../tests/support/unless.ts";
import {
  type EntryFacts,
  type NotCarriedNote,
  notCarriedOf,
} from "./not_carried.ts";
import { rawPaths } from "./raw_paths.ts";
import { storeDir } from "./store_dir.ts";
import { makeTempDir, runScript, writeTree } from "./testing/temp_tree.ts";

const ROOT = { uid: 1000, gid: 100 };
const FILE: EntryFacts = {
  ...{ isFile: true, size: 10, blocks: 8, nlink: 1, ...ROOT },
};

Deno.test("a file of one name, full and of the owner of its tree loses nothing but its times", () => {
  assertEquals(notCarriedOf(FILE, ROOT), []);
  // Systems that do not tell.
  const silent = { ...FILE, blocks: null, nlink: null };
  assertEquals(notCarriedOf(silent, ROOT), []);
  // Small files may lie in the inode.
  assertEquals(notCarriedOf({ ...FILE, size: 4000, blocks: 0 }, ROOT), []);
});

Deno.test("hard links, holes and other owners are told with what they are", () => {
  const kinds = (facts: Partial<EntryFacts>) =>
    notCarriedOf({ ...FILE, ...facts }, ROOT);
  assertEquals(kinds({ nlink: 3 }), [["hardLinks", "it has 3 names"]]);
  assertEquals(kinds({ size: 1_000_000 }), [
    ["sparse", "it takes 4096 of 1000000 bytes"],
  ]);
  assertEquals(kinds({ uid: 0 }), [["owners", "it belongs to 0:100"]]);
  assertEquals(kinds({ gid: 0 }), [["owners", "it belongs to 1000:0"]]);
  // Directories have names of their own kind.
  assertEquals(kinds({ isFile: false, nlink: 5, blocks: 0, size: 99_999 }), []);
});

Deno.test({
  ...unless(
    onWindows,
    "publishing counts what it cannot carry, and tells of it by path",
  ),
  async fn() {
    using temp = makeTempDir();
    const root = `${temp.path}/tree`;
    writeTree(root, { "a": "a", "d/b": "b" });
    Deno.linkSync(`${root}/a`, `${root}/again`);
    Deno.truncateSync(`${root}/d/b`, 1_000_000);
    const told: NotCarriedNote[] = [];
    const { stats } = await storeDir(undefined, root, {
      onNotCarried: (note) => told.push(note),
    });
    const { xattrs: _, ...counts } = stats.notCarried;
    assertEquals(counts, { hardLinks: 2, sparse: 1, owners: 0 });
    assertEquals(
      told.filter(({ kind }) => kind !== "xattrs").map(({ kind, path }) => [
        kind,
        path,
      ]),
      [
        ["hardLinks", `${root}/a`],
        ["hardLinks", `${root}/again`],
        ["sparse", `${root}/d/b`],
      ],
    );
    // Nobody is told: nothing is looked for that costs something.
    const silent = await storeDir(undefined, root);
    assertEquals(silent.stats.notCarried, counts);
  },
});

const SET_ATTRIBUTE =
  'setfattr -n user.note -v x a || python3 -c \'import os; os.setxattr("a", "user.note", b"x")\'';

/** Why no file gets an attribute here. */
function whyNoAttributes(root: string): string | undefined {
  if (rawPaths === undefined) return "there are no native calls";
  try {
    runScript(root, `{ ${SET_ATTRIBUTE}; } 2>/dev/null`);
    return undefined;
  } catch {
    return "no attribute can be set here";
  }
}

Deno.test("extended attributes are counted where somebody is told of them", async (t) => {
  using temp = makeTempDir();
  const root = `${temp.path}/tree`;
  writeTree(root, { "a": "a", "b": "b" });
  const obstacle = whyNoAttributes(root);
  await t.step({
    ...unless(obstacle, "by their names"),
    async fn() {
      const told: NotCarriedNote[] = [];
      const { stats } = await storeDir(undefined, root, {
        onNotCarried: (note) => told.push(note),
      });
      assertEquals(stats.notCarried.xattrs, 1);
      assertEquals(told, [
        { kind: "xattrs", path: `${root}/a`, what: "user.note" },
      ]);
    },
  });
});
