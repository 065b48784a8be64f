import { assert, assertEquals } from "@std/assert";
import { exists } from "@std/fs";
import { attackNames } from "./attacks/attack.ts";

const ROOT = new URL("../", import.meta.url);

/** The files that a document's tables name. */
function named(document: string): string[] {
  const rows = Deno.readTextFileSync(new URL(document, ROOT)).split("\n")
    .filter((line) => line.startsWith("|"));
  return rows.flatMap((row) =>
    [...row.matchAll(/`((?:lib|tests)\/[^`]*\.ts)`/g)].map(([, path]) => path)
  );
}

Deno.test("every test that a table of promises or costs names is there", async () => {
  const paths = ["SECURITY.md", "docs/threat_model.md"].flatMap(named);
  assert(paths.length > 20);
  const missing: string[] = [];
  for (const path of paths) {
    if (!await exists(new URL(path, ROOT))) missing.push(path);
  }
  assertEquals(missing, []);
  assert(attackNames().length > 5);
});
