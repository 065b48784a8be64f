/** Several sources over simulated lines bring what the lines carry. */

import { assert, assertEquals } from "@std/assert";
import { fetchOverLines, type HolderLine } from "./testing/fetch_over_lines.ts";

const LINE = { mbit: 50, rttMs: 40 };
const COUNT = 16;

for (
  const [name, more, least] of [
    ["", [], 90],
    [" and one that lies", [{ ...LINE, how: "lies" }], 85],
    [" and one that stalls", [{ ...LINE, how: "stalls" }], 85],
    [" and one that leaves", [{ ...LINE, how: "leaves" }], 85],
  ] as const satisfies readonly [string, readonly HolderLine[], number][]
) {
  Deno.test(`two lines of 50 Mbit/s${name} bring at least ${least}`, async () => {
    const { mbit, sources } = await fetchOverLines(
      [LINE, LINE, ...more],
      COUNT,
    );
    assert(mbit >= least, `${mbit}`);
    const [one, two] = sources;
    assertEquals([one.failed, two.failed], [undefined, undefined]);
  });
}
