import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { bundleProgram } from "../../scripts/bundle_program.ts";

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

Deno.test("bundleProgram makes one file of what is needed at once, one of what is not, none of the rest", async () => {
  const dir = await Deno.makeTempDir({ prefix: "net_transfer_bundle_" });
  try {
    for (const [path, text] of Object.entries(PROGRAM)) {
      await Deno.mkdir(dirname(join(dir, path)), { recursive: true });
      await Deno.writeTextFile(join(dir, path), text);
    }
    const out: string = join(dir, "out");
    await bundleProgram(
      dir,
      { "@scope/name": "npm:real-name@1.2.3/file.js" },
      out,
    );
    const names = [...Deno.readDirSync(out)].map(({ name }) => name).sort();
    assertEquals(names.length, 2, names.join());
    assertEquals(names[0], "cli.js");
    const [main, later] = await Promise.all(
      names.map((name) => Deno.readTextFile(join(out, name))),
    );
    assert(main.includes('"now"') && !main.includes("not loaded"));
    assert(later.includes('"packed"'));
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", join(out, "cli.js")],
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "packed\n");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
