import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { compareTrees } from "../../scripts/compare_trees.ts";
import { makeTree, noise } from "../../scripts/make_tree.ts";

Deno.test("makeTree makes the same tree each time, of the size it was told", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const shape = { files: 400, bytes: 300_000 };
    await makeTree(join(dir, "a"), shape);
    await makeTree(join(dir, "b"), shape);
    const same = await compareTrees(join(dir, "a"), join(dir, "b"));
    assertEquals(same, { ...shape, differences: [] });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("noise differs from seed to seed", () => {
  const seeds = Array.from({ length: 50 }, (_, seed) => noise(8, seed).join());
  assertEquals(new Set(seeds).size, seeds.length);
  assertEquals(noise(5, 1), noise(8, 1).subarray(0, 5));
  assert(noise(0, 1).length === 0);
});
