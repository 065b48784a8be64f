import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ACK_RANGES_MAX } from "../../limits.ts";
import { AckRanges } from "./ack_ranges.ts";

function received(numbers: readonly number[], limit?: number): AckRanges {
  const ranges = new AckRanges(limit);
  for (const number of numbers) ranges.add(number);
  return ranges;
}

/** The numbers in the ranges, ascending. */
function numbers(ranges: AckRanges): number[] {
  return ranges.ranges().toReversed().flatMap(({ start, end }) =>
    Array.from({ length: end - start + 1 }, (_, i) => start + i)
  );
}

Deno.test("AckRanges joins neighbours and lists the largest range first", () => {
  const ranges = received([0, 1, 5, 3, 7, 6]);
  assertEquals(ranges.ranges(), [
    { start: 5, end: 7 },
    { start: 3, end: 3 },
    { start: 0, end: 1 },
  ]);
  for (const number of [4, 2]) ranges.add(number);
  assertEquals(ranges.ranges(), [{ start: 0, end: 7 }]);
  assertEquals(ranges.largest, 7);
});

Deno.test("AckRanges agrees with a set of numbers, in any order of arrival", () => {
  const arrivals = fc.array(fc.nat({ max: 60 }), { maxLength: 120 });
  fc.assert(fc.property(arrivals, (list) => {
    const ranges = received(list);
    const sorted = [...new Set(list)].sort((a, b) => a - b);
    assertEquals(numbers(ranges), sorted);
    assertEquals(ranges.largest, Math.max(-1, ...list));
    ranges.ranges().slice(1).forEach(({ end }, i) =>
      assertEquals(end + 1 < ranges.ranges()[i].start, true, "they touch")
    );
  }));
});

Deno.test("AckRanges acknowledges nothing again that was dropped or forgotten", () => {
  const step = fc.oneof(
    fc.record({ add: fc.nat({ max: 200 }) }),
    fc.record({ forget: fc.nat({ max: 200 }) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const ranges = new AckRanges(4);
    let model: number[] = [];
    let gone = 0;
    for (const step of steps) {
      if ("forget" in step) {
        ranges.forgetBelow(step.forget);
        gone = Math.max(gone, step.forget);
      } else {
        ranges.add(step.add);
        if (step.add >= gone) model.push(step.add);
        const starts = [...new Set(model)].filter((n) =>
          n >= gone && !model.includes(n - 1)
        ).sort((a, b) => b - a);
        // Of five ranges the oldest goes, and with it all that is below the next.
        if (starts.length > 4) {
          gone = 1 + Math.max(...model.filter((n) => n < starts[3]));
        }
      }
      model = model.filter((n) => n >= gone);
      assertEquals(numbers(ranges), [...new Set(model)].sort((a, b) => a - b));
    }
  }));
});

Deno.test("AckRanges drops the oldest range when there are too many", () => {
  const all = Array.from({ length: ACK_RANGES_MAX + 1 }, (_, i) => 2 * i);
  assertEquals(numbers(received(all)), all.slice(1));
  // An older number than all has no room, and none later either.
  const full = received([10, 20, 5, 11, 12, 13, 14, 15, 16, 17, 18, 19], 2);
  assertEquals(full.ranges(), [{ start: 10, end: 20 }]);
  full.add(5);
  assertEquals(full.ranges(), [{ start: 10, end: 20 }]);
});

Deno.test("AckRanges.forgetBelow cuts through a range", () => {
  const ranges = received([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  ranges.forgetBelow(7);
  assertEquals(numbers(ranges), [7, 8, 9]);
  ranges.forgetBelow(3);
  assertEquals(numbers(ranges), [7, 8, 9]);
  ranges.forgetBelow(9);
  assertEquals(numbers(ranges), [9], "the end of a range stays");
  ranges.forgetBelow(10);
  assertEquals(ranges.largest, -1);
  for (const number of [9, 10]) ranges.add(number);
  assertEquals(numbers(ranges), [10]);
});
