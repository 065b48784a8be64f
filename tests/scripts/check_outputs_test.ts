import { assert, assertEquals } from "@std/assert";
import { checkOutputs } from "../../scripts/check_outputs.ts";
import { generateCommandLines } from "../../scripts/generate_command_lines.ts";
import { seededRandom } from "../../lib/wire/testing/random.ts";

const seed = Number(Deno.env.get("OUTPUT_SEED") ?? Date.now() % 2 ** 31);

Deno.test("command lines as bad as can be print nothing that a terminal acts on", async () => {
  const { faults, lines, runs } = await checkOutputs(3000, seed);
  assertEquals(faults, [], `OUTPUT_SEED=${seed}`);
  assert(lines >= 3000 && runs >= 500);
});

Deno.test("a seed makes the same command lines again", async () => {
  const around = {
    paths: ["p"],
    attach: ["--node-id", "1"],
    references: ["r"],
    tickets: ["t"],
  };
  const lines = await generateCommandLines(50, seed, around);
  assertEquals(await generateCommandLines(50, seed, around), lines);
  const [a, b] = [seededRandom(seed), seededRandom(seed + 1)];
  assert(a() !== b());
});
