import { assertEquals } from "@std/assert";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { ExistingTree } from "./existing_tree.ts";
import { makeTempDir } from "./testing/temp_tree.ts";

/** Which file has a path. */
function numberOf(tree: ExistingTree, path: string): number {
  for (const entry of tree.entries()) {
    if (entry.path === path) return entry.number;
  }
  throw new Error("it is not there");
}

const REPLACED: Record<string, (path: string) => void> = {
  "another file": (path) => Deno.writeTextFileSync(path, "content"),
  "a link": (path) => Deno.symlinkSync("moved", path),
  "a pipe": (path) => {
    new Deno.Command("mkfifo", { args: [path] }).outputSync();
  },
  "nothing": () => {},
};

for (const [what, put] of Object.entries(REPLACED)) {
  Deno.test({
    ...unless(onWindows, `${what} in the place of a listed file is not copied`),
    async fn() {
      using temp = makeTempDir();
      const root = `${temp.path}/root`;
      Deno.mkdirSync(root);
      Deno.writeTextFileSync(`${root}/file`, "content");
      const tree = await ExistingTree.list(root);
      if (tree === undefined) throw new Error("it is not listed");
      Deno.renameSync(`${root}/file`, `${root}/moved`);
      put(`${root}/file`);
      const to = `${temp.path}/copy`;
      assertEquals(tree.cloneTo(numberOf(tree, "file"), to), undefined);
      const names = [...Deno.readDirSync(temp.path)].map(({ name }) => name);
      assertEquals(names, ["root"]);
    },
  });
}

Deno.test({
  ...unless(
    onWindows,
    "where copies share no blocks nothing is made, and where they do all of it",
  ),
  async fn() {
    using temp = makeTempDir();
    const root = `${temp.path}/root`;
    Deno.mkdirSync(root);
    Deno.writeTextFileSync(`${root}/file`, "content");
    const tree = await ExistingTree.list(root);
    if (tree === undefined) throw new Error("it is not listed");
    const to = `${temp.path}/copy`;
    const made = tree.cloneTo(numberOf(tree, "file"), to) === 7;
    const names = [...Deno.readDirSync(temp.path)].map(({ name }) => name);
    assertEquals(names.sort(), made ? ["copy", "root"] : ["root"]);
    if (made) assertEquals(Deno.readTextFileSync(to), "content");
    // What is there already is nobody's to change.
    Deno.writeTextFileSync(to, "mine");
    assertEquals(tree.cloneTo(numberOf(tree, "file"), to), undefined);
    assertEquals(Deno.readTextFileSync(to), "mine");
  },
});
