import { assertEquals, assertThrows } from "@std/assert";
import { count, countUpTo, DECIMAL_U64, parseU64, PATH } from "./value_kind.ts";

const U64_MAX = 2n ** 64n - 1n;

Deno.test("parseU64 reads decimal and hexadecimal, blanks and a plus", () => {
  assertEquals(parseU64("42"), 42n);
  assertEquals(parseU64(" 0x2a "), 42n);
  assertEquals(parseU64("0X2A"), 42n);
  assertEquals(parseU64("+7"), 7n);
  assertEquals(parseU64("0x+2a"), 42n);
  assertEquals(parseU64(`${"0".repeat(30)}42`), 42n);
  assertEquals(parseU64("18446744073709551615"), 2n ** 64n - 1n);
});

Deno.test("parseU64 refuses what is no unsigned 64-bit number", () => {
  for (
    const text of ["", "-1", "1_0", "2a", "0x", "18446744073709551616", "1.0"]
  ) assertThrows(() => parseU64(text), RangeError);
});

Deno.test("count keeps to its bounds", () => {
  assertEquals(count(0, 16).parse("16"), 16);
  assertEquals(count(0, 16).parse("+4"), 4);
  for (const text of ["17", "-1", "0x1", "", " 4"]) {
    assertThrows(() => count(0, 16).parse(text), RangeError);
  }
});

Deno.test("countUpTo takes any number of 64 bits, and no more than it may", () => {
  const texts = ["0", "+4", "16", "17", "2305843009213693951", `${U64_MAX}`];
  assertEquals(texts.map(countUpTo(16).parse), [0, 4, 16, 16, 16, 16]);
  for (const text of [`${U64_MAX + 1n}`, "-1", "0x4", "", " 4", "x"]) {
    assertThrows(() => countUpTo(16).parse(text), RangeError);
  }
});

Deno.test("a decimal number of 64 bits is never hexadecimal", () => {
  assertEquals(DECIMAL_U64.parse(`${U64_MAX}`), U64_MAX);
  for (const text of ["0x1", "-1", "word", `${U64_MAX + 1n}`]) {
    assertThrows(() => DECIMAL_U64.parse(text), RangeError);
  }
});

Deno.test("a path is neither empty nor cut by a NUL", () => {
  assertEquals(PATH.parse("a b"), "a b");
  assertThrows(() => PATH.parse(""), RangeError);
  assertThrows(() => PATH.parse("a\0b"), RangeError);
});
