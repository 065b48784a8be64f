import { assertEquals } from "@std/assert";
import { walk } from "@std/fs";
import { fromFileUrl } from "@std/path";
import { everyPage, loadCatalog } from "./framework/catalog.ts";
import { COMMAND_LINE } from "./command_line.ts";

const LIB: string = fromFileUrl(new URL("../", import.meta.url));
/** Flags of the runtime and of other programs' commands that texts name. */
const FOREIGN = ["all", "env", "ffi", "net", "read", "write"]
  .map((what) => `allow-${what}`);
/** Loaded before the test: verbs open libraries that stay open. */
const CATALOG = await loadCatalog(COMMAND_LINE);
/** Not texts of ours: scripts of shells, and sources that are collected here. */
const SKIPPED = /_test\.ts$|_bundle\.ts$|\/testing\/|\/completion\//;

function* flagsIn(source: string): Generator<string, void> {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "");
  const literals = code.match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
  for (const literal of literals) {
    for (
      const [, flag] of literal.matchAll(/(?<![\w-])--([a-z][a-z-]*[a-z])/g)
    ) {
      yield flag;
    }
  }
}

Deno.test("every flag that a message or a hint names exists", async () => {
  const known = new Set(FOREIGN);
  for (const page of everyPage(CATALOG)) {
    for (const { name } of page.options) known.add(name);
  }
  const unknown: string[] = [];
  let seen = 0;
  for await (const { path } of walk(LIB, { exts: [".ts"], skip: [SKIPPED] })) {
    for (const flag of flagsIn(await Deno.readTextFile(path))) {
      seen++;
      if (!known.has(flag)) {
        unknown.push(`${path.slice(LIB.length)}: --${flag}`);
      }
    }
  }
  assertEquals(unknown, []);
  assertEquals(seen > 50, true, "the texts were found");
});
