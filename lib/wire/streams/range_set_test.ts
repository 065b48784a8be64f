import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RangeSet } from "./range_set.ts";

const SPACE = 64;

Deno.test("RangeSet agrees with a plain set under any adds and removes", () => {
  const operation = fc.record({
    add: fc.boolean(),
    start: fc.nat(SPACE),
    length: fc.nat(16),
  });
  fc.assert(fc.property(fc.array(operation), (operations) => {
    const ranges = new RangeSet();
    const model = new Set<number>();
    for (const { add, start, length } of operations) {
      if (add) ranges.add(start, start + length);
      else ranges.remove(start, start + length);
      for (let i = start; i < start + length; i++) {
        if (add) model.add(i);
        else model.delete(i);
      }
    }
    const members: number[] = [];
    let previousEnd = -1;
    for (const [start, end] of ranges) {
      assertEquals(start > previousEnd, true, "ranges touch or overlap");
      assertEquals(end > start, true, "empty range");
      previousEnd = end;
      for (let i = start; i < end; i++) members.push(i);
    }
    assertEquals(members, [...model].sort((a, b) => a - b));
  }));
});

Deno.test("shift takes the lowest bytes first", () => {
  const ranges = new RangeSet();
  ranges.add(10, 20);
  ranges.add(0, 5);
  assertEquals(ranges.shift(3), { start: 0, length: 3 });
  assertEquals(ranges.shift(100), { start: 3, length: 2 });
  assertEquals(ranges.shift(100), { start: 10, length: 10 });
  assertEquals(ranges.shift(100), undefined);
});

Deno.test("takeThrough moves a prefix over the lowest range", () => {
  const ranges = new RangeSet();
  ranges.add(5, 9);
  assertEquals(ranges.takeThrough(4), 4);
  assertEquals(ranges.takeThrough(5), 9);
  assertEquals(ranges.length, 0);
});
