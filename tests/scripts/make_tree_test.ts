import { assert, assertEquals } from "@std/assert";
import { compareTrees } from "../../scripts/compare_trees.ts";
import { makeTree, noise } from "../../scripts/make_tree.ts";
import { test } from "../support/cli.ts";

test("makeTree makes the same tree each time, of the size it was told", async (dir) => {
  const shape = { files: 400, bytes: 300_000 };
  await makeTree(dir.at("a"), shape);
  await makeTree(dir.at("b"), shape);
  const same = await compareTrees(dir.at("a"), dir.at("b"));
  assertEquals(same, { ...shape, differences: [] });
});

Deno.test("noise differs from seed to seed", () => {
  const seeds = Array.from({ length: 50 }, (_, seed) => noise(8, seed).join());
  assertEquals(new Set(seeds).size, seeds.length);
  assertEquals(noise(5, 1), noise(8, 1).subarray(0, 5));
  assert(noise(0, 1).length === 0);
});
