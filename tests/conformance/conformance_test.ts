/**
 * Every row, through the program in processes of its own. A row that says
 * `same` fails when we differ from the reference; any other fails when we no
 * longer differ as it says.
 *
 * @module
 */

import { assertEquals, assertNotEquals } from "@std/assert";
import { ATOMICITY_ROWS } from "./atomicity.ts";
import { BLOB_ROWS } from "./blob.ts";
import { DIR_ROWS } from "./dir.ts";
import { EXIT_CODE_ROWS } from "./exit_codes.ts";
import { Fixture } from "./fixture.ts";
import type { Row } from "./row.ts";

const ROWS: readonly Row[] = [
  ...BLOB_ROWS,
  ...DIR_ROWS,
  ...EXIT_CODE_ROWS,
  ...ATOMICITY_ROWS,
];

Deno.test("a row is named once, and says why when it differs", () => {
  const ids = ROWS.map(({ id }) => id);
  assertEquals(ids, [...new Set(ids)]);
  for (const { id, expected, reference, ours, reason } of ROWS) {
    assertEquals(ours !== undefined, expected !== "same", id);
    assertEquals(reason !== undefined, expected !== "same", id);
    if (ours !== undefined) assertNotEquals(ours, reference, id);
  }
});

Deno.test({
  name:
    "the program does what the reference does, or what its row says instead",
  ignore: Deno.build.os === "windows",
  async fn(t) {
    await using fixture = await Fixture.start();
    for (const row of ROWS) {
      await t.step(`${row.id}: ${row.description}`, async () => {
        const found = await fixture.withPlace((place) => row.run(place));
        assertEquals(found, row.ours ?? row.reference, row.source);
      });
    }
  },
});
