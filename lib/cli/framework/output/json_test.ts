import { assertEquals, assertThrows } from "@std/assert";
import { formatJson } from "./json.ts";
import { Float } from "./report.ts";

Deno.test("formatJson keeps 64-bit integers exact and floats fractional", () => {
  assertEquals(formatJson(2305843009213693953n), "2305843009213693953");
  assertEquals(formatJson(new Float(0)), "0.0");
  assertEquals(formatJson(new Float(12)), "12.0");
  assertEquals(formatJson(new Float(1e-7)), "1.0e-7");
  assertEquals(formatJson(new Float(-1.5e300)), "-1.5e+300");
});

Deno.test("formatJson refuses a number that would not be exact", () => {
  assertThrows(() => formatJson(0.5), RangeError);
  assertThrows(() => formatJson(2 ** 60), RangeError);
  assertThrows(() => formatJson(new Float(Infinity)), RangeError);
});
