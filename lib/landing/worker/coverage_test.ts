import { assertEquals } from "@std/assert";
import { Coverage } from "./coverage.ts";

Deno.test("Coverage finds the first byte that was not written", () => {
  const coverage = new Coverage();
  assertEquals(coverage.firstGap(0), undefined);
  assertEquals(coverage.firstGap(1), 0);
  coverage.add(10, 5);
  coverage.add(2, 3);
  assertEquals(coverage.firstGap(15), 0);
  coverage.add(0, 2);
  assertEquals(coverage.firstGap(15), 5);
  coverage.add(5, 5);
  assertEquals(coverage.firstGap(15), undefined);
  assertEquals(coverage.firstGap(16), 15);
});

Deno.test("Coverage counts a range once however often it is written", () => {
  const coverage = new Coverage();
  coverage.add(0, 4);
  coverage.add(0, 4);
  assertEquals([coverage.has(0, 4), coverage.has(0, 3)], [true, false]);
  assertEquals(coverage.isWhole(5), false);
  coverage.add(6, 1);
  assertEquals(coverage.isWhole(5), false);
  coverage.add(4, 2);
  assertEquals([5, 7, 8].map((size) => coverage.isWhole(size)), [
    true,
    true,
    false,
  ]);
});
