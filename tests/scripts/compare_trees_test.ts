import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { compareTrees } from "../../scripts/compare_trees.ts";
import { test } from "../support/cli.ts";

const CHANGES: [string, (dir: string) => Promise<void>, string][] = [
  [
    "other bytes of the same length",
    (dir) => Deno.writeTextFile(join(dir, "a/file"), "hellO"),
    "a/file has other bytes",
  ],
  [
    "another length",
    (dir) => Deno.writeTextFile(join(dir, "a/file"), "hello!"),
    "a/file has other bytes",
  ],
  [
    "a mode",
    (dir) => Deno.chmod(join(dir, "a/file"), 0o755),
    "a/file has the mode 755, not 644",
  ],
  [
    "the mode of a directory",
    (dir) => Deno.chmod(join(dir, "a/b"), 0o700),
    "a/b has the mode 700, not 755",
  ],
  [
    "a link target",
    async (dir) => {
      await Deno.remove(join(dir, "a/link"));
      await Deno.symlink("b", join(dir, "a/link"));
    },
    "a/link points to b, not file",
  ],
  [
    "a kind",
    async (dir) => {
      await Deno.remove(join(dir, "a/link"));
      await Deno.mkdir(join(dir, "a/link"));
    },
    "a/link is a directory, not a link",
  ],
  [
    "a missing directory",
    (dir) => Deno.remove(join(dir, "a/b")),
    "a/b is missing",
  ],
  [
    "an additional file",
    (dir) => Deno.writeTextFile(join(dir, "new"), ""),
    "new is too much",
  ],
];

/** A test with two equal trees. */
function treesTest(
  name: string,
  body: (left: string, right: string) => Promise<void>,
): void {
  test(name, async (dir) => {
    const tree = { "a/b/": "", "a/file": "hello", "a/link": { link: "file" } };
    const sides: string[] = [];
    for (const name of ["left", "right"]) {
      const side = await dir.tree(name, tree);
      // Whatever the umask.
      await Deno.chmod(join(side, "a/b"), 0o755);
      await Deno.chmod(join(side, "a/file"), 0o644);
      sides.push(side);
    }
    await body(sides[0], sides[1]);
  });
}

treesTest("compareTrees finds equal trees equal", async (left, right) => {
  assertEquals(await compareTrees(left, right), {
    files: 1,
    bytes: 5,
    differences: [],
  });
});

for (const [what, change, difference] of CHANGES) {
  treesTest(`compareTrees notices ${what}`, async (left, right) => {
    await change(right);
    const { differences } = await compareTrees(left, right);
    assertEquals(differences, [difference]);
  });
}
