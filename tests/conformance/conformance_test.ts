/**
 * Every row, through the program in processes of its own. A row fails when we
 * differ from the reference, or no longer differ as it says.
 */

import { assertEquals, assertNotEquals } from "@std/assert";
import { onWindows, unless } from "../support/unless.ts";
import { CONTRACT, UNREACHED_CODES } from "./contract.ts";
import { Fixture, lookAtAll } from "./fixture.ts";
import { ROWS } from "./rows.ts";

const IDS = ROWS.map(([id]) => id);

Deno.test("a row is named once, and says why when it differs", () => {
  assertEquals(IDS, [...new Set(IDS)]);
  for (const [id, { reference, ours, reason }] of ROWS) {
    assertEquals(ours !== undefined, reason !== undefined, id);
    if (ours !== undefined) assertNotEquals(ours, reference, id);
  }
});

Deno.test("every behaviour of the reference has rows, and every row a behaviour", () => {
  for (const { behaviour, rows } of CONTRACT) {
    assertNotEquals(rows.length, 0, behaviour);
    assertEquals(rows.filter((id) => !IDS.includes(id)), [], behaviour);
  }
  const named = CONTRACT.flatMap(({ rows }) => rows);
  assertEquals(IDS.filter((id) => !named.includes(id)), []);
});

Deno.test("every exit code of the reference is a row's, or said to be out of reach", () => {
  const codes = new Set(
    ROWS.flatMap(([, { reference, ours }]) => [reference.code, ours?.code])
      .filter((code) => typeof code === "number"),
  );
  const unreached = Object.keys(UNREACHED_CODES).map(Number);
  assertEquals(unreached.filter((code) => codes.has(code)), []);
  assertEquals(
    [...codes, ...unreached].sort((a, b) => a - b),
    [-6, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 17, 18, 19, 130, 143],
  );
});

Deno.test({
  ...unless(
    onWindows,
    "the program does what the reference does, or what its row says instead",
  ),
  async fn(t) {
    await using fixture = await Fixture.start();
    await lookAtAll(
      t,
      fixture,
      ROWS.map(([id, row]) => ({
        name: `${id}: ${row.description}`,
        look: (place) => row.run(place),
        expect: (found) =>
          assertEquals(found, row.ours ?? row.reference, row.source),
      })),
    );
  },
});
