/** docs/performance.md has the figures of every link that is measured. */

import { assert, assertEquals } from "@std/assert";
import { RUNGS } from "../lib/wire/testing/rungs.ts";

const TEXT = await Deno.readTextFile(
  new URL("../docs/performance.md", import.meta.url),
);

/** The rows that `deno task bench:links` writes, without the head. */
function rowsOfLinks(): string[][] {
  const [, table = ""] = /<!-- bench:links -->(.*?)<!-- \/bench:links -->/s
    .exec(TEXT) ?? [];
  return table.split("\n").filter((line) => line.startsWith("| "))
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
}

Deno.test("docs/performance.md has a row for each link and control, and no other", () => {
  const [, , ...rows] = rowsOfLinks();
  const wanted = Object.values(RUNGS).flatMap(({ name }) => [
    `${name}, cubic`,
    `${name}, bbr`,
  ]);
  assertEquals(rows.map(([name, control]) => `${name}, ${control}`), wanted);
});

Deno.test("the figures of docs/performance.md are those of its columns", () => {
  const [head, , ...rows] = rowsOfLinks();
  const share = head.indexOf("Share %");
  for (const row of rows) {
    assertEquals(row.length, head.length, row[0]);
    const percent = Number(row[share]);
    assert(percent > 0 && percent <= 100, `${row[0]}: ${row[share]}`);
  }
});
