import { assertEquals, assertThrows } from "@std/assert";
import { count, parseU64, PATH } from "./value_kind.ts";

Deno.test("parseU64 reads decimal and hexadecimal, blanks and a plus", () => {
  assertEquals(parseU64("42"), 42n);
  assertEquals(parseU64(" 0x2a "), 42n);
  assertEquals(parseU64("0X2A"), 42n);
  assertEquals(parseU64("+7"), 7n);
  assertEquals(parseU64("18446744073709551615"), 2n ** 64n - 1n);
});

Deno.test("parseU64 refuses what is no unsigned 64-bit number", () => {
  for (
    const text of ["", "-1", "1_0", "2a", "0x", "18446744073709551616", "1.0"]
  ) assertThrows(() => parseU64(text), RangeError);
});

Deno.test("count keeps to its bounds", () => {
  assertEquals(count(0, 16).parse("16"), 16);
  for (const text of ["17", "-1", "0x1", ""]) {
    assertThrows(() => count(0, 16).parse(text), RangeError);
  }
});

Deno.test("a path is neither empty nor cut by a NUL", () => {
  assertEquals(PATH.parse("a b"), "a b");
  assertThrows(() => PATH.parse(""), RangeError);
  assertThrows(() => PATH.parse("a\0b"), RangeError);
});
