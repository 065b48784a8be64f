import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteHeap, Column } from "./columns.ts";

Deno.test("Column is a list of numbers, also beyond its first segments", () => {
  const column = new Column(Float64Array);
  for (let n = 0; n < 10_000; n++) column.push(n * 2 ** 33);
  column.set(4096, -1);
  assertEquals(column.length, 10_000);
  for (let n = 0; n < 10_000; n++) {
    assertEquals(column.get(n), n === 4096 ? -1 : n * 2 ** 33);
  }
});

Deno.test("ByteHeap gives back every string that was added", () => {
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.nat(65_533).map((length) => new Uint8Array(length).fill(length)),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 30 }), (strings) => {
      const heap = new ByteHeap();
      const positions = strings.map((bytes) => heap.add(bytes));
      assertEquals(positions.map((at) => heap.at(at)), strings);
    }),
    { numRuns: 50 },
  );
});

Deno.test("ByteHeap refuses a string that no segment holds", () => {
  assertThrows(() => new ByteHeap().add(new Uint8Array(65_534)), RangeError);
});
