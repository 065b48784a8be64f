import { assert, assertEquals, assertThrows } from "@std/assert";
import { IoError } from "../../errors.ts";
import {
  mount,
  mountOverlay,
  noMounts,
  noOverlays,
} from "../../../tests/support/mounts.ts";
import { onWindows, unless } from "../../../tests/support/unless.ts";
import { inTempDir, namesIn, test } from "../testing/trees.ts";
import { removeTree, TreeRemoval } from "./remove_tree.ts";

test("removeTree removes files, links and trees, follows nothing, and takes absence for done", (dir) => {
  Deno.mkdirSync(`${dir}/tree/deep`, { recursive: true });
  Deno.mkdirSync(`${dir}/kept`);
  Deno.writeTextFileSync(`${dir}/kept/file`, "");
  Deno.writeTextFileSync(`${dir}/file`, "");
  Deno.symlinkSync("../../kept", `${dir}/tree/deep/link`);
  Deno.symlinkSync("kept", `${dir}/link`);
  for (const name of ["tree", "file", "link", "none"]) {
    removeTree(`${dir}/${name}`);
  }
  assertEquals(namesIn(dir), ["kept"]);
  assertEquals(namesIn(`${dir}/kept`), ["file"]);
});

test("removeTree empties directories whose mode forbids it to their own owner", async (dir) => {
  Deno.chmodSync(dir, 0o755);
  const tree = `${dir}/home/tree`;
  Deno.mkdirSync(`${tree}/a/b`, { recursive: true });
  Deno.writeTextFileSync(`${tree}/a/b/file`, "");
  const root = Deno.uid() === 0;
  if (root) {
    for (
      const path of [
        "home",
        "home/tree",
        "home/tree/a",
        "home/tree/a/b",
        "home/tree/a/b/file",
      ]
    ) {
      Deno.chownSync(`${dir}/${path}`, 65534, 65534);
    }
  }
  for (const path of ["a/b", "a", ""]) {
    Deno.chmodSync(`${tree}/${path}`, 0o500);
  }
  if (!root) {
    removeTree(tree);
  } else {
    await removeAs(65534, tree, `${dir}/home`);
  }
  assertEquals(namesIn(`${dir}/home`).filter((name) => name !== "deno"), []);
});

/** Root may do everything: the modes count for another user only. */
async function removeAs(
  uid: number,
  tree: string,
  home: string,
): Promise<void> {
  const copies = `${home}/copies`;
  for (const folder of ["landing/worker", "os", "text"]) {
    await Deno.mkdir(`${copies}/${folder}`, { recursive: true });
  }
  for (
    const file of [
      "landing/worker/remove_tree.ts",
      "os/os_error.ts",
      "os/random_token.ts",
      "text/escape.ts",
      "text/hex.ts",
      "errors.ts",
    ]
  ) {
    await Deno.copyFile(
      new URL(`../../${file}`, import.meta.url),
      `${copies}/${file}`,
    );
  }
  await Deno.writeTextFile(
    `${copies}/main.ts`,
    'import { removeTree } from "./landing/worker/remove_tree.ts"; removeTree(Deno.args[0]);',
  );
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", `${copies}/main.ts`, tree],
    cwd: home,
    env: { DENO_DIR: `${home}/deno`, HOME: home },
    uid,
    gid: uid,
  });
  try {
    const { stderr } = await command.output();
    assertEquals(new TextDecoder().decode(stderr), "");
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    console.log(`skipped, no other user can run the runtime: ${error.message}`);
    await Deno.remove(tree, { recursive: true });
  }
  await Deno.remove(copies, { recursive: true });
}

for (const kind of ["bind", "tmpfs"] as const) {
  const what = kind === "bind"
    ? "a directory of the same disk"
    : "a file system";
  Deno.test({
    ...unless(
      noMounts,
      `removeTree stays out of ${what} that is mounted inside`,
    ),
    fn: () =>
      inTempDir(async (dir) => {
        const at = `${dir}/tree/a/mounted`;
        Deno.mkdirSync(`${dir}/tree/b`, { recursive: true });
        Deno.mkdirSync(`${dir}/disk/sub`, { recursive: true });
        Deno.mkdirSync(at, { recursive: true });
        Deno.writeTextFileSync(`${dir}/tree/b/file`, "");
        const what = kind === "bind"
          ? ["--bind", `${dir}/disk`]
          : ["-t", "tmpfs", "none"];
        await using _mounted = await mount(what, at);
        Deno.writeTextFileSync(`${at}/kept`, "");
        const { fields } = assertThrows(
          () => removeTree(`${dir}/tree`),
          IoError,
          "another file system is mounted at",
        );
        const now = String(fields.path);
        assert(namesIn(now).includes("kept"));
        // All else is gone.
        assertEquals(namesIn(`${dir}/tree`).length, 1);
        assertEquals(namesIn(now.slice(0, now.lastIndexOf("/"))), ["mounted"]);
        // The mount is where the tree is now: only there can it be taken off.
        Deno.renameSync(now.slice(0, now.lastIndexOf("/")), `${dir}/tree/a`);
      }),
  });
}

Deno.test({
  ...unless(
    noMounts,
    "TreeRemoval stays out of what is mounted over the tree while it is at work",
  ),
  fn: () =>
    inTempDir(async (dir) => {
      Deno.mkdirSync(`${dir}/disk`);
      Deno.mkdirSync(`${dir}/tree`);
      Deno.writeTextFileSync(`${dir}/tree/file`, "");
      Deno.mkdirSync(`${dir}/tree/inner`);
      Deno.writeTextFileSync(`${dir}/tree/inner/photo`, "");
      Deno.writeTextFileSync(`${dir}/disk/photo`, "");
      const removal = new TreeRemoval(`${dir}/tree`);
      const inner = () =>
        namesIn(`${dir}/tree`).find((n) => /^\.[0-9a-f]{16}_/.test(n));
      while (inner() === undefined) assertEquals(removal.step(0), false);
      await using _mounted = await mount(
        ["--bind", `${dir}/disk`],
        `${dir}/tree/${inner()}`,
      );
      assertThrows(() => removal.step(), IoError, "is mounted at");
      assertEquals(namesIn(`${dir}/disk`), ["photo"]);
    }),
});

Deno.test({
  ...unless(
    noOverlays,
    "removeTree removes directories of a lower layer, which cannot be renamed",
  ),
  fn: () =>
    inTempDir(async (dir) => {
      Deno.mkdirSync(`${dir}/lower/tree/a/b`, { recursive: true });
      Deno.writeTextFileSync(`${dir}/lower/tree/a/b/file`, "");
      await using _mounted = await mountOverlay(dir);
      Deno.mkdirSync(`${dir}/merged/tree/a/b/c`);
      removeTree(`${dir}/merged/tree`);
      assertEquals(namesIn(`${dir}/merged`), []);
    }),
});

test("removeTree removes trees deeper than a path can be long", (dir) => {
  const name = "d".repeat(200);
  let depth = 0;
  // Built from the inside: each level is put into a new one.
  Deno.mkdirSync(`${dir}/inner`);
  Deno.writeTextFileSync(`${dir}/inner/file`, "");
  for (; depth < 100; depth++) {
    Deno.mkdirSync(`${dir}/outer`);
    Deno.renameSync(`${dir}/inner`, `${dir}/outer/${name}`);
    Deno.renameSync(`${dir}/outer`, `${dir}/inner`);
  }
  removeTree(`${dir}/inner`);
  assertEquals(namesIn(dir), []);
});

Deno.test({
  ...unless(
    onWindows,
    "TreeRemoval removes what has names that are not UTF-8 where nothing can be mounted in it",
  ),
  fn: () =>
    inTempDir(async (dir) => {
      const script =
        "mkdir -p tree/in && touch tree/$(printf '\\377') tree/in/$(printf '\\376') && mkdir other other/$(printf '\\375') && touch other/$(printf '\\375')/file";
      const { success } = await new Deno.Command("sh", {
        args: ["-c", script],
        cwd: dir,
      }).output();
      if (!success) return; // A file system whose names are UTF-8 always.
      new TreeRemoval(`${dir}/tree`, { mountless: true }).step();
      assertEquals(namesIn(dir), ["other"]);
      assertThrows(() => removeTree(`${dir}/other`), IoError);
      new TreeRemoval(`${dir}/other`, { mountless: true }).step();
      assertEquals(namesIn(dir), []);
    }),
});

test("TreeRemoval works in steps and counts what is gone", (dir) => {
  Deno.mkdirSync(`${dir}/tree/a`, { recursive: true });
  for (const name of ["x", "y", "a/z"]) {
    Deno.writeTextFileSync(`${dir}/tree/${name}`, "123");
  }
  const removal = new TreeRemoval(`${dir}/tree`, { countBytes: true });
  let steps = 0;
  while (!removal.step(0)) steps++;
  assert(steps >= 3);
  assertEquals(removal.removed, { files: 3, bytes: 9 });
  assertEquals(namesIn(dir), []);
});
