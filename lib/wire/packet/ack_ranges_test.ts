import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ACK_RANGES_MAX } from "../../limits.ts";
import { AckRanges } from "./ack_ranges.ts";

/** The numbers that the ranges hold, ascending. */
function numbers(ranges: AckRanges): number[] {
  const all: number[] = [];
  for (const { start, end } of ranges.ranges()) {
    for (let n = end; n >= start; n--) all.push(n);
  }
  return all.reverse();
}

Deno.test("AckRanges joins neighbours and lists the largest range first", () => {
  const received = new AckRanges();
  for (const number of [0, 1, 5, 3, 7, 6]) assert(received.add(number));
  assertEquals(received.ranges(), [
    { start: 5, end: 7 },
    { start: 3, end: 3 },
    { start: 0, end: 1 },
  ]);
  assert(received.add(4));
  assert(received.add(2));
  assertEquals(received.ranges(), [{ start: 0, end: 7 }]);
  assertEquals(received.largest, 7);
});

Deno.test("AckRanges starts with nothing to acknowledge", () => {
  const received = new AckRanges();
  assertEquals(received.largest, -1);
  assertEquals(received.length, 0);
  assert(!received.has(0));
});

Deno.test("AckRanges agrees with a set of numbers, in any order of arrival", () => {
  const arrivals = fc.array(fc.nat({ max: 60 }), { maxLength: 120 });
  fc.assert(fc.property(arrivals, (list) => {
    const received = new AckRanges();
    const model = new Set<number>();
    for (const number of list) {
      assertEquals(received.has(number), model.has(number));
      assertEquals(received.add(number), !model.has(number));
      model.add(number);
    }
    assertEquals(numbers(received), [...model].sort((a, b) => a - b));
    assertEquals(received.largest, Math.max(-1, ...list));
  }));
});

Deno.test("AckRanges never takes one number for new twice, whatever is dropped or forgotten", () => {
  const step = fc.oneof(
    fc.record({ add: fc.nat({ max: 200 }) }),
    fc.record({ forget: fc.nat({ max: 200 }) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const received = new AckRanges(4);
    const taken = new Set<number>();
    for (const step of steps) {
      if ("forget" in step) {
        received.forgetBelow(step.forget);
        assert(numbers(received).every((n) => n >= step.forget));
      } else if (received.add(step.add)) {
        assert(!taken.has(step.add));
        taken.add(step.add);
      }
      assert(received.length <= 4);
      assert(numbers(received).every((n) => taken.has(n)));
    }
  }));
});

Deno.test("AckRanges drops the oldest range when there are too many", () => {
  const received = new AckRanges();
  for (let i = 0; i <= ACK_RANGES_MAX; i++) received.add(2 * i);
  assertEquals(received.length, ACK_RANGES_MAX);
  assertEquals(received.floor, 1);
  assert(!received.add(0));
});

Deno.test("AckRanges with every slot taken refuses a number older than all of them", () => {
  const received = new AckRanges(2);
  received.add(10);
  received.add(20);
  assert(received.add(5)); // new, but there is no room to remember it
  assertEquals(numbers(received), [10, 20]);
  assert(!received.add(5));
});

Deno.test("AckRanges.forgetBelow cuts through a range", () => {
  const received = new AckRanges();
  for (let n = 0; n < 10; n++) received.add(n);
  received.forgetBelow(7);
  assertEquals(received.ranges(), [{ start: 7, end: 9 }]);
  received.forgetBelow(3);
  assertEquals(received.floor, 7);
  received.forgetBelow(10);
  assertEquals(received.largest, -1);
  assert(!received.add(9));
  assert(received.add(10));
});
