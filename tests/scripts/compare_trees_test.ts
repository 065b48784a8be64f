import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { compareTrees } from "../../scripts/compare_trees.ts";

async function makeTree(dir: string): Promise<void> {
  await Deno.mkdir(join(dir, "a", "b"), { recursive: true });
  await Deno.writeTextFile(join(dir, "a", "file"), "hello");
  await Deno.symlink("file", join(dir, "a", "link"));
}

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

async function withTrees(
  use: (left: string, right: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const mask = Deno.umask(0o022);
  try {
    const [left, right] = [join(dir, "left"), join(dir, "right")];
    await makeTree(left);
    await makeTree(right);
    await use(left, right);
  } finally {
    Deno.umask(mask);
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("compareTrees finds equal trees equal", () =>
  withTrees(async (left, right) => {
    assertEquals(await compareTrees(left, right), {
      files: 1,
      bytes: 5,
      differences: [],
    });
  }));

for (const [what, change, difference] of CHANGES) {
  Deno.test(`compareTrees notices ${what}`, () =>
    withTrees(async (left, right) => {
      await change(right);
      const { differences } = await compareTrees(left, right);
      assertEquals(differences, [difference]);
    }));
}
