/**
 * Every row, through the program in processes of its own. A row that says
 * `same` fails when we differ from the reference; any other fails when we no
 * longer differ as it says.
 *
 * @module
 */

import { assertEquals, assertNotEquals } from "@std/assert";
import { CONTRACT, UNREACHED_CODES } from "./contract.ts";
import { Fixture, lookAtAll } from "./fixture.ts";
import { Skipped } from "./row.ts";
import { ROWS } from "./rows.ts";

Deno.test("a row is named once, and says why when it differs", () => {
  const ids = ROWS.map(({ id }) => id);
  assertEquals(ids, [...new Set(ids)]);
  for (const { id, expected, reference, ours, reason } of ROWS) {
    assertEquals(ours !== undefined, expected !== "same", id);
    assertEquals(reason !== undefined, expected !== "same", id);
    if (ours !== undefined) assertNotEquals(ours, reference, id);
  }
});

Deno.test("every behaviour of the reference has rows, and every row a behaviour", () => {
  const ids = new Set(ROWS.map(({ id }) => id));
  const named = CONTRACT.flatMap(({ rows }) => rows);
  for (const { behaviour, rows } of CONTRACT) {
    assertNotEquals(rows.length, 0, behaviour);
    assertEquals(rows.filter((id) => !ids.has(id)), [], behaviour);
  }
  assertEquals([...ids].filter((id) => !named.includes(id)), []);
});

Deno.test("every exit code of the reference is a row's, or said to be out of reach", () => {
  const codes = new Set(
    ROWS.flatMap(({ reference, ours }) => [reference.code, ours?.code])
      .filter((code) => typeof code === "number"),
  );
  const unreached = Object.keys(UNREACHED_CODES).map(Number);
  assertEquals(unreached.filter((code) => codes.has(code)), []);
  assertEquals(
    [...codes, ...unreached].sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 17, 18, 19, 101, 130, 143],
  );
});

Deno.test({
  name:
    "the program does what the reference does, or what its row says instead",
  ignore: Deno.build.os === "windows",
  async fn(t) {
    await using fixture = await Fixture.start();
    const observed = await lookAtAll(
      fixture,
      ROWS.map((row) => (place) => row.run(place)),
    );
    for (const [at, row] of ROWS.entries()) {
      const found = observed[at];
      const skipped = found instanceof Skipped;
      if (skipped) console.warn(`${row.id} skipped: ${found.message}`);
      await t.step({
        name: `${row.id}: ${row.description}`,
        ignore: skipped,
        fn: () => assertEquals(found, row.ours ?? row.reference, row.source),
      });
    }
  },
});
