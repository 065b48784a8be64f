import { assertEquals, assertThrows } from "@std/assert";
import { parseHex32 } from "./hex32.ts";

Deno.test("parseHex32 reads 64 digits of either case behind 0x", () => {
  const bytes = new Uint8Array(32).fill(0xab);
  for (const prefix of ["", "0x", "0X", " 0x0x0X"]) {
    assertEquals(parseHex32(`${prefix}${"aB".repeat(32)} `), bytes);
  }
});

Deno.test("parseHex32 refuses other lengths and other characters", () => {
  assertThrows(() => parseHex32("ab"), RangeError, "got 2");
  assertThrows(() => parseHex32("zz".repeat(32)), RangeError, "no hexadecimal");
});
