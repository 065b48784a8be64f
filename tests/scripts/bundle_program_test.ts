import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { bundleProgram } from "../../scripts/bundle_program.ts";
import { runProgram } from "../../scripts/program.ts";
import { pathsIn, test } from "../support/cli.ts";

/** A program of two rooms and a package. */
const PROGRAM = {
  "cli.ts": `import { used } from "./room/mod.ts";
if (used() === "now") console.log((await import("./later.ts")).later());`,
  "later.ts": `import { packed } from "@scope/name";
export const later = (): string => packed;`,
  "room/mod.ts": `export { used } from "./used.ts";
export { unused } from "./unused.ts";`,
  "room/used.ts": `export const used = (): string => "now";`,
  "room/unused.ts": `const table = make("not loaded");
function make(word: string): string[] { return [word]; }
export const unused = (): string[] => table;`,
  "node_modules/real-name/package.json": `{ "type": "module" }`,
  "node_modules/real-name/file.js": `export const packed = "packed";`,
};

test("bundleProgram makes one file of what is needed at once, one of what is not, none of the rest", async (dir) => {
  await dir.tree(".", PROGRAM);
  const out = dir.at("out");
  const imports = { "@scope/name": "npm:real-name@1.2.3/file.js" };
  await bundleProgram(dir.path, imports, out);
  const names = await pathsIn(out);
  assertEquals(names.length, 2, names.join());
  assertEquals(names[0], "cli.js");
  const [main, later] = await Promise.all(
    names.map((name) => Deno.readTextFile(join(out, name))),
  );
  assert(main.includes('"now"') && !main.includes("not loaded"));
  assert(later.includes('"packed"'));
  const { stdout } = await runProgram(
    [Deno.execPath()],
    ["run", join(out, "cli.js")],
  );
  assertEquals(stdout, "packed\n");
});
