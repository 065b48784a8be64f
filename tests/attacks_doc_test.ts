import { assert, assertEquals } from "@std/assert";
import { exists } from "@std/fs";
import { attackNames } from "./attacks/attack.ts";

const ROOT = new URL("../", import.meta.url);

/** The rows of a document's tables, cell by cell, by the head of the table. */
function tables(document: string): Map<string, string[][]> {
  const found = new Map<string, string[][]>();
  let rows: string[][] | undefined;
  for (
    const line of Deno.readTextFileSync(new URL(document, ROOT)).split("\n")
  ) {
    if (!line.startsWith("|")) {
      rows = undefined;
      continue;
    }
    const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
    if (rows === undefined) found.set(cells.join(" | "), rows = []);
    else if (!/^-+$/.test(cells[0])) rows.push(cells);
  }
  return found;
}

/** The files that a cell names. */
function named(cell: string): string[] {
  return [...cell.matchAll(/`((?:lib|tests)\/[^`]*\.ts)`/g)]
    .map(([, path]) => path);
}

/** One table of SECURITY.md. */
function table(head: string): string[][] {
  const rows = tables("SECURITY.md").get(head);
  if (rows === undefined) throw new Error(`SECURITY.md has no table ${head}`);
  return rows;
}

const PROMISES = "Somebody who … | can | cannot";
const LOAD = "Who sends | costs the node";
const TESTS = [
  { of: PROMISES, by: "Row | Shown by" },
  { of: LOAD, by: "Who sends | Shown by" },
];
const RIVALS = "Found in | Class | Shown by";

Deno.test("every test that a table of promises or costs names is there", async () => {
  const paths = ["SECURITY.md", "docs/threat_model.md"].flatMap((document) =>
    [...tables(document).values()].flat(2).flatMap(named)
  );
  assert(paths.length > 20);
  const missing: string[] = [];
  for (const path of new Set(paths)) {
    if (!await exists(new URL(path, ROOT))) missing.push(path);
  }
  assertEquals(missing, []);
});

Deno.test("every promise and every bound on load has its test, and no other row is tested", () => {
  for (const { of, by } of TESTS) {
    const [promised, tested] = [of, by].map((head) =>
      table(head).map(([row]) => row)
    );
    assertEquals(tested, promised, by);
  }
});

Deno.test("every row of a table of tests names one", () => {
  const heads = [...TESTS.map(({ by }) => by), RIVALS];
  const without = heads.flatMap((head) =>
    table(head).filter((row) => named(row.at(-1)!).length === 0)
      .map(([row]) => row)
  );
  assertEquals(without, []);
});

Deno.test("every attack is named in a table of SECURITY.md", () => {
  const shown = new Set(
    [...tables("SECURITY.md").values()].flat(2).flatMap(named),
  );
  const names = attackNames();
  assert(names.length > 30);
  assertEquals(
    names.filter((name) => !shown.has(`tests/attacks/${name}.ts`)),
    [],
  );
});
