import {
  assertEquals,
  assertMatch,
  assertObjectMatch,
  assertThrows,
} from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import jsrImports from "../../jsr.imports.json" with { type: "json" };
import { preparePackage, swapImports } from "../../scripts/publish.ts";
import { test } from "../support/cli.ts";

Deno.test("swapImports replaces what is listed and leaves the rest", () => {
  const before = { name: "x", imports: { a: "npm:a@1", b: "npm:b@1" } };
  assertEquals(swapImports(before, { a: "jsr:@a/a@^1" }), {
    name: "x",
    imports: { a: "jsr:@a/a@^1", b: "npm:b@1" },
  });
  assertEquals(before.imports.a, "npm:a@1");
});

Deno.test("swapImports refuses what is not imported", () => {
  assertThrows(
    () => swapImports({ imports: {} }, { a: "jsr:@a/a@^1" }),
    Error,
    "does not import a",
  );
});

Deno.test("every standard library import is published from jsr", () => {
  const standard = Object.keys(config.imports).filter((specifier) =>
    specifier.startsWith("@std/")
  );
  assertEquals(Object.keys(jsrImports).sort(), standard.sort());
  for (const [specifier, target] of Object.entries(jsrImports)) {
    const [, name, path = ""] = /^@std\/([a-z-]+)(\/.+)?$/.exec(specifier) ??
      [];
    assertMatch(target, /^jsr:/);
    assertEquals(target, `jsr:@std/${name}@^1${path}`);
  }
});

test("preparePackage writes the committed package with other imports", async (dir) => {
  await preparePackage(dir.path);
  const prepared: typeof config = JSON.parse(
    await Deno.readTextFile(dir.at("deno.json")),
  );
  assertEquals(prepared.name, config.name);
  assertObjectMatch(prepared.imports, jsrImports);
  assertEquals((await Deno.stat(dir.at("mod.ts"))).isFile, true);
});
